"""The requirement files fit the code: nothing imported is missing, nothing pinned is idle, nothing heavy slipped in."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.markers import Marker

from tests.test_layout import ROOMS, tree_of

ROOT = Path(__file__).resolve().parent.parent

#: Where a package is imported under another name than the one it is installed by.
IMPORT_NAMES = {
    "imageio-ffmpeg": "imageio_ffmpeg",
    "opencv-contrib-python": "cv2",
    "pillow": "PIL",
    "pillow-heif": "pillow_heif",
    "face-alignment": "face_alignment",
    "bootstrap-flask": "flask_bootstrap",
    "flask-babel": "flask_babel",
    "flask-wtf": "flask_wtf",
    "swift-f0": "swift_f0",
    "prometheus-client": "prometheus_client",
    "axe-playwright-python": "axe_playwright_python",
    "openapi-spec-validator": "openapi_spec_validator",
    "argon2-cffi": "argon2",
    "c2pa-python": "c2pa",
    "cyclonedx-python-lib": "cyclonedx",
    "flask-limiter": "flask_limiter",
    "flask-login": "flask_login",
    "kubernetes-validate": "kubernetes_validate",
    "opentelemetry-sdk": "opentelemetry",
    "pyyaml": "yaml",
}
#: Tools of the project's own makers, which need what the tests need.
NEEDS_THE_TESTS_PACKAGES = (
    "benchmarks/page_state.py",
    "benchmarks/page_states.py",
    "benchmarks/trust_states.py",
    "benchmarks/photographs.py",
    "benchmarks/screenshots.py",
    "benchmarks/wizard_walk.py",
    "benchmarks/page_figures.py",
    "benchmarks/live_transport/browser.py",
    "benchmarks/live_driving.py",
    "benchmarks/talk_page.py",
    "benchmarks/whole_way.py",
    "benchmarks/storage.py",
    "benchmarks/capacity/model.py",
)
#: What the owner named, and where each has its place; the README says why.
NAMED_BY_OWNER = (
    "flask",
    "bootstrap-flask",
    "torch",
    "torchvision",
    "face-alignment",
    "gfpgan",
    "basicsr",
    "librosa",
    "imageio-ffmpeg",
    "spleeter",
)
#: Brought by whoever chooses by a setting what needs them; where they are missing, a sentence with the command says so.
BY_SETTING = {"xllamacpp": "live/conversation/local_mind.py"}
#: What asks for packages of requirements-scale.in, each with a sentence where they lack.
OF_MANY_MACHINES = ("core/watching/traces.py", "pipeline/chunks/film.py", "pipeline/chunks/ray_hands.py")
#: Asked for by name only so that what else is installed finds a version that it can use.
HELD_BACK = {"python-dateutil"}
TOO_HEAVY_FOR_DEFAULT = {"torch", "torchvision", "tensorflow", "tensorflow-cpu", "jax", "spleeter", "basicsr", "gfpgan"}


def names_in(file_name):
    """Names of the packages that a .in or .txt file asks for."""
    lines = (ROOT / file_name).read_text(encoding="utf-8").splitlines()
    return [match[0].lower() for line in lines if (match := re.match(r"[A-Za-z][A-Za-z0-9._-]*", line))]


def pins_in(file_name):
    """{(name, marker): version} of a lock file."""
    text = (ROOT / file_name).read_text(encoding="utf-8")
    rows = re.findall(r"^([a-z0-9-]+)==([^\s;\\]+)(?: ; ([^\\\n]+?))?\s*\\?$", text, re.MULTILINE)
    return {(name, marker): version for name, version, marker in rows}


def imported_packages(*rooms, leave_out=()):
    """First parts of all absolute imports below the rooms, lazy ones included, without our own and the standard library."""
    found = set()
    for path in [
        path for room in rooms for path in (ROOT / room).rglob("*.py") if path.relative_to(ROOT).as_posix() not in leave_out
    ]:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - set(ROOMS) - {"_typeshed"}  # which is there for the check of types alone


@pytest.mark.slow
def test_every_import_of_the_product_is_required():
    allowed = {
        IMPORT_NAMES.get(name, name)
        for name in names_in("requirements.in") + names_in("requirements-neural.in") + names_in("requirements-training.in")
    }
    leave_out = (*NEEDS_THE_TESTS_PACKAGES, *BY_SETTING.values(), *OF_MANY_MACHINES)
    assert imported_packages(*ROOMS, leave_out=leave_out) <= allowed


@pytest.mark.parametrize(("package", "module"), BY_SETTING.items())
def test_what_comes_by_setting_is_asked_for_in_one_place_that_says_what_brings_it(package, module):
    handlers = [node for node in ast.walk(tree_of(ROOT / module)) if isinstance(node, ast.Try)]
    (tried,) = [node for node in handlers if f"import {package}" in map(ast.unparse, node.body)]
    assert "ImportError" in ast.unparse(tried.handlers[0]) and "MissingError" in ast.unparse(tried.handlers[0])


@pytest.mark.slow
def test_every_default_requirement_is_imported():
    asked = set(names_in("requirements.in")) - HELD_BACK
    assert {IMPORT_NAMES.get(name, name) for name in asked} <= imported_packages(*ROOMS)


@pytest.mark.slow
def test_tests_import_nothing_that_is_not_installed_for_them():
    stems = ("requirements", "requirements-test", "requirements-neural", "requirements-training", "requirements-scale")
    files = [f"{stem}.in" for stem in stems]
    allowed = {IMPORT_NAMES.get(name, name) for file in files for name in names_in(file)}
    made_elsewhere = ("tests/speech/styletts2/make_parity.py",)  # by a program that is no part of this one
    assert imported_packages("tests", leave_out=made_elsewhere) - {"tests"} <= allowed


@pytest.mark.parametrize(
    "stem", ["requirements", "requirements-test", "requirements-neural", "requirements-training", "requirements-scale"]
)
def test_lock_pins_what_is_asked_for(stem):
    pinned = {name for name, _ in pins_in(f"{stem}.txt")}
    assert set(names_in(f"{stem}.in")) <= pinned
    assert set(names_in(f"{stem}.txt")) == pinned, "a line of the lock is not an exact pin"


@pytest.mark.parametrize("stem", ["requirements", "requirements-test", "requirements-scale"])
def test_every_pin_has_hashes(stem):
    text = (ROOT / f"{stem}.txt").read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9])", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE), flags=re.MULTILINE)
    assert [entry.split()[0] for entry in entries if entry.strip() and "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize(
    "stem", ["requirements", "requirements-test", "requirements-neural", "requirements-training", "requirements-scale"]
)
def test_lock_names_no_index_and_no_path(stem):
    text = (ROOT / f"{stem}.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|--index-url|--extra-index-url|--find-links", text)


def test_nothing_heavy_is_installed_by_default():
    assert not TOO_HEAVY_FOR_DEFAULT & {name for name, _ in pins_in("requirements.txt")}


def test_nothing_that_compiles_itself_on_first_use_is_installed_by_default():
    """Numba's only user in a film is our own code, which is compiled at installation."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    users = re.search(r"^numba==(?:.|\n)*?# via\s+(.*(?:\n    #   .*)*)", text, re.MULTILINE)[1]
    assert users.split() == ["-r", "requirements.in"]


