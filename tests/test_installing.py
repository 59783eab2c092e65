"""The program installed as a wheel, in an environment of its own, called from a folder that is none of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tarfile
import urllib.request
import zipfile
from pathlib import Path

import pytest

from belcanto.__main__ import COMMANDS
from core.messages import filled, message
from core.places import HOUSE, NEURAL_PINS, call_of, compiled_home, data_home, install_anew, pip_install
from pipeline.__main__ import build_parser
from tests.test_layout import ROOMS
from tests.wordings import all_wordings
from weights.fetch import weights_dir

pytestmark = pytest.mark.long

INSTALLED = Path("/somewhere").joinpath(*HOUSE)
#: The files that say which packages it needs.
PARTS = ("requirements.in", "requirements-installed.in", "requirements-neural.in", "requirements-scale.in")
#: What is made in a checkout, or holds its model files, and is not copied.
MADE = ("uploads", "results", "build", "dist", "weights/files")
#: What stands for such things in the copy; none of it may be in the wheel.
LEFT_OVERS = ("weights/files/model.bin", "animators/mesh/__pycache__/raster.nbi", "build/lib/belcanto/house/core/gone.py")
#: Says that all is compiled already: how long compiling takes is no matter of these tests.
STAMP = (
    "import os; from belcanto.__main__ import enter; enter()\n"
    "from pipeline.prepare import *\n"
    "write_stamp(stamp_path(), fingerprint(kernel_sources(ROOT), os.environ), [])"
)
#: A look at a picture, in a child process.
LOOK = (
    "import sys; from pathlib import Path; from belcanto.__main__ import enter; enter()\n"
    "from pipeline.inspecting.inspection import inspect_picture\n"
    "print(len(inspect_picture(Path(sys.argv[1]), Path(sys.argv[2]), 10**8).faces))"
)


def test_data_lies_in_the_checkout_or_in_the_users_own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert data_home(tmp_path / "checkout") == tmp_path / "checkout" and compiled_home(tmp_path / "checkout") is None
    assert INSTALLED not in (data_home(INSTALLED), *data_home(INSTALLED).parents)
    if sys.platform == "linux":
        assert data_home(INSTALLED) == tmp_path / "belcanto"


def test_commands_are_named_as_they_are_typed_here():
    checkout = Path("/checkout")
    assert [call_of(name, checkout) for name in ("weights", "app.worker")] == ["python -m weights", "python -m app.worker"]
    assert [call_of(name, INSTALLED) for name in ("weights", "app.worker")] == ["belcanto weights", "belcanto worker"]
    assert pip_install("torch", NEURAL_PINS, checkout) == "pip install -c requirements-neural.txt torch"
    assert pip_install("torch", NEURAL_PINS, INSTALLED) == f"{sys.executable} -m pip install torch"
    assert install_anew(checkout) == "pip install -r requirements.txt"
    assert "requirements" not in install_anew(INSTALLED) and "pipx reinstall belcanto" in install_anew(INSTALLED)


def test_sentences_name_the_commands_of_an_installed_program(monkeypatch):
    """Whatever a sentence tells somebody to type reaches the installed program: no file of the checkout, no `python -m`."""
    monkeypatch.setattr("core.places.is_installed", lambda root=None: True)
    for code, wording in all_wordings().items():
        said = filled(wording.terminal, {}, str)
        assert "requirements" not in said and "python -m weights" not in said, code
    said = str(message("weights.no_such_weight", name="a", hint=""))
    assert said == "There is no weight called 'a'; `belcanto weights list` shows the names."
    assert f"`{sys.executable} -m pip install onnx` brings it" in str(message("separation.no_onnx"))
    assert "Run: pipx reinstall belcanto" in str(message("faces.no_mediapipe"))


def test_every_command_of_a_room_is_one_of_belcantos():
    of_pipeline = {words[0] for module, words, _ in COMMANDS.values() if module == "pipeline"}
    assert of_pipeline == set(build_parser()._subparsers._group_actions[0].choices)
    for name, (module, words, _) in COMMANDS.items():
        assert " ".join((call_of(module, INSTALLED), *words)) == f"belcanto {name}"


@pytest.fixture(scope="module")
def sources(root_dir, tmp_path_factory):
    """A copy of the checkout, with what is made in one and belongs into no release."""

    def left(within, names):
        place = Path(within).relative_to(root_dir)
        return {name for name in names if name[0] == "." or name == "__pycache__" or (place / name).as_posix() in MADE}

    folder = tmp_path_factory.mktemp("sources") / "checkout"
    shutil.copytree(root_dir, folder, ignore=left)
    for name in LEFT_OVERS:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


@pytest.fixture(scope="module")
def wheel(sources):
    """The wheel that `pip install .` makes of it, built without a network."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "-w", str(sources.parent), str(sources)], check=True, capture_output=True, timeout=300)
    return next(sources.parent.glob("*.whl"))


