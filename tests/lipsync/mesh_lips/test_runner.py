"""The lips of a film that exists: they do what the new sound asks, and nothing else of the film changes."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from faces.fitting import landmarks as lm
from faces.tracking.tracks import FaceState
from lipsync.mesh_lips.drawn import is_drawn
from lipsync.mesh_lips.engine import MESH_LIPS
from lipsync.mesh_lips.film_mouth import openings
from lipsync.mesh_lips.runner import MeshLips
from pipeline.dub_settings import DubSettings
from tests.lipsync.mesh_lips.conftest import FRAMES, HEIGHT, motion_of, tracked


def dubbed(talking, motion, track=None):
    return list(MeshLips(talking.task(motion, track)).apply(iter(talking.frames)))


def opening_of(frames, talking):
    """(T,) how far the lips are apart in frames that are looked at anew."""
    landmarks, blendshapes, rotation_deg = tracked(frames)
    seen = replace(talking.faces.tracks[0], landmarks=landmarks, blendshapes=blendshapes, rotation_deg=rotation_deg)
    return openings(seen, np.arange(len(frames)))


@pytest.fixture(scope="module")
def silenced(talking):
    return dubbed(talking, motion_of(np.zeros(FRAMES)))


def test_a_mouth_that_spoke_is_shut_in_silence(talking, silenced):
    before, after = opening_of(talking.frames, talking), opening_of(silenced, talking)
    assert before.max() > 0.12
    assert after.max() < 0.035


def test_lips_follow_the_new_sound_and_not_the_old(talking):
    jaw = 0.3 * (1 + np.sin(np.arange(FRAMES) / 2.6 + 2))  # slow enough for the tracker, which smooths, and unlike the old one
    opening = opening_of(dubbed(talking, motion_of(jaw)), talking)
    assert np.corrcoef(opening, jaw)[0, 1] > 0.9
    assert abs(np.corrcoef(opening, talking.jaw)[0, 1]) < 0.5


def test_all_but_the_lower_face_stays_as_it_was(talking, silenced):
    changed = np.any([np.any(a != b, axis=2) for a, b in zip(talking.frames, silenced, strict=True)], axis=0)
    points = talking.faces.tracks[0].landmarks
    eyes_px, nose_px = points[:, 33, 1].max(), points[:, 4, 1].min()
    assert not changed[: int((eyes_px + nose_px) / 2)].any()
    left, right = int(points[:, 234, 0].min()), int(points[:, 454, 0].max())
    margin = (right - left) // 3
    assert not changed[:, : left - margin].any() and not changed[:, right + margin :].any()
    assert changed.any()


def test_frames_in_which_the_face_is_not_clear_stay_and_lips_come_gently(talking):
    track = talking.faces.tracks[0]
    state = track.state.copy()
    state[10:20] = FaceState.TURNED
    frames = dubbed(talking, motion_of(np.zeros(FRAMES)), replace(track, state=state))
    different = np.array([np.abs(a.astype(int) - b).sum() for a, b in zip(talking.frames, frames, strict=True)])
    assert not different[10:20].any()
    whole = np.array(
        [
            np.abs(a.astype(int) - b).sum()
            for a, b in zip(talking.frames, dubbed(talking, motion_of(np.zeros(FRAMES))), strict=True)
        ]
    )
    assert 0 < different[20] < 0.6 * whole[20] and different[27] == pytest.approx(whole[27], rel=0.35)


def test_a_face_that_is_never_clear_is_left_alone(talking):
    track = replace(talking.faces.tracks[0], state=np.full(FRAMES, FaceState.SMALL, np.uint8))
    frames = dubbed(talking, motion_of(np.full(FRAMES, 0.5)), track)
    assert all(np.array_equal(a, b) for a, b in zip(talking.frames, frames, strict=True))


def test_frames_are_taken_one_by_one_and_told(talking):
    taken, told = [], []

    def frames():
        for frame in talking.frames:
            taken.append(1)
            yield frame

    lips = MESH_LIPS.make(DubSettings(), talking.task(motion_of(np.full(FRAMES, 0.3))), lambda note: None)
    result = lips.apply(frames(), lambda stage, done, total: told.append((done, total)))
    next(result)
    assert len(taken) == 1
    next(result)
    assert told == [(1, FRAMES)]
    result.close()


def test_a_closed_mouth_opens_with_teeth_of_its_own_making(talking):
    still = replace(talking, frames=[talking.frames[0]] * FRAMES)
    track = talking.faces.tracks[0]
    rows = {name: np.repeat(getattr(track, name)[:1], FRAMES, axis=0) for name in ("landmarks", "blendshapes", "rotation_deg")}
    jaw = np.linspace(0, 0.6, FRAMES)
    opening = opening_of(dubbed(still, motion_of(jaw), replace(track, **rows)), talking)
    assert opening[0] < 0.03 and opening[-1] > 0.1
    assert np.corrcoef(opening, jaw)[0, 1] > 0.9


def drawn_like(face, mouth):
    """A flat drawing (H, W, 3) of a face, with the points of its mouth moved down by `mouth` pixels."""
    drawn = np.full((HEIGHT, HEIGHT, 3), (250, 226, 210), np.uint8)
    points = face.landmarks[:, :2]
    for line in ([33, 159, 133, 145], [362, 386, 263, 374], [70, 105, 107], [336, 334, 300], [1, 2, 98]):
        cv2.polylines(drawn, [np.rint(points[line]).astype(np.int32)], True, (60, 30, 30), 2)
    lips = points[[*lm.LIPS_OUTER_UPPER, *lm.LIPS_OUTER_LOWER[::-1]]] + (0, mouth)
    return cv2.fillPoly(drawn, [np.rint(lips).astype(np.int32)], (170, 70, 80))


def test_a_drawn_face_is_told_from_a_photo(talking):
    face, photo = talking.faces.tracks[0].face(0), talking.frames[0]
    assert not is_drawn(photo, face)
    assert is_drawn(drawn_like(face, 0), face)


def test_a_drawn_mouth_gets_other_lips_where_it_lies_where_peoples_do_and_else_stays(talking):
    track = talking.faces.tracks[0]
    rows = {name: np.repeat(getattr(track, name)[:1], FRAMES, axis=0) for name in ("landmarks", "blendshapes", "rotation_deg")}
    for down, found in ((0, True), (40, False)):
        film = replace(talking, frames=[drawn_like(track.face(0), down)] * FRAMES)
        told = []
        task = film.task(motion_of(np.full(FRAMES, 0.5)), replace(track, **rows))
        frames = list(MESH_LIPS.make(DubSettings(), task, told.append).apply(iter(film.frames)))
        assert [note.code for note in told] == ([] if found else ["lipsync.mesh_lips.drawn_mouth_not_found"])
        assert np.array_equal(frames[20], film.frames[20]) != found
