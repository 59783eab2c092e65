"""The mesh engine as its motion comes: the film's own frames, whatever pieces the motion comes in."""

from __future__ import annotations

import gc
import threading
from itertools import pairwise

import numpy as np
import pytest

from animators.mesh.engine import MESH
from animators.mesh.runner import MeshRenderer, MeshSettings
from core.timebase import frame_times_s
from pipeline.preview import cut_motion
from tests.animators.mesh.conftest import weights
from tests.animators.mesh.test_runner import motion_of

pytestmark = pytest.mark.long
FRAMES = 9


def swaying_motion():
    t = frame_times_s(FRAMES, 25.0)
    turned = np.stack([30 * np.sin(9 * t), 5 * np.cos(7 * t), 4 * np.sin(8 * t)], axis=1)
    shapes = [weights(jawOpen=0.5 * (i % 3) / 2, eyeBlink=float(i == 4)) for i in range(FRAMES)]
    return motion_of(shapes, rotation=turned, translation=0.02 * np.sin(11 * t)[:, None] * np.ones(3))


def look_the_same(frames, film) -> bool:
    """Whether frames are a film's. Everything about the portrait is made anew for them, and a processor's sums may end otherwise
    in their last bit: a value in a thousand may be off by a level or two."""
    apart = [np.abs(one.astype(int) - other) for one, other in zip(frames, film, strict=True)]
    worst, share = max(int(each.max()) for each in apart), max(float((each > 0).mean()) for each in apart)
    assert worst <= 2 and share <= 1e-3, f"{worst} levels apart, {share:.2%} of the values"
    return True


@pytest.mark.slow
def test_live_frames_are_those_of_the_film_and_no_thread_stays(portrait):
    motion = swaying_motion()
    film = list(MeshRenderer(MeshSettings(threads=2)).frames(portrait, motion))
    threads = threading.active_count()
    assert MESH.live is not None
    drawer = MESH.live(portrait)
    pieces = [drawer.draw(cut_motion(motion, first, count)) for first, count in ((0, 1), (1, 1), (2, 3), (5, 4))]
    live = [frame for piece in pieces for frame in piece]
    assert len(live) == FRAMES
    assert look_the_same(live, film)
    # frames of the film differ by far more from one another
    assert all(np.abs(one.astype(int) - other).max() > 20 for one, other in pairwise(film))
    del drawer, pieces
    gc.collect()
    for thread in threading.enumerate():
        if thread.name.startswith("live drawing"):
            thread.join(10)
    assert threading.active_count() == threads


@pytest.mark.slow
def test_frames_are_begun_before_they_are_taken(portrait):
    """Frames of a second call may be taken before those of the first, which wait for nobody."""
    motion = swaying_motion()
    drawer = MESH.live(portrait)
    first, second = drawer.draw(cut_motion(motion, 0, 2)), drawer.draw(cut_motion(motion, 2, 2))
    late = list(second)
    film = list(MeshRenderer(MeshSettings(threads=1)).frames(portrait, cut_motion(motion, 0, 4)))
    assert look_the_same([*first, *late], film)
