"""The runner of the mistakes, on a small house of its own: what it says of each kind, and that the house stays as it was."""

from __future__ import annotations

import subprocess

import pytest

from tests.mutations.__main__ import main
from tests.mutations.generic import generic_patches, turned
from tests.mutations.runner import LIST, ROOT, Patch, mistake, read_patches, try_all

HOUSE = {
    "house.py": "def larger(a, b):\n    return a if a > b else b\n\n\ndef half(a):\n    return a / 2\n",
    "test_house.py": "from house import half, larger\n\n\ndef test_larger():\n    assert larger(1, 2) == 2\n\n\n"
    "def test_half():\n    half(2)  # asks for nothing\n",
    "test_never.py": "import time\n\n\ndef test_never():\n    time.sleep(60)\n",
    "test_wrong.py": "def test_wrong():\n    assert False\n",
}
LARGER = Patch("the smaller is called larger", "house.py", "a > b", "a < b", ("test_house.py::test_larger",))
HALF = Patch("half is double", "house.py", "a / 2", "a * 2", ("test_house.py::test_half",))


@pytest.fixture
def house(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # the house needs none, and they take longer than its tests
    root = tmp_path / "house"
    root.mkdir()
    for name, text in HOUSE.items():
        (root / name).write_text(text)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


def states(patches, house, limit_s=60.0):
    found = [(outcome.state, outcome.reason) for outcome in try_all(patches, limit_s, house)]
    assert {path.name: path.read_text() for path in house.iterdir() if path.is_file()} == HOUSE, "only a copy is changed"
    return found


@pytest.mark.slow
def test_what_a_test_notices_is_killed_and_what_none_notices_survives(house):
    assert states([LARGER, HALF], house) == [("killed", ""), ("survived", "")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"old": "a >> b"}, "stands 0 times"),
        ({"old": "return"}, "stands 2 times"),
        ({"new": "a > b"}, "changes nothing"),
        ({"file": "shed.py"}, "no shed.py"),
        ({"new": "a > b ("}, "ERROR"),  # no test ran, so none has noticed anything
    ],
    ids=["gone", "twice", "same", "no file", "no Python"],
)
def test_what_could_not_be_tried_is_not_called_killed(house, changed, reason):
    ((state, said),) = states([Patch(**{**vars(LARGER), **changed})], house)
    assert state == "untried" and reason in said


@pytest.mark.slow
@pytest.mark.parametrize(("test", "reason"), [("test_wrong.py", "without any patch"), ("test_no.py", "without any patch")])
def test_tests_that_fail_anyway_prove_nothing(house, test, reason):
    ((state, said),) = states([Patch(**{**vars(LARGER), "tests": (test,)})], house)
    assert state == "untried" and reason in said


@pytest.mark.slow
def test_tests_that_do_not_end_prove_nothing(house):
    ((state, said),) = states([Patch(**{**vars(LARGER), "tests": ("test_never.py",)})], house, limit_s=1.0)
    assert state == "untried" and "no end within 1 s" in said


@pytest.mark.slow
@pytest.mark.parametrize(("word", "status", "count"), [("smaller", 0, "1 killed"), ("half", 1, "1 survived")])
def test_the_command_ends_with_1_where_one_survives(house, tmp_path, monkeypatch, capsys, word, status, count):
    rows = "".join(
        f"[[patch]]\nname = '{p.name}'\nfile = '{p.file}'\nold = '{p.old}'\nnew = '{p.new}'\ntests = {list(p.tests)}\n"
        for p in (LARGER, HALF)
    )
    (tmp_path / "list.toml").write_text(rows)
    monkeypatch.setattr("tests.mutations.__main__.ROOT", house)
    assert main(["--list", str(tmp_path / "list.toml"), "--limit", "60", word]) == status
    assert count in capsys.readouterr().out


def test_the_list_fits_the_checkout():
    """Each patch can be made, leaves Python that compiles, and names tests that are there; `make test-mutations` tries it."""
    patches = read_patches(LIST)
    assert len(patches) >= 22
    for patch in patches:
        assert not mistake(ROOT, patch), patch.name
        compile((ROOT / patch.file).read_text().replace(patch.old, patch.new), patch.file, "exec")
        for test in patch.tests:
            file, _, function = test.partition("::")
            assert f"def {function}" in (ROOT / file).read_text() if function else (ROOT / file).is_file(), test


def test_every_operator_is_turned_once():
    text = "def f(a: int | None, ü: 'x') -> int:\n    return a + ü * 2 if a <= ü and not a else a - ü  # é\n"
    lines = {what: new.splitlines()[1] for line, what, new in turned(text) if line == 2}
    assert lines == {
        "+ to -": "    return a - ü * 2 if a <= ü and not a else a - ü  # é",
        "* to /": "    return a + ü / 2 if a <= ü and not a else a - ü  # é",
        "<= to <": "    return a + ü * 2 if a < ü and not a else a - ü  # é",
        "and to or": "    return a + ü * 2 if a <= ü or not a else a - ü  # é",
        "- to +": "    return a + ü * 2 if a <= ü and not a else a + ü  # é",
    }
    assert len(list(turned(text))) == len(lines), "the types stay as they are"


@pytest.mark.slow
def test_the_plain_modules_are_turned_into_python():
    patches = generic_patches()
    assert len(patches) > 50 and len({patch.new for patch in patches}) == len(patches)
    for patch in patches:
        compile(patch.new, patch.file, "exec")
