"""Clips of two made-up people whose mouths open as what is heard swells, 64 px wide."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from lipsync.musetalk.sound import LAYERS, WIDTH
from lipsync.musetalk.training.dataset import read_clips, write_clip

FRAMES, SIDE = 70, 80
HEIGHT_PX = 200.0


def mouth_of(swell, skin):
    """(T, 80, 80, 3) a plain face whose dark mouth opens by `swell` (T,) in 0..1."""
    crops = np.full((len(swell), SIDE, SIDE, 3), skin, np.uint8)
    for crop, opened in zip(crops, swell, strict=True):
        crop[44 : 46 + round(12 * opened), 26:54] = 20
    return crops


def heard_of(swell):
    """(2 T, 5, 384) rows as high as `swell` (T,)."""
    return np.repeat(swell, 2)[:, None, None] * np.ones((1, LAYERS, WIDTH), np.float32)


def numbers_of(swell):
    """Heights, poses and mouths of such a face, whose head turns slowly."""
    mouths = np.zeros((len(swell), 40), np.float32)
    mouths[:, 5] = 0.1 * swell
    poses = np.linspace(-10, 10, len(swell))[:, None] * np.array([1.0, 0.0, 0.0])
    return {"heights": np.full(len(swell), HEIGHT_PX), "poses": poses, "mouths": mouths}


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("large-clips")
    for number, (person, skin) in enumerate([("ann", 200), ("ann", 200), ("bob", 150)]):
        swell = np.random.default_rng(number).random(FRAMES)
        write_clip(folder / f"{person}-{number}", person, mouth_of(swell, skin), SIDE, numbers_of(swell), heard_of(swell))
    return folder


@pytest.fixture(scope="session")
def clips(clip_folder):
    return read_clips(clip_folder)
