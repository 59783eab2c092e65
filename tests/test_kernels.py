"""Only what the installation compiled, and nobody else, is kept for the tests."""

from __future__ import annotations

import os

import pytest

from tests.kernels import INSTALLATION_S, keep_installed


@pytest.mark.parametrize(("written_s", "kept"), [(-30, True), (5, False), (-INSTALLATION_S - 5, False)])
def test_a_cache_that_others_wrote_to_is_not_the_installations(tmp_path, monkeypatch, written_s, kept):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    stamp, loop = tmp_path / "stamp.json", tmp_path / "filters" / "__pycache__" / "paste.loop-1.py311.nbi"
    loop.parent.mkdir(parents=True)
    for path, at in ((stamp, 0), (loop, written_s)):
        path.touch()
        os.utime(path, (10**9 + at, 10**9 + at))
    assert keep_installed(tmp_path / "kept", tmp_path, stamp) is kept
    assert (tmp_path / "kept" / loop.relative_to(tmp_path)).exists() is kept


def test_without_an_installation_nothing_is_kept(tmp_path):
    assert not keep_installed(tmp_path / "kept", tmp_path, tmp_path / "stamp.json")
