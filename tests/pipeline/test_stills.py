"""Stills of a film in the making: written now and then, small, whole at any time, and gone at the end."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from core.errors import Cancelled
from pipeline import stills
from pipeline.stills import HEIGHT, still_beside, with_stills

FRAMES = [np.full((720, 480, 3), (value, 0, 0), np.uint8) for value in (40, 120, 200)]


def test_it_lies_beside_the_film_under_its_id():
    assert still_beside(Path("results/film-0a1b.mp4")) == Path("results/still-0a1b.jpg")


def test_frames_pass_and_the_newest_is_seen_small(tmp_path, monkeypatch):
    monkeypatch.setattr(stills, "EVERY_S", 0.0)
    still, seen = tmp_path / "still-a.jpg", []
    for frame, given in zip(with_stills(iter(FRAMES), still), FRAMES, strict=True):
        assert frame is given
        shown = cv2.cvtColor(cv2.imread(str(still)), cv2.COLOR_BGR2RGB)
        assert shown.shape == (HEIGHT, 240, 3)
        seen.append(round(float(shown[..., 0].mean())))
    assert seen == pytest.approx([40, 120, 200], abs=3)
    assert not list(tmp_path.iterdir())


def test_between_two_seconds_nothing_is_written(tmp_path, monkeypatch):
    times = iter([0.0, 0.0, 0.0, 0.5, 1.1, 1.1])
    monkeypatch.setattr(stills.time, "monotonic", lambda: next(times))
    written = []
    monkeypatch.setattr(stills, "write_still", lambda frame, still: written.append(int(frame[0, 0, 0])))
    assert len(list(with_stills(iter(FRAMES), tmp_path / "still-a.jpg"))) == 3
    assert written == [40, 200]


def test_where_the_film_breaks_off_no_still_is_left(tmp_path):
    def broken():
        yield FRAMES[0]
        raise Cancelled("core.cancelled")

    with pytest.raises(Cancelled):
        list(with_stills(broken(), tmp_path / "still-a.jpg"))
    stream = with_stills(iter(FRAMES), tmp_path / "still-a.jpg")
    next(stream)
    assert [path.name for path in tmp_path.iterdir()] == ["still-a.jpg"]
    stream.close()
    assert not list(tmp_path.iterdir())


def test_nobody_watches_nothing_is_written(tmp_path):
    assert len(list(with_stills(iter(FRAMES), None))) == 3
