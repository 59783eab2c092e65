"""What is made among the files themselves is safe on the disk before anybody is told of it."""

from __future__ import annotations

import os

import pytest

from core.work import WorkOrder
from jobs.workplace import open_place


@pytest.mark.skipif(os.name == "nt", reason="folders can't be synced there")
def test_what_was_made_is_synced_and_then_its_name(tmp_path, monkeypatch):
    film = tmp_path / "film-a.mp4"
    order = WorkOrder("a", "look_film", {}, outputs={"film": film, "page": tmp_path / "not-made.html"})
    synced, sync = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda number: (synced.append(os.fstat(number).st_ino), sync(number))[1])
    with open_place(order) as place:
        film.write_bytes(b"a film")
        place.keep()
    assert synced == [film.stat().st_ino, tmp_path.stat().st_ino]
