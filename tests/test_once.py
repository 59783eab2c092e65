"""What the processes of the tests share is made once, and whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest

from tests.once import make_once, session_folder


def test_of_many_that_ask_at_once_one_makes_it(tmp_path):
    made = []

    def make(path):
        made.append(path)
        sleep(0.2)
        path.write_text("whole")

    with ThreadPoolExecutor(4) as pool:
        paths = set(pool.map(lambda _: make_once(tmp_path, "thing", make), range(4)))
    assert len(made) == len(paths) == 1 and paths.pop().read_text() == "whole"


def test_what_was_made_by_half_is_made_again(tmp_path):
    def fail(path):
        path.write_text("ha")
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        make_once(tmp_path, "thing", fail)
    assert make_once(tmp_path, "thing", lambda path: path.write_text("whole")).read_text() == "whole"


def test_the_folder_lies_beside_those_of_the_processes(tmp_path_factory, monkeypatch):
    base = tmp_path_factory.getbasetemp()
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    assert session_folder(tmp_path_factory).parent == base
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    assert session_folder(tmp_path_factory).parent == base.parent
