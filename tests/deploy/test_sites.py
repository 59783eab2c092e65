"""docker-compose.yml and the objects of Kubernetes: valid, of one piece, and saying nothing that the program does not know."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from sqlalchemy import text

from app.__main__ import build_parser
from app.database import Database
from app.migrations.upgrade import upgrade
from app.models import new_id
from app.settings import AppSettings
from benchmarks.library_rows import Shelves
from tests.deploy.conftest import KUBERNETES, ROOT

#: Kinds whose schema is not Kubernetes' own.
FOREIGN = {"ScaledObject", "TriggerAuthentication"}
SCALER = "scaler_connection"


def settings_of(objects, compose):
    """Names of all settings that a site gives the program, and those of the images."""
    given = set(objects["ConfigMap", "belcanto"]["data"])
    for service in compose["services"].values():
        given |= set(service.get("environment", {}))
    for recipe in ("Dockerfile", "Dockerfile.cuda", "entry.sh"):
        given |= set(re.findall(r"BELCANTO_\w+", (ROOT / "deploy" / recipe).read_text()))
    return {name for name in given if name.startswith("BELCANTO_")} - {"BELCANTO_DOMAIN"}


def test_every_setting_is_one_of_the_program_s(objects, compose):
    readme = (ROOT / "README.md").read_text()
    known = set(re.findall(r"BELCANTO_\w+", readme))
    # the image's entry takes these from files of that name
    named = re.search(r"for name in (.+?); do", (ROOT / "deploy" / "entry.sh").read_text(), re.DOTALL)
    from_files = set(named[1].replace("\\", "").split())
    assert from_files <= known
    assert settings_of(objects, compose) - {f"{name}_FILE" for name in from_files} <= known


def programs_of(objects, compose):
    """The commands with which pages and workers begin, wherever."""
    yield from (service["command"] for service in compose["services"].values() if service.get("image") == "belcanto")
    for (kind, _), each in objects.items():
        if kind == "Deployment":
            yield from (one["args"] for one in each["spec"]["template"]["spec"]["containers"] if "belcanto" in one["image"])


def test_every_command_is_taken(objects, compose):
    commands = list(programs_of(objects, compose))
    assert len(commands) == 5
    for command in commands:
        assert command[:2] == ["python", "-m"]
        if command[2] == "app":
            assert build_parser().parse_args(command[3:]).no_worker
        else:
            assert command[2:] == ["app.worker"]


def test_compose_is_what_compose_takes():
    command = [Path(sys.executable).parent / "check-jsonschema", "--builtin-schema", "vendor.compose-spec"]
    said = subprocess.run([*command, ROOT / "docker-compose.yml"], capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr


def test_compose_names_what_it_has(compose, secrets):
    services, volumes = compose["services"], compose["volumes"]
    for name, service in services.items():
        assert set(service.get("depends_on", {})) <= set(services) - {name}
        assert set(service.get("secrets", [])) <= set(compose["secrets"])
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in volumes or (ROOT / source).exists(), source
    made = {path.name for path in secrets.iterdir()}
    assert {Path(each["file"]).name for each in compose["secrets"].values()} <= made
    assert "web:8000" in (ROOT / "deploy" / "Caddyfile").read_text() and "web" in services
    proxies = services["web"]["environment"]["BELCANTO_TRUSTED_PROXIES"]
    assert proxies == compose["networks"]["inside"]["ipam"]["config"][0]["subnet"]
    assert "ports" not in services["web"], "nobody comes in but over HTTPS"


def test_kubernetes_takes_its_objects(objects):
    for (kind, _), each in objects.items():
        if kind not in FOREIGN:
            kubernetes_validate.validate(each, "1.34", strict=True)
    broken = {**objects["Service", "web"], "spec": {"ports": [{"port": "http"}]}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, "1.34", strict=True)


def test_the_objects_name_each_other(objects, secrets):
    made = {path.name for path in secrets.iterdir()} | {SCALER}
    labelled = {each["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"] for each in of(objects, "Deployment")}
    for each in of(objects, "Deployment"):
        pod = each["spec"]["template"]["spec"]
        assert each["spec"]["selector"]["matchLabels"].items() <= each["spec"]["template"]["metadata"]["labels"].items()
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        for container in pod["containers"]:
            assert {mount["name"] for mount in container["volumeMounts"]} == set(volumes)
            assert all(("ConfigMap", name["configMapRef"]["name"]) in objects for name in container.get("envFrom", []))
            assert all(Path(one["value"]).name in made for one in container.get("env", []))
            assert container["securityContext"]["readOnlyRootFilesystem"] and pod["securityContext"]["runAsNonRoot"]
        claims = [one["persistentVolumeClaim"]["claimName"] for one in volumes.values() if "persistentVolumeClaim" in one]
        assert all(("PersistentVolumeClaim", claim) in objects for claim in claims)
    assert all(each["spec"]["selector"]["app.kubernetes.io/name"] in labelled for each in of(objects, "Service"))
    for each in of(objects, "ScaledObject"):
        assert ("Deployment", each["spec"]["scaleTargetRef"]["name"]) in objects
        assert "replicas" not in objects["Deployment", each["spec"]["scaleTargetRef"]["name"]]["spec"], "who scales says how many"
        for trigger in each["spec"]["triggers"]:
            authentication = objects["TriggerAuthentication", trigger["authenticationRef"]["name"]]
            assert {one["key"] for one in authentication["spec"]["secretTargetRef"]} <= made
    key_file = Path(objects["ConfigMap", "belcanto"]["data"]["BELCANTO_MASTER_KEY_FILE"])
    assert key_file.name in made and str(key_file.parent) in (KUBERNETES / "worker.yaml").read_text()


def of(objects, wanted):
    """All objects of a kind, at least one."""
    found = [each for (kind, _), each in objects.items() if kind == wanted]
    assert found
    return found


def test_the_queue_s_length_is_what_the_scaler_asks_for(objects, tmp_path):
    settings = AppSettings(data_dir=tmp_path)
    database = Database(settings)
    upgrade(database.engine, settings)
    queries = [trigger["metadata"]["query"] for each in of(objects, "ScaledObject") for trigger in each["spec"]["triggers"]]
    assert queries
    with database.session() as session:
        assert [session.scalar(text(query)) for query in queries] == [0] * len(queries)
        Shelves(session, settings, new_id()).fill(2)
        Shelves(session, settings, new_id()).wait(3)
        assert [session.scalar(text(query)) for query in queries] == [3] * len(queries)
    database.close()


def test_kustomize_renders_them():
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not installed")
    said = subprocess.run([kubectl, "kustomize", KUBERNETES], capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    rendered = list(yaml.safe_load_all(said.stdout))
    assert all(each["metadata"].get("namespace") == "belcanto" for each in rendered if each["kind"] != "Namespace")
