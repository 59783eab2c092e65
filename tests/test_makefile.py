"""Which Python `make` takes, in a folder with the Makefile alone and a path that holds only what the test puts there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

#: Programs that the recipes need besides Python.
TOOLS = ("sh", "make", "rm", "mkdir", "touch", "cat")
#: Stands for a Python of some version: it answers whether it is a good one, and makes an environment that says who made it.
PYTHON = """#!/bin/sh
case "$1" in
  -c) exit {bad} ;;
  -m) [ "$2" = venv ] || exit 1; mkdir -p "$3"; echo "{name}" > "$3/pyvenv.cfg" ;;
esac
"""
#: Stands for uv: brings the Python `brought`.
UV = """#!/bin/sh
echo "$@" >> "{log}"
[ "$2" != find ] || echo "{folder}/brought"
"""


def program(path, text):
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def house(root_dir, tmp_path):
    """A folder with the Makefile and a `bin` with the few tools."""
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))
    shutil.copy(root_dir / "Makefile", tmp_path)
    return tmp_path


def make_environment(house, *options):
    return subprocess.run(
        [str(house / "bin" / "make"), ".venv/pyvenv.cfg", *options],
        cwd=house,
        env={"PATH": str(house / "bin"), "HOME": str(house)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def maker(house):
    return (house / ".venv" / "pyvenv.cfg").read_text(encoding="utf-8").strip()


def test_the_newest_python_that_runs_is_taken(house):
    for name, bad in (("python3.13", 127), ("python3.12", 0), ("python3.11", 0)):  # the first is a name that runs nothing
        program(house / "bin" / name, PYTHON.format(name=name, bad=bad))
    run = make_environment(house)
    assert run.returncode == 0, run.stderr
    assert maker(house) == "python3.12"


def test_a_named_python_is_taken_alone(house):
    for name in ("python3.13", "python3.11"):
        program(house / "bin" / name, PYTHON.format(name=name, bad=0))
    assert make_environment(house, f"PYTHON={house / 'bin' / 'python3.11'}").returncode == 0
    assert maker(house) == "python3.11"


def test_where_there_is_none_uv_brings_one(house):
    program(house / "bin" / "python3", PYTHON.format(name="python3", bad=1))  # too old
    program(house / "bin" / "uv", UV.format(log=house / "log", folder=house))
    program(house / "brought", PYTHON.format(name="brought", bad=0))
    run = make_environment(house)
    assert run.returncode == 0, run.stderr
    assert maker(house) == "brought" and "by uv" in run.stderr
    assert (house / "log").read_text().startswith("python install ")


def test_without_python_and_uv_one_sentence_says_what_to_do(house):
    run = make_environment(house)
    assert run.returncode == 2 and "PYTHON=/path/to/python3.13" in run.stderr
    assert not (house / ".venv").exists()


def test_this_python_is_a_good_one(house):
    """It judges itself, and makes the environment; only pip, which takes it seconds, is left out of that."""
    words = f'[ "$1 $2" != "-m venv" ] || set -- "$@" --without-pip\nexec "{sys.executable}" "$@"\n'
    program(house / "this", "#!/bin/sh\n" + words)
    assert make_environment(house, f"PYTHON={house / 'this'}").returncode == 0 and os.path.lexists(house / ".venv" / "bin")


def test_the_projects_own_check_runs_what_make_test_runs(root_dir):
    """The workers and how files are dealt out stand in one place."""
    command = subprocess.run(["make", "test-command", "WORKERS=3"], cwd=root_dir, capture_output=True, text=True, check=True)
    assert command.stdout.split()[1:5] == ["-m", "pytest", "-n", "3"]
    planned = subprocess.run(["make", "-n", "test", "WORKERS=3"], cwd=root_dir, capture_output=True, text=True, check=True)
    assert planned.stdout.splitlines()[-1] == command.stdout.strip()
    check = (root_dir / ".ci" / "run").read_text(encoding="utf-8")
    assert "$(make test-command)" in check and "-m pytest" not in check
