"""What is compiled at installation: all that a film needs, once, and told apart from what is there already."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from animators.anime.checkpoint import ensure_networks
from core.errors import MissingError
from core.kernels import KERNELS, Kernel, kernel
from pipeline import prepare
from tests.kernels import lay_out
from tests.test_layout import ROOMS, functions, is_kernel, module_name, sources, tree_of

pytestmark = pytest.mark.long

COMPILING = [path for path in sources(*ROOMS) if "numba" in path.read_text() or prepare.DECLARES in path.read_text()]


def compiled_files(folder):
    """{index of a loop's compiled forms, or one of these forms: when it was written} of a cache."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*.nb[ic]")}


def run(folder, *arguments):
    environment = os.environ | {"NUMBA_CACHE_DIR": str(folder)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=prepare.ROOT, env=environment, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.slow
def test_after_it_no_film_compiles_anything(root_dir, shared_dir, tmp_path, installed_kernels):
    """It goes on from what the installation compiled, where nobody has added to that since; else from nothing."""
    folder = tmp_path / "numba"
    lay_out(installed_kernels, folder)
    told = run(folder, "-m", "pipeline.prepare")
    assert "Compiling for this machine, once" in told
    compiled = compiled_files(folder)
    assert len(compiled) > 20
    again = run(folder, "-X", "importtime", "-m", "pipeline.prepare")
    assert "core.errors" in again and "numba" not in again and "Compiling" not in again, "nothing to do, but it looked"
    films = [("mesh", root_dir / "demo" / "portrait.jpg")]
    try:
        ensure_networks()
        films.append(("anime", shared_dir / "portraits" / "illustration.jpg"))
    except MissingError as error:
        print(f"without anime: {error}")
    for engine, portrait in films:
        options = ["--engine", engine, "--start", "2", "--duration", "2", "--fps", "10", "--height", "256"]
        files = ["--portrait", str(portrait), "--song", str(root_dir / "demo" / "song.mp3"), "--out", str(tmp_path / "film.mp4")]
        run(folder, "-m", "pipeline", "sing", *files, *options)
        new = compiled_files(folder).items() - compiled.items()
        assert not new, f"a film of {engine} compiled {sorted(path.name for path, _ in new)}"


def test_a_kernel_is_compiled_as_it_is_declared_and_takes_other_arguments_too():
    def add(values, more):
        for i in range(len(values)):
            values[i] += more

    before = len(KERNELS)
    compiled = kernel("(float32[::1], int64)")(add)
    declared = KERNELS.pop()
    assert len(KERNELS) == before and declared.module == __name__
    declared.compile()
    values = np.zeros(3, np.float32)
    compiled(values, 2)
    assert (values == 2).all() and len(compiled.signatures) == 1, "the call is the one that was declared"
    compiled(values.astype(np.float64), 2)
    assert len(compiled.signatures) == 2


def declares(node):
    return any(ast.unparse(decorator).startswith("kernel(") for decorator in node.decorator_list)


def plain_names(tree):
    """Functions that numba compiles without saying for what."""
    return {node.name for node in functions(tree) if is_kernel(node) and not declares(node)}


def called_by_python(tree, names):
    """Those of `names` that are called outside compiled functions."""
    inside = {id(part) for node in functions(tree) if is_kernel(node) for part in ast.walk(node)}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and id(node) not in inside]
    return {getattr(call.func, "id", getattr(call.func, "attr", "")) for call in calls} & names


def imported_or_own(path, names):
    """Of functions {(module, name)} the names under which a module knows them."""
    tree, own = tree_of(path), module_name(path)
    known = {name for module, name in names if module == own}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            known |= {alias.name for alias in node.names if (node.module, alias.name) in names}
    return called_by_python(tree, known)


def test_every_loop_that_python_calls_says_for_what_it_is_compiled():
    names = {(module_name(path), name) for path in COMPILING for name in plain_names(tree_of(path))}
    assert len(names) > 10
    for path in sources(*ROOMS):
        found = imported_or_own(path, names)
        assert not found, f"{module_name(path)} calls {found}: declare it with `core.kernels.kernel`"


def test_the_rule_about_loops_can_fail():
    tree = ast.parse(
        "@numba.njit(cache=True)\ndef f(x):\n    pass\n@kernel('(int64)')\ndef g(x):\n    f(x)\ndef h():\n    g(1)\n"
    )
    assert plain_names(tree) == {"f"} and called_by_python(tree, {"f"}) == set()
    assert called_by_python(ast.parse("def h():\n    f(1)\n"), {"f"}) == {"f"}


@pytest.mark.parametrize("path", COMPILING, ids=module_name)
def test_whatever_is_compiled_is_kept(path):
    for node in functions(tree_of(path)):
        for decorator in node.decorator_list:
            text = ast.unparse(decorator)
            assert not text.startswith(("numba.", "njit")) or "cache=True" in text, f"{node.name} is compiled in every process"


def test_all_modules_with_kernels_are_found(root_dir):
    declaring = {path for path in sources(*ROOMS) if any(map(declares, functions(tree_of(path))))}
    assert declaring == set(prepare.kernel_sources(root_dir)) and len(declaring) > 8


def test_a_room_that_lacks_what_it_needs_is_left_out(root_dir, monkeypatch):
    monkeypatch.setattr(prepare, "find_spec", lambda package: None)
    found = {path.relative_to(root_dir).parts[0] for path in prepare.kernel_sources(root_dir)}
    assert found == {"animators", "faces", "filters", "lipsync", "media", "separation"}


def test_a_module_is_compiled_with_its_own_kernels_alone(monkeypatch):
    compiled = []
    monkeypatch.setattr(Kernel, "compile", lambda self: compiled.append(self.dispatcher.py_func.__name__))
    files = prepare.compile_module("animators.anime.lids")
    assert compiled == ["put_lids"] and len(files) == 1 and files[0].endswith(".nbi")


def test_the_fingerprint_changes_with_what_the_code_depends_on(tmp_path, monkeypatch):
    source = tmp_path / "loops.py"
    source.write_text("a = 1\n")
    first = prepare.fingerprint([source], {"HOME": "/root"})
    assert first == prepare.fingerprint([source], {"HOME": "/else"})
    assert first != prepare.fingerprint([source], {"NUMBA_CPU_NAME": "generic"})
    monkeypatch.setattr(prepare, "processor_facts", lambda: ["another"])
    assert first != prepare.fingerprint([source], {})
    monkeypatch.undo()
    monkeypatch.setattr(prepare.metadata, "version", lambda name: "99")
    assert first != prepare.fingerprint([source], {})
    monkeypatch.undo()
    source.write_text("a = 2\n")
    assert first != prepare.fingerprint([source], {})


def test_the_stamp_is_believed_while_what_it_tells_of_is_there(tmp_path):
    stamp, made = tmp_path / "cache" / prepare.STAMP_NAME, tmp_path / "loop.nbi"
    assert not prepare.is_prepared(stamp, "abc")
    made.touch()
    prepare.write_stamp(stamp, "abc", [str(made)])
    assert prepare.is_prepared(stamp, "abc") and not prepare.is_prepared(stamp, "abd")
    made.unlink()
    assert not prepare.is_prepared(stamp, "abc"), "somebody cleared the cache"
    stamp.write_text("{")
    assert not prepare.is_prepared(stamp, "abc")


def test_the_stamp_lies_beside_the_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert prepare.stamp_path().parent == tmp_path
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    assert prepare.stamp_path().parent == Path(prepare.__file__).parent / "__pycache__"


def test_where_no_file_can_be_written_there_is_no_stamp(tmp_path):
    (tmp_path / "file").touch()
    prepare.write_stamp(tmp_path / "file" / "stamp.json", "abc", [])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


def test_a_missing_package_is_told_in_a_sentence(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(prepare, "compile_kernels", lambda: iter([__import__("a_package_that_is_nowhere")]))
    assert prepare.main() == 3
    assert "a_package_that_is_nowhere" in capsys.readouterr().err and not list(tmp_path.iterdir())
