"""Lips that move live in a film: as a film that is dubbed, but for what is only known afterwards."""

from __future__ import annotations

import numpy as np
import pytest

from lipsync.card import LoopTask
from lipsync.mesh_lips.engine import MESH_LIPS
from lipsync.mesh_lips.film_mouth import openings
from pipeline.preview import cut_motion
from tests.lipsync.mesh_lips.conftest import FRAMES, motion_of
from tests.lipsync.mesh_lips.test_runner import opening_of


@pytest.fixture
def drawer(talking):
    assert MESH_LIPS.live is not None
    return MESH_LIPS.live(LoopTask(talking.faces, talking.faces.tracks[0], lambda number: talking.frames[number].copy()))


def test_lips_follow_motion_that_comes_in_pieces(talking, drawer):
    jaw = 0.3 * (1 + np.sin(np.arange(FRAMES) / 2.6 + 2))
    motion = motion_of(jaw)
    frames = [frame for first in range(0, FRAMES, 5) for frame in drawer.draw(cut_motion(motion, first, 5))]
    opening = opening_of(frames, talking)
    assert np.corrcoef(opening, jaw)[0, 1] > 0.9
    again = MESH_LIPS.live(LoopTask(talking.faces, talking.faces.tracks[0], lambda number: talking.frames[number].copy()))
    assert all((one == other).all() for one, other in zip(again.draw(motion), frames, strict=True)), "whatever the pieces are"


def test_it_idles_with_a_shut_mouth_while_the_film_runs_to_and_fro(talking, drawer):
    frames = list(drawer.draw(motion_of(np.zeros(2 * FRAMES - 2))))
    assert opening_of(frames, talking).max() < 0.035 < openings(talking.faces.tracks[0], np.arange(FRAMES)).max()
    brow = slice(0, int(talking.faces.tracks[0].landmarks[:, 33, 1].min()))
    assert all((frame[brow] == talking.frames[number][brow]).all() for number, frame in enumerate(frames[:FRAMES]))
    assert all((frame[brow] == talking.frames[FRAMES - 2 - number][brow]).all() for number, frame in enumerate(frames[FRAMES:]))