@pytest.mark.parametrize(
    "other", ["requirements-test.txt", "requirements-neural.txt", "requirements-training.txt", "requirements-scale.txt"]
)
def test_locks_agree_with_each_other(other):
    default, pins = pins_in("requirements.txt"), pins_in(other)
    assert {key: version for key, version in pins.items() if key in default} == {
        key: default[key] for key in pins if key in default
    }


@pytest.mark.parametrize("stem", ["requirements-neural", "requirements-training"])
def test_locks_leave_torchs_own_libraries_and_the_second_opencv_out(stem):
    names = {name for name, _ in pins_in(f"{stem}.txt")}
    assert not {name for name in names if name.startswith(("nvidia-", "cuda-", "triton", "opencv-"))}


def test_readme_gives_each_named_package_its_place():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = {
        row[0]: row
        for line in readme.splitlines()
        if (row := re.findall(r"`([^`]+)`", line.split("|")[1] if "|" in line else ""))
    }
    assert [name for name in NAMED_BY_OWNER if name not in rows] == []


PYTHONS = ("3.11", "3.12", "3.13")


def test_python_versions_are_the_same_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["requires-python"] == ">=3.11,<3.14"
    assert all(version in (ROOT / "README.md").read_text(encoding="utf-8") for version in PYTHONS)
    assert "(3, 11) <= sys.version_info[:2] <= (3, 13)" in (ROOT / "Makefile").read_text(encoding="utf-8")


def holds(marker, version):
    """Whether a lock's line is for that Python on this system."""
    values = {"python_version": version, "python_full_version": f"{version}.9"}
    return not marker or Marker(marker).evaluate(values)


@pytest.mark.parametrize(
    "stem", ["requirements", "requirements-test", "requirements-neural", "requirements-training", "requirements-scale"]
)
@pytest.mark.parametrize("version", PYTHONS)
def test_one_lock_pins_each_package_once_for_every_python(stem, version):
    names = [name for (name, marker) in pins_in(f"{stem}.txt") if holds(marker, version)]
    assert len(names) == len(set(names)), "two pins of one package for the same Python"
    assert set(names_in(f"{stem}.in")) <= set(names), "a package that this Python would lack"
