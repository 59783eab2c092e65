"""Brows, lids and gaze that go a little with the new sound, where that is asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.blendshapes import BLENDSHAPE_INDEX
from lipsync.mesh_lips.engine import MESH_LIPS
from lipsync.mesh_lips.runner import MeshLips
from lipsync.mesh_lips.upper_face import BLINK_APART_S, GAZE_SHARE, beside_its_course, new_blinks
from pipeline.dub_settings import DubSettings
from tests.lipsync.mesh_lips.conftest import FPS, FRAMES, motion_of, tracked

BLINKS = [BLENDSHAPE_INDEX["eyeBlinkLeft"], BLENDSHAPE_INDEX["eyeBlinkRight"]]
FIRST, LAST = 20, 24


@pytest.fixture(scope="module")
def asked():
    """A blink in the middle, brows that go up in the second half, a glance to the side at the end; the mouth stays shut."""
    blink, brows = np.zeros(FRAMES), np.zeros(FRAMES)
    blink[FIRST:LAST] = (0.6, 1.0, 0.9, 0.5)
    brows[30:] = 0.8
    shapes = {"eyeBlinkLeft": blink, "eyeBlinkRight": blink, "browInnerUp": brows}
    motion = motion_of(np.zeros(FRAMES), **shapes, browOuterUpLeft=brows, browOuterUpRight=brows)
    return replace(motion, gaze_deg=np.repeat([[0.0, 0.0], [8.0, 0.0]], (FRAMES - 5, 5), axis=0).astype(np.float32))


@pytest.fixture(scope="module")
def kept_and_following(talking, asked):
    return [list(MeshLips(talking.task(asked), follow).apply(iter(talking.frames))) for follow in (False, True)]


def test_a_blink_is_added_and_brows_go_up(kept_and_following):
    (kept, kept_shapes, _), (following, shapes, _) = (tracked(frames) for frames in kept_and_following)
    blinking = slice(FIRST, LAST + 2)  # the tracker smooths, and knows half of it
    assert shapes[blinking, BLINKS].max(axis=0).min() > 0.2 > kept_shapes[blinking, BLINKS].max() + 0.1
    brow, eye = [66, 296], [33, 263]

    def height(points):
        span = np.linalg.norm(points[:, 33, :2] - points[:, 263, :2], axis=1)
        return (points[:, eye, 1].mean(axis=1) - points[:, brow, 1].mean(axis=1)) / span

    raised = height(following) - height(kept)
    assert raised[31:34].mean() > 0.01 + raised[5:15].mean()


def test_nothing_but_brows_and_eyes_differs(talking, kept_and_following):
    kept, following = kept_and_following
    points = talking.faces.tracks[0].landmarks
    below = int(points[:, [50, 280], 1].max())
    for first, second in zip(kept, following, strict=True):
        assert np.abs(first[below:].astype(int) - second[below:]).mean() < 0.1  # but for the detail that is told by the nose
    assert np.any(kept[FIRST + 1] != following[FIRST + 1])


def test_a_glance_moves_the_iris(kept_and_following, talking):
    kept, following = (frames[FRAMES - 4] for frames in kept_and_following)
    points = talking.faces.tracks[0].landmarks[FRAMES - 4]
    for iris, upper, lower in ((468, 159, 145), (473, 386, 374)):
        left, right = (int(points[iris, 0]) + step for step in (-9, 10))
        rows = slice(int(points[upper, 1]) + 1, int(points[lower, 1]))
        dark = [255.0 - frame[rows, left:right].mean(axis=(0, 2)) for frame in (kept, following)]
        middle = [float(((row - row.min()) * np.arange(len(row))).sum() / (row - row.min()).sum()) for row in dark]
        assert middle[1] > middle[0]


def test_the_films_own_blinks_stay_and_new_ones_keep_away_from_them():
    count = 200
    asked, own, allowed = np.zeros(count, np.float32), np.zeros(count, np.float32), np.ones(count, bool)
    for first in (20, 60, 100, 150):
        asked[first : first + 4] = (0.5, 1.0, 0.8, 0.4)
    own[60 + round(0.5 * BLINK_APART_S * FPS)] = 0.9
    allowed[101] = False
    shown = new_blinks(asked, own, allowed, FPS, (152,))
    assert shown[21] > 0.9 and shown[:18].max() == 0
    assert shown[50:].max() == 0


def test_a_slow_course_is_the_films_own():
    slow = np.linspace(0, 1, 400, dtype=np.float32)[:, None]
    assert np.abs(beside_its_course(slow, FPS, ())[100:300]).max() < 0.01
    glance = np.zeros((400, 1), np.float32)
    glance[200:205] = 1.0
    assert beside_its_course(glance, FPS, ())[202] > 0.9 and 0 < GAZE_SHARE < 1


def test_the_engine_is_told_by_the_options(talking, asked, kept_and_following):
    frames = MESH_LIPS.make(DubSettings(expression="follow"), talking.task(asked), lambda note: None).apply(iter(talking.frames))
    assert np.array_equal(list(frames)[FIRST + 1], kept_and_following[1][FIRST + 1])
