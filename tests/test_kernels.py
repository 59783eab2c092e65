"""Only what the installation compiled, and nobody else, is kept for the tests."""

from __future__ import annotations

import json

import pytest

from tests.kernels import keep_installed

LOOPS = """
from core.kernels import kernel


@kernel("(int64)", "(float64)", nogil=True)
def loop(value):
    return value


@kernel("(int64)")
def another(value):
    return value
"""


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A module with two loops, of which the installation compiled the first; gives that one's index and the stamp."""
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    folder = tmp_path / "filters" / "__pycache__"
    folder.mkdir(parents=True)
    (tmp_path / "filters" / "paste.py").write_text(LOOPS)
    for name in ("loop-5.py311.nbi", "loop-5.py311.1.nbc", "loop-5.py311.2.nbc", "another-9.py311.nbi", "another-9.py311.1.nbc"):
        (folder / f"paste.{name}").touch()
    index, stamp = folder / "paste.loop-5.py311.nbi", tmp_path / "stamp.json"
    stamp.write_text(json.dumps({"fingerprint": "abc", "files": [str(index)]}))
    return index, stamp


def test_what_the_installation_compiled_is_kept_and_nothing_else(checkout, tmp_path):
    stamp = checkout[1]
    assert keep_installed(tmp_path / "kept", tmp_path, stamp) == 1
    kept = sorted(path.name for path in (tmp_path / "kept" / "filters" / "__pycache__").iterdir())
    assert kept == ["paste.loop-5.py311.1.nbc", "paste.loop-5.py311.2.nbc", "paste.loop-5.py311.nbi"]


@pytest.mark.parametrize("form", ["paste.loop-5.py311.2.nbc", "paste.loop-5.py311.3.nbc"], ids=["too few", "too many"])
def test_a_loop_that_others_compiled_too_is_not_the_installations(checkout, tmp_path, form):
    index, stamp = checkout
    place = index.with_name(form)
    place.unlink() if place.exists() else place.touch()
    assert keep_installed(tmp_path / "kept", tmp_path, stamp) == 0
    assert not list((tmp_path / "kept").rglob("*.nb[ic]"))


def test_without_an_installation_nothing_is_kept(tmp_path):
    assert not keep_installed(tmp_path / "kept", tmp_path, tmp_path / "stamp.json")
