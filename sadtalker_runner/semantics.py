"""What the mapping network sees of a frame: its coefficients and those of 13 frames before and after it.

The network was trained at 25 frames a second. A film of another rate looks at the same moments, interpolated in between.
"""

from __future__ import annotations

import numpy as np

from core.contracts import FloatArray
from sadtalker_runner.audio_to_coefficients import NETWORK_FPS

RADIUS_FRAMES = 13
WINDOW_FRAMES = 2 * RADIUS_FRAMES + 1


def source_window(coefficients: FloatArray) -> FloatArray:
    """The window (C, 27) of a still picture with coefficients (C,): the same in every frame."""
    return np.repeat(np.asarray(coefficients, np.float32)[:, None], WINDOW_FRAMES, axis=1)


def semantic_windows(coefficients: FloatArray, first_frame: int, frames: int, fps: float = NETWORK_FPS) -> FloatArray:
    """Windows (frames, C, 27) float32 of a film's frames from `first_frame` on, at `fps`.

    coefficients: (T, C) at 25 frames a second; beyond its ends the first and the last are repeated.
    """
    centres = np.arange(first_frame, first_frame + frames) * (NETWORK_FPS / fps)
    places = np.clip(centres[:, None] + np.arange(-RADIUS_FRAMES, RADIUS_FRAMES + 1), 0, len(coefficients) - 1)
    before = np.floor(places).astype(int)
    after = np.minimum(before + 1, len(coefficients) - 1)
    share = (places - before)[..., None]
    window = coefficients[before] * (1 - share) + coefficients[after] * share
    return np.ascontiguousarray(window.transpose(0, 2, 1), np.float32)