@pytest.fixture(scope="module")
def program(wheel, tmp_path_factory):
    """The folder of an environment with that wheel, which finds the packages of the tests' environment."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=120)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True, capture_output=True, timeout=300)
    places = json.loads(
        subprocess.check_output([python, "-c", "import json, sysconfig; print(json.dumps(sysconfig.get_paths()))"])
    )
    (Path(places["purelib"]) / "tests.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
    return python.parent, Path(places["purelib"])


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A folder to call it from, and a home whose data folder is empty; the model files are those that are here."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("BELCANTO_WEIGHTS_DIR", str(weights_dir().resolve()))
    for name in ("BELCANTO_CACHE_DIR", "BELCANTO_DATA_DIR", "NUMBA_CACHE_DIR", "PYTHONPATH"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / "elsewhere"


def call(program, folder, *words):
    return subprocess.run([program[0] / "belcanto", *words], cwd=folder, capture_output=True, text=True, timeout=300)


def files_below(folder):
    return {path.relative_to(folder) for path in folder.rglob("*")}


@pytest.mark.slow
def test_the_wheel_holds_the_house_and_no_package_of_a_plain_name(wheel, root_dir):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"belcanto"}
    house = {name.removeprefix("belcanto/house/") for name in names if name.startswith("belcanto/house/")}
    rooms = {room for room in ROOMS if (root_dir / room / "__init__.py").exists()} - {"benchmarks", "belcanto"}
    walks = (os.walk(root_dir / room, followlinks=True) for room in (*rooms, "templates", "static", "demo"))
    wanted = (Path(folder) / name for walk in walks for folder, _, names in walk for name in names)
    tracked = {path.relative_to(root_dir).as_posix() for path in wanted}
    tracked = {name for name in tracked if not re.search(r"__pycache__|^weights/files/|\.nb[ic]$|/\.", name)}
    assert house == tracked
    assert len(tracked) > 300 and "app/translations/de/LC_MESSAGES/messages.mo" in tracked


@pytest.mark.slow
def test_the_archive_of_sources_holds_what_the_wheel_is_made_of(wheel, sources):
    """Such an archive is what a release holds beside the wheel."""
    build = f"from setuptools import build_meta; build_meta.build_sdist({str(sources.parent)!r})"
    subprocess.run([sys.executable, "-c", build], cwd=sources, check=True, capture_output=True, timeout=120)
    with tarfile.open(next(sources.parent.glob("*.tar.gz"))) as archive:
        held = {member.name.partition("/")[2] for member in archive if member.isfile()}
    rooms = {name.removeprefix("belcanto/house/") for name in zipfile.ZipFile(wheel).namelist() if "/house/" in name}
    needed = {"setup.py", "pyproject.toml", "LICENSE", "README.md", "belcanto/__main__.py", *PARTS}
    assert rooms | needed <= held
    assert not {name for name in held - rooms - needed if "/" in name and not name.startswith("belcanto")}


@pytest.mark.slow
def test_it_asks_for_what_the_requirements_say(wheel, root_dir):
    package = zipfile.ZipFile(wheel)
    facts = package.read(next(name for name in package.namelist() if name.endswith("/METADATA"))).decode()
    asked = {line.partition(": ")[2].split(";")[0].strip() for line in facts.splitlines() if line.startswith("Requires-Dist")}
    for file in PARTS:
        lines = (root_dir / file).read_text(encoding="utf-8").splitlines()
        assert {line.partition("#")[0].strip() for line in lines if not line.startswith("#")} <= asked | {""}
    assert "License-Expression: MIT" in facts and "Provides-Extra: neural" in facts


@pytest.mark.slow
def test_the_commands_answer_from_another_folder(program, elsewhere, monkeypatch):
    before = files_below(program[1] / "belcanto")
    assert "\n  sing " in call(program, elsewhere, "--help").stdout
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", call(program, elsewhere, "--version").stdout)
    assert call(program, elsewhere, "sing", "--help").stdout.startswith("usage: belcanto sing ")
    unknown = call(program, elsewhere, "dance")
    assert unknown.returncode == 2 and "belcanto --help" in unknown.stderr
    wrong = call(program, elsewhere, "run", "--colour", "red")
    assert wrong.returncode == 2 and wrong.stderr.startswith("usage: belcanto run ")
    portrait = next((program[1] / "belcanto").rglob("portrait.jpg"))
    shutil.copy(portrait, elsewhere / "somebody.jpg")
    assert call(program, elsewhere, "faces", "--portrait", "somebody.jpg").returncode == 0
    look = [program[0] / "python", "-c", LOOK, elsewhere / "somebody.jpg", elsewhere / "small.jpg"]
    assert subprocess.run(look, cwd=elsewhere, capture_output=True, text=True, timeout=120, check=True).stdout == "1\n"
    monkeypatch.delenv("BELCANTO_WEIGHTS_DIR")
    assert json.loads(call(program, elsewhere, "weights", "list", "--json").stdout)["folder"] == str(
        elsewhere.parent / "share" / "belcanto" / "weights" / "files"
    )
    lacking = call(program, elsewhere, "weights", "verify", "modnet")
    assert lacking.returncode == 3 and "`belcanto weights fetch modnet`" in lacking.stderr
    assert files_below(program[1] / "belcanto") == before


def start(program, folder):
    return subprocess.Popen(
        [program[0] / "belcanto", "run", "--port", "0", "--no-worker"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def line_with(process, pattern):
    """The first line that it prints with the pattern; AssertionError with all lines where it ends without one."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        assert "RuntimeWarning" not in line
        if found := re.search(pattern, line):
            return found
    raise AssertionError("".join(lines))


@pytest.mark.slow
def test_the_first_start_compiles_and_later_ones_serve_with_the_data_in_the_users_folder(program, elsewhere):
    before = files_below(program[1] / "belcanto")
    first = start(program, elsewhere)
    try:
        line_with(first, "Compiling for this machine, once")
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
    subprocess.run([program[0] / "python", "-c", STAMP], cwd=elsewhere, check=True, timeout=60)
    server = start(program, elsewhere)
    try:
        address = line_with(server, r"http://127\.0\.0\.1:\d+/")[0]
        for page in ("healthz", "music", "static/css/belcanto.css"):
            with urllib.request.urlopen(address + page, timeout=30) as reply:
                assert reply.status == 200
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0
    home = elsewhere.parent / "share" / "belcanto"
    assert (home / "results" / "belcanto.sqlite3").exists() and (home / "uploads").is_dir() and (home / "compiled").is_dir()
    assert files_below(program[1] / "belcanto") == before and list(elsewhere.iterdir()) == []
