"""Clips of two made-up people whose mouths open as their sound swells."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from lipsync.wav2lip.training.dataset import read_clips, write_clip

FRAMES = 40


def mouth_of(swell, skin):
    """(T, 96, 96, 3) a plain face whose dark mouth opens by `swell` (T,) in 0..1."""
    crops = np.full((len(swell), 96, 96, 3), skin, np.uint8)
    for crop, opened in zip(crops, swell, strict=True):
        crop[70 : 70 + 2 + round(14 * opened), 34:62] = 20
    return crops


def sound_of(swell):
    """(hops, 80) as loud as `swell` (T,) is, from each frame's first hop on."""
    begins = (np.arange(len(swell)) * 3.2).astype(int)
    hops = swell[np.searchsorted(begins, np.arange(int(len(swell) * 3.2)), "right") - 1]
    return (8 * hops[:, None] - 4).repeat(80, axis=1).astype(np.float32)


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    for number, (person, skin) in enumerate([("ann", 200), ("ann", 200), ("bob", 150)]):
        swell = np.random.default_rng(number).random(FRAMES)
        write_clip(folder / f"{person}-{number}", person, mouth_of(swell, skin), FRAMES, sound_of(swell))
    return folder


@pytest.fixture(scope="session")
def clips(clip_folder):
    return read_clips(clip_folder)
