"""The house's rules that can be read off the sources: who imports whom, sizes, type hints, docstrings.

Every rule is also tried on a small wrong example, so that it is known to be able to fail.
"""

from __future__ import annotations

import ast
import os
import runpy
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
#: The rooms by step: a room imports only rooms of lower steps.
STEPS = runpy.run_path(str(ROOT / "docs" / "draw_rooms.py"))["PLAN"]
STEP_OF = {room: step for step, rooms in enumerate(STEPS, start=1) for room in rooms}
ROOMS = tuple(STEP_OF)
#: Rooms that hold one folder for each engine, which don't know one another; what engines share lies beside the folders.
ROOMS_OF_ENGINES = ("animators", "lipsync")
FUNCTION_LINES = 48
#: A compiled kernel is one nest of loops; calls inside it cost.
KERNEL_LINES = 80
MODULE_LINES = 330
#: Folders of tests that belong to no room: pages in a browser, additions from outside, the files by which it is served elsewhere,
#: faults of the machine, and the tests' own strength.
TESTS_OF_NO_ROOM = ("additions", "browser", "deploy", "faults", "mutations")
#: Folders of tests that gather what in their room lies in several: all that has to do with uploads.
TESTS_GATHERED = ("app/uploads",)


def sources(*rooms):
    return [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]


@cache
def tree_of(path):
    """A source as Python reads it: once for all tests that look at it, which must not change it."""
    text = path.read_text(encoding="utf-8")
    try:
        return ast.parse(text)
    except SystemError:  # Python 3.11 counts wrongly, now and then, how deep it is in a tree (cpython issue 106905)
        return ast.parse(text)


