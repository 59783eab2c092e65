"""A film's own face moves by a driving film: each frame its own, the rest of the picture as it was."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")

from animators.liveportrait.options import LivePortraitOptions
from animators.liveportrait.source_film import DrivenFilm, put_back, read_source, soft_square
from core.errors import InputError

FREE = LivePortraitOptions(no_stitching=True)


@pytest.mark.slow
def test_frames_come_out_with_their_faces_moved(liveportrait, nodding):
    frames = list(nodding.film.frames())
    filtered = DrivenFilm(liveportrait, nodding, nodding.film, FREE)
    told = []
    moved = list(filtered.apply(iter(frames), lambda *stage: told.append(stage)))
    assert len(moved) == 3 and told[-1] == ("render", 3, 3)
    assert np.array_equal(moved[1], frames[1]), "nobody is seen there"
    source = read_source(nodding.film, liveportrait.reader, lambda: None)
    _, y, side = source.places[0]
    changed = (moved[0] != frames[0]).any(axis=2)
    rows, columns = np.nonzero(changed)
    assert abs(rows.mean() - y) < side / 2 and np.ptp(columns) <= side + 2 and np.ptp(rows) <= side + 2
    assert not changed[: int(y - side / 2) - 1].any() if y - side / 2 > 1 else True


@pytest.mark.slow
def test_a_longer_film_keeps_the_drivers_last_and_a_still_driver_adds_nothing(liveportrait, nodding, portrait):
    """Neutral throughout, the driver leaves each frame as the networks draw it from its own key points."""
    one = replace(nodding.film, count=1, frames=lambda: iter([portrait.image]), face=lambda _: portrait.face)
    still = replace(nodding, film=one, seen=np.ones(1, bool))
    film = replace(nodding.film, count=2, face=lambda _: portrait.face)
    frames = list(nodding.film.frames())[:1] * 2
    source = read_source(replace(film, frames=lambda: iter(frames)), liveportrait.reader, lambda: None)
    moved = list(DrivenFilm(liveportrait, still, replace(film, frames=lambda: iter(frames)), FREE).apply(iter(frames)))
    for number in range(2):
        from animators.liveportrait.crops import crop_at

        crop = crop_at(source.places[number])
        own = source.heads.at(number)
        drawer = liveportrait.drawer(crop.cut(frames[number], 256), own.keypoints())
        itself = put_back(frames[number], next(liveportrait.frames(drawer, own.keypoints())), crop.box)
        assert np.abs(moved[number].astype(int) - itself).max() <= 1


def test_a_film_without_a_face_is_refused(liveportrait, nodding):
    with pytest.raises(InputError, match="Nobody's face can be followed in the film whose face is to move"):
        read_source(replace(nodding.film, face=lambda _: None), liveportrait.reader, lambda: None)


def test_a_square_passes_softly_into_the_frame():
    frame = np.full((200, 300, 3), 50, np.uint8)
    drawn = np.full((512, 512, 3), 200, np.uint8)
    put = put_back(frame, drawn, (100.0, 40.0, 200.0, 140.0))
    assert put[90, 150, 0] == 200 and put[90, 101, 0] < 70 and np.array_equal(put[:39], frame[:39])
    assert np.all(np.diff(put[90, 100:112, 0].astype(int)) >= 0)
    assert np.array_equal(put_back(frame, drawn, (400.0, 0.0, 500.0, 100.0)), frame), "outside"
    corner = put_back(frame, drawn, (-50.0, -50.0, 50.0, 50.0))
    assert corner[0, 0, 0] == 200 and corner.shape == frame.shape
    soft = soft_square(512)
    assert soft.max() == 1 and soft[0].max() < 0.01 and np.array_equal(soft, soft.T)


def test_the_square_lies_where_it_was_cut():
    """What is cut out and put back unchanged is where it was."""
    from animators.liveportrait.crops import crop_at

    random = np.random.default_rng(0)
    coarse = random.integers(0, 256, (12, 16, 3)).astype(np.uint8)
    import cv2

    frame = cv2.resize(coarse, (320, 240), interpolation=cv2.INTER_CUBIC)
    crop = crop_at((160.3, 121.7, 150.4))
    put = put_back(frame, crop.cut(frame, 512), crop.box)
    assert np.abs(put.astype(int) - frame).mean() < 0.5 and np.abs(put.astype(int) - frame).max() <= 12
