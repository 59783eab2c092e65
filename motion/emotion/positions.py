"""Dynamic positional encoding without torch: the arithmetic of `networks/positional.py`.

Source: "DEITalk: Speech-Driven 3D Facial Animation with Dynamic Emotional Intensity Modeling" (2024): sin and cos of
20 pi t / (T 10000^(2i/d)), with T the length of the whole sound.
"""

from __future__ import annotations

import numpy as np

from core.contracts import FloatArray

#: Turns of the quickest pair of values from the first frame to the last.
TURNS = 10.0
BASE = 10000.0


def dynamic_positions(first: int, last: int, total: int, channels: int) -> FloatArray:
    """(last - first, channels) float32 in [-1, 1] for the frames from `first` to `last` of a sound of `total`: even values are
    sines, odd ones the cosines of the same angle."""
    share = np.arange(first, last, dtype=np.float64)[:, np.newaxis] / total
    angle = 2.0 * np.pi * TURNS * share * BASE ** (-np.arange(0, channels, 2, dtype=np.float64) / channels)
    both = np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(last - first, -1)
    return both[:, :channels].astype(np.float32)