def module_name(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported_modules(tree, package):
    """Dotted names of all that a module imports, `from a import b` as both a and a.b, relative ones resolved."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join([*package.split(".")[: len(package.split(".")) - node.level + 1], base]).rstrip(".")
            yield from (f"{base}.{alias.name}" for alias in node.names)


def may_import(module, target):
    """Whether `module` of our house may import `target`; both dotted names."""
    room, other = module.split(".")[0], target.split(".")[0]
    if other not in ROOMS:
        return True
    if room == other:
        own, its = module.split(".")[1:2], target.split(".")[1:2]
        return room not in ROOMS_OF_ENGINES or own == its or (ROOT / room / f"{its[0]}.py").is_file()
    return room == "benchmarks" or STEP_OF[other] < STEP_OF[room]


@pytest.mark.parametrize("path", sources(*ROOMS), ids=module_name)
def test_streets_are_one_way(path):
    module = module_name(path)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    wrong = [target for target in imported_modules(tree_of(path), package) if not may_import(module, target)]
    assert not wrong, f"{module} may not import {wrong}"


@pytest.mark.parametrize(
    ("module", "target", "allowed"),
    [
        ("core.contracts", "media.media.probe_audio", False),
        ("core.timebase", "numpy", True),
        ("weights.fetch", "core.errors.MissingError", True),
        ("weights.fetch", "media.media", False),
        ("separation.runner", "media.media.probe_audio", True),
        ("separation.runner", "pipeline.song_to_video", False),
        ("separation.runner", "animators.mesh.runner", False),
        ("separation.runner", "weights.fetch.ensure", True),
        ("separation.runner", "faces.faces", False),
        ("animators.mesh.runner", "faces.fitting.rig", True),
        ("animators.mesh.runner", "animators.anime.networks.net", False),
        ("animators.mesh.runner", "motion.singing.runner", False),
        ("lipsync.mesh_lips.engine", "lipsync.card.LipsCard", True),
        ("lipsync.card", "lipsync.mesh_lips.engine.MESH_LIPS", False),
        ("filters.restore", "motion.intensity", False),
        ("metrics.likeness", "faces.faces.find_faces", True),
        ("metrics.likeness", "app.settings", False),
        ("pipeline.song_to_video", "jobs.queue", False),
        ("benchmarks.sing", "metrics.voice", True),
        ("metrics.voice", "benchmarks.sing", False),
        ("faces.faces", "weights.fetch.ensure", True),
        ("app.routes", "jobs.queue", True),
        ("jobs.queue", "app.routes", False),
    ],
)
def test_the_street_rule_tells_right_from_wrong(module, target, allowed):
    assert may_import(module, target) is allowed


def test_imports_are_seen_wherever_they_stand():
    text = "import a.b\ndef f():\n    from c import d\nfrom . import e\nfrom ..g import h\n"
    assert set(imported_modules(ast.parse(text), "room.sub")) == {"a.b", "c.d", "room.sub.e", "room.g.h"}


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def own_lines(node):
    """Lines of a function without its docstring: what has to be understood."""
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    docstring = first.end_lineno - first.lineno + 1 if documented else 0
    return node.end_lineno - node.lineno + 1 - docstring


def is_kernel(node):
    """Whether numba compiles the function."""
    return any(ast.unparse(decorator).startswith(("numba.njit", "kernel(")) for decorator in node.decorator_list)


def missing_hints(node):
    """Names of a function's arguments without a type, and `return` where that one lacks."""
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    names = [each.arg for each in arguments if each is not None and each.annotation is None and each.arg not in ("self", "cls")]
    return names + (["return"] if node.returns is None else [])


@pytest.mark.parametrize("path", sources(*ROOMS), ids=module_name)
def test_sizes_and_hints(path):
    text, tree = path.read_text(), tree_of(path)
    assert len(text.splitlines()) <= MODULE_LINES, f"{path} is longer than {MODULE_LINES} lines"
    for node in functions(tree):
        limit = KERNEL_LINES if is_kernel(node) else FUNCTION_LINES
        assert own_lines(node) <= limit, f"{path}: {node.name} is longer than {limit} lines"
        assert node.name.startswith("_") or not missing_hints(node), f"{path}: {node.name} lacks types for {missing_hints(node)}"
    assert path.name == "__init__.py" or ast.get_docstring(tree), f"{path} says not what it is"


def test_the_size_and_hint_rules_can_fail():
    long, bare = functions(
        ast.parse("def f() -> None:\n" + "    x = 1\n" * 60 + "def g(self, a, *b: int):\n    '''d\n    d'''\n")
    )
    assert own_lines(long) == 61 and missing_hints(long) == []
    assert own_lines(bare) == 1 and missing_hints(bare) == ["a", "return"]


@pytest.mark.parametrize("path", [path for path in sources(*ROOMS) if "onnxruntime" in path.read_text()], ids=module_name)
def test_usage_data_stays_here(path):
    """ONNX Runtime is told to send nothing before it is loaded: its modules' room imports `core` first."""
    modules = {name.partition(".")[0] for name in imported_modules(tree_of(path), module_name(path))}
    room = path.relative_to(ROOT).parts[0]
    text = (ROOT / room / "__init__.py").read_text()
    assert "onnxruntime" not in modules or text.startswith("import core")
    assert "ORT_DISABLE_TELEMETRY" in (ROOT / "core" / "__init__.py").read_text()


def test_onnxruntime_writes_no_session_of_usage_data(tmp_path):
    """The library leaves a file in the temporary folder when it prepares to send; this shows that the switch reaches it."""
    pytest.importorskip("onnxruntime")
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    command = [sys.executable, "-c", "import separation.runner, onnxruntime"]
    subprocess.run(command, cwd=ROOT, env=environment | {"TMPDIR": str(tmp_path)}, check=True, timeout=60)
    assert list(tmp_path.iterdir()) == []


def test_no_other_folder_of_code_stands_at_the_top():
    known = {*ROOMS, "tests", "templates", "static", "uploads", "results", "demo", "docs"}
    folders = {path.parent.relative_to(ROOT).parts[0] for path in ROOT.glob("[!._]*/*.py")}
    assert folders <= known, f"unknown folders of code: {folders - known}"


def homeless(folders):
    """Those of the folders below `tests/` that mirror no folder of a room; its tests' data may lie in one without tests."""
    known = (*TESTS_OF_NO_ROOM, *TESTS_GATHERED)
    return sorted(
        folder for folder in folders if folder not in known and not (folder.split("/")[0] in ROOMS and (ROOT / folder).is_dir())
    )


def test_tests_mirror_the_rooms():
    tests = ROOT / "tests"
    folders = {path.parent.relative_to(tests).as_posix() for path in tests.rglob("test_*.py")} - {"."}
    assert len(folders) > 20
    assert not homeless(folders), "no folder of a room is called like these"


@pytest.mark.parametrize(
    ("folder", "fault"),
    [("motion/singing/lips", False), ("core", False), ("browser", False), ("animators/singing", True), ("docs", True)],
)
def test_the_rule_about_the_tests_folders_can_fail(folder, fault):
    assert bool(homeless([folder])) is fault


def test_files_of_tests_are_no_longer_than_modules():
    tests = ROOT / "tests"
    long = {
        path.relative_to(tests).as_posix() for path in tests.rglob("*.py") if len(path.read_text().splitlines()) > MODULE_LINES
    }
    assert not long, "split these by theme"


@pytest.mark.slow
def test_blind_excepts_are_nowhere():
    for path in sources(*ROOMS):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ExceptHandler):
                blind = node.type is None or getattr(node.type, "id", "") == "Exception"
                assert not blind, f"{path}:{node.lineno} catches everything"


def test_a_look_at_a_picture_loads_neither_compilers_nor_plots(root_dir, tmp_path):
    """Each look is a process of its own: these two were half of its work."""
    request = {"path": str(root_dir / "demo" / "portrait.jpg"), "max_pixels": 10**8, "thumbnail": str(tmp_path / "small.jpg")}
    code = (
        "import sys; from pipeline.inspecting.child import inspect_picture\n"
        f"assert len(inspect_picture({request!r})['faces']) == 1\n"
        "print([name for name in ('numba', 'matplotlib', 'matplotlib.pyplot', 'sounddevice') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=root_dir, capture_output=True, text=True, check=True, timeout=120)
    assert run.stdout.splitlines()[-1] == "[]"


def test_a_look_at_a_damaged_song_loads_no_signal_processing(root_dir, tmp_path):
    (tmp_path / "song.mp3").write_bytes(b"ID3\x03" + bytes(100))
    code = (
        "import sys; from core.errors import InputError; from pipeline.inspecting.child import inspect_song\n"
        f"try: inspect_song({{'path': {str(tmp_path / 'song.mp3')!r}, 'max_duration_s': 900}})\n"
        "except InputError: print([name for name in ('scipy', 'numba', 'librosa') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=root_dir, capture_output=True, text=True, check=True, timeout=120)
    assert run.stdout.splitlines()[-1] == "[]"
