"""What a project needs that others can join: one address for all pages, a licence, forms, and a check that the forge runs."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.test_requirements import PYTHONS

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ".ci/address.py"
PAGES = ("README.md", "CHANGELOG.md", "SECURITY.md", ".github/ISSUE_TEMPLATE/config.yml", "pyproject.toml", "colab_launch.ipynb")
ADDRESS = "https://github.com/some-choir/belcanto"
#: What pages say that know no address.
OLD_WORDS = ("OWNER", "Upload notebook", "belcanto.zip HEAD", "Write to whom you have the program from")


@pytest.fixture
def copy(tmp_path):
    """The pages that speak of the address, and the program that writes it."""
    for page in (*PAGES, SCRIPT):
        (tmp_path / page).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / page, tmp_path / page)
    return tmp_path


def set_address(folder, address):
    return subprocess.run([sys.executable, folder / SCRIPT, address], capture_output=True, text=True, timeout=60)


def texts(folder):
    return {page: (folder / page).read_text(encoding="utf-8") for page in PAGES}


def setting(folder):
    """The address that pyproject.toml holds, or an empty one."""
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project.get("urls", {}).get("Repository", "")


def test_one_command_fills_the_address_in_everywhere(copy):
    assert set_address(copy, f"{ADDRESS}.git/").returncode == 0
    pages = texts(copy)
    assert setting(copy) == ADDRESS
    assert f"(https://colab.research.google.com/github/{ADDRESS.removeprefix('https://github.com/')}/" in pages["README.md"]
    assert f'"REPOSITORY = \\"{ADDRESS}\\"' in pages["colab_launch.ipynb"]
    assert f"[Unreleased]: {ADDRESS}/" in pages["CHANGELOG.md"] and f"{ADDRESS}/security/" in pages["SECURITY.md"]
    assert f"url: {ADDRESS}/" in pages[".github/ISSUE_TEMPLATE/config.yml"]
    rest = {(page, word) for page, text in pages.items() for word in OLD_WORDS if word in text}
    assert not rest, "words of pages that know no address"


def test_another_address_leaves_nothing_of_the_first_and_none_leaves_nothing_of_any(copy):
    before = texts(copy)
    assert set_address(copy, ADDRESS).returncode == 0
    assert set_address(copy, "https://codeberg.org/another/voice").returncode == 0
    pages = texts(copy)
    assert not [page for page, text in pages.items() if "some-choir" in text]
    assert "Upload notebook" in pages["README.md"], "Colab opens notebooks of GitHub alone by their address"
    assert set_address(copy, "").returncode == 0 and setting(copy) == ""
    assert not [page for page, text in texts(copy).items() if "codeberg" in text]
    assert set_address(copy, setting(ROOT)).returncode == 0
    assert texts(copy) == before, "the pages of this checkout don't fit its own setting: run make address"


@pytest.mark.parametrize("wrong", ["belcanto", "http://example.org/a/b", "https://github.com/a b/c", 'https://a/b"\nx = "1'])
def test_what_is_no_address_changes_nothing(copy, wrong):
    before = texts(copy)
    run = set_address(copy, wrong)
    assert run.returncode == 2 and "is no address of a repository" in run.stderr
    assert texts(copy) == before


def test_no_page_holds_a_placeholder():
    named = [path for path in ROOT.iterdir() if path.suffix in (".md", ".ipynb", ".toml")]
    pages = [*named, *(ROOT / "docs").glob("*.md"), *(path for path in (ROOT / ".github").rglob("*") if path.is_file())]
    assert not [path.name for path in pages if re.search(r"OWNER|YOUR[-_ ]NAME|example\.com/", path.read_text(encoding="utf-8"))]


def test_the_licence_is_named_alike_and_excepts_the_demo_media():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith(f"{project['license']} License")
    readme = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Licence\n")[2]
    assert (
        re.search(r"Excepted are the demo's media", readme) and "non-commercial use" in (ROOT / "demo" / "CREDITS.md").read_text()
    )


def test_the_changelog_has_a_place_for_what_comes_and_says_what_versions_mean():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## \[Unreleased\]$", text, re.MULTILINE) and "MAJOR.MINOR.PATCH" in text
    assert set(re.findall(r"^### (\w+)$", text, re.MULTILINE)) <= {
        "Added",
        "Changed",
        "Deprecated",
        "Removed",
        "Fixed",
        "Security",
    }


def test_the_forge_runs_the_projects_own_check_on_every_python():
    text = (ROOT / ".github" / "workflows" / "check.yml").read_text(encoding="utf-8")
    assert tuple(re.findall(r'"(3\.\d+)"', re.search(r"^ +python: \[(.+)\]$", text, re.MULTILINE)[1])) == PYTHONS
    assert re.findall(r"^ +- run: (.+)$", text, re.MULTILINE) == [".ci/run"]


def test_hooks_before_a_commit_run_what_make_runs():
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    hooks = re.findall(r"entry: \.venv/bin/python -m (.+?)(?: --force-exclude)?$", text, re.MULTILINE)
    planned = subprocess.run(
        ["make", "-n", "lint", "types"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert len(hooks) == 3 and all(f"-m {hook}" in planned for hook in hooks)
    assert not re.search(r"^ +rev:", text, re.MULTILINE), "a hook from elsewhere would be another version than the lock's"
