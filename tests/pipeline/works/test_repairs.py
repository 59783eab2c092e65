"""The kinds of work that repair films: done in a process of their own, with a file only where there was something to mend."""

from __future__ import annotations

import pytest

from core.errors import InputError
from core.work import WorkInput, WorkOrder
from media.media import probe_video
from pipeline import sync_film
from pipeline.film_sync import SoundOffset
from pipeline.works.fill_film import FILL_FILM
from pipeline.works.sync_film import SYNC_FILM
from tests.pipeline.dubbing import film


def order(kind, path, out, **options):
    facts = {"duration_s": 2.0, "width": 96, "height": 64}
    return WorkOrder("j", kind.name, {"film": WorkInput(path, "Talk", facts)}, kind.settled(options), {"film": out}, "Talk")


def test_options_of_repairs():
    assert SYNC_FILM.settled({}) == {"face": None, "offset_ms": None, "mend": True}
    assert SYNC_FILM.settled({"offset_ms": "-120,5", "mend": "off"}) == {"face": None, "offset_ms": -120.5, "mend": False}
    for wrong in ({"offset_ms": "x"}, {"offset_ms": 6000}, {"face": 0}, {"out": "x"}):
        with pytest.raises(InputError):
            SYNC_FILM.settled(wrong)
    assert FILL_FILM.settled({}) == {}
    with pytest.raises(InputError):
        FILL_FILM.settled({"face": 1})


def test_stages_of_repairs(tmp_path):
    def stages(kind, **options):
        plan = kind.plan(order(kind, tmp_path / "x.mp4", tmp_path / "o.mp4", **options), None)
        assert plan.length_s == 2.0 and plan.pixels == 96 * 64
        return [stage.name for stage in plan.stages]

    assert stages(SYNC_FILM) == ["faces", "listen", "mux"] and stages(SYNC_FILM, mend=False) == ["faces", "listen"]
    assert stages(SYNC_FILM, offset_ms=5) == ["mux"] and stages(FILL_FILM) == list(FILL_FILM.stages)


def test_a_film_is_there_only_where_it_was_mended(tmp_path, monkeypatch):
    talk, out = film(tmp_path / "talk.mp4", 50), tmp_path / "film-1.mp4"
    monkeypatch.setattr(sync_film, "offset_of", lambda source, face, progress: SoundOffset(0.2, 0.6, 1.0, 2.0))
    told = SYNC_FILM.run(order(SYNC_FILM, talk, out), lambda *_: None)
    assert told["out"] == "film-1.mp4" and told["offset_s"] == 0.2 and probe_video(out).frames == 50
    assert [note["code"] for note in told["notes"]] == ["pipeline.sync_late", "pipeline.sync_moved_earlier"]
    told = SYNC_FILM.run(order(SYNC_FILM, talk, out, mend=False), lambda *_: None)
    assert told["out"] is None and told["certain"] and not out.exists(), "nor is one of an earlier time left"
    told = SYNC_FILM.run(order(SYNC_FILM, talk, out, offset_ms=-80), lambda *_: None)
    assert told["moved_s"] == -0.08 and "offset_s" not in told and out.exists()
    told = FILL_FILM.run(order(FILL_FILM, talk, out), lambda *_: None)
    assert told["gaps"] == () and told["video"] is None and not out.exists()
    assert [note["code"] for note in told["notes"]] == ["pipeline.no_gaps"]
