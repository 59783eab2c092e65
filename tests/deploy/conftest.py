"""What describes a site: the files of `deploy/` and docker-compose.yml, read once."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
KUBERNETES = ROOT / "deploy" / "kubernetes"


@pytest.fixture(scope="session")
def compose():
    """docker-compose.yml, its anchors resolved."""
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture(scope="session")
def objects():
    """All objects of Kubernetes: `{(kind, name): object}`."""
    named = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())["resources"]
    read = [each for name in named for each in yaml.safe_load_all((KUBERNETES / name).read_text())]
    return {(each["kind"], each["metadata"]["name"]): each for each in read}


@pytest.fixture(scope="session")
def secrets(tmp_path_factory):
    """The folder that deploy/secrets.sh fills."""
    folder = tmp_path_factory.mktemp("site") / "secrets"
    subprocess.run(["sh", ROOT / "deploy" / "secrets.sh", folder], check=True)
    return folder
