"""Which Python `make` takes, in a folder with the Makefile alone and a path that holds only what the test puts there."""

from __future__ import annotations

import functools
import hashlib
import http.server
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import threading
from pathlib import Path

import pytest
from uv import find_uv_bin

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


def make_environment(house, *options, **environment):
    return subprocess.run(
        [str(house / "bin" / "make"), ".venv/pyvenv.cfg", *options],
        cwd=house,
        env={"PATH": str(house / "bin"), "HOME": str(house)} | environment,
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


@pytest.fixture
def mirror(tmp_path):
    """A server of Python's builds as uv looks for them: one, a copy of this test's Python; (address, requests)."""
    major, minor, patch = sys.version_info[:3]
    folder, build = tmp_path / "mirror", tmp_path / "build"
    (build / "bin").mkdir(parents=True)
    shutil.copy(Path(sys.executable).resolve(), build / "bin" / f"python{major}.{minor}")
    spared = shutil.ignore_patterns("test", "tests", "site-packages", "__pycache__", "idlelib", "config-*")
    shutil.copytree(sysconfig.get_path("stdlib"), build / "lib" / f"python{major}.{minor}", ignore=spared)
    folder.mkdir()
    with tarfile.open(folder / "build.tar.gz", "w:gz", compresslevel=1) as archive:
        archive.add(build, "python")
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, form, *values):
            asked.append(self.path)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=folder))
    address = f"http://127.0.0.1:{server.server_port}"
    what = {"name": "cpython", "arch": {"family": platform.machine(), "variant": None}, "os": "linux", "libc": "gnu"}
    what |= {"major": major, "minor": minor, "patch": patch, "prerelease": "", "variant": None, "build": "1"}
    what |= {"url": f"{address}/build.tar.gz", "sha256": hashlib.sha256((folder / "build.tar.gz").read_bytes()).hexdigest()}
    (folder / "list.json").write_text(json.dumps({f"cpython-{major}.{minor}.{patch}-linux-{platform.machine()}-gnu": what}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"{address}/list.json", asked
    server.shutdown()
    server.server_close()


@pytest.mark.skipif(sys.platform != "linux", reason="the server of builds has one for Linux")
def test_uv_brings_one_from_a_server_of_builds(house, mirror):
    """The real uv; only the server that it asks is this test's."""
    address, asked = mirror
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    (house / "bin" / "uv").symlink_to(find_uv_bin())
    run = make_environment(house, f"BROUGHT_PYTHON={version}", UV_PYTHON_DOWNLOADS_JSON_URL=address)
    assert run.returncode == 0, run.stderr
    assert "/build.tar.gz" in asked and f"Bringing Python {version} by uv" in run.stderr
    brought = [path for path in (house / ".python").glob(f"cpython-{version}*/bin/python{version}") if not path.is_symlink()]
    assert brought
    environment = house / ".venv" / "bin" / "python"
    told = subprocess.run([str(environment), "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == str(house / ".venv")


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
