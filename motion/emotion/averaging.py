"""Averages over time by a Gaussian, in NumPy: what of the frames' vectors lasts longer than a sound of speech."""

from __future__ import annotations

import numpy as np

from core.contracts import FloatArray


def gaussian(breadth_frames: int) -> FloatArray:
    """(2 n + 1,) float32 weights of sum 1 of a Gaussian of that deviation, out to twice the deviation on either side."""
    offsets = np.arange(-2 * breadth_frames, 2 * breadth_frames + 1)
    weights = np.exp(-0.5 * np.square(offsets / max(1, breadth_frames)))
    return np.asarray(weights / weights.sum(), dtype=np.float32)


def averaged(values: FloatArray, breadth_frames: int) -> FloatArray:
    """(T, C) averaged over time, of which only what lies within the sequence counts; 0 frames: as they are."""
    if not breadth_frames or not len(values):
        return values
    from scipy.ndimage import correlate1d  # only now: SciPy takes half a second to load

    weights = gaussian(breadth_frames)
    shares = correlate1d(np.ones(len(values), np.float32), weights, mode="constant")
    summed: FloatArray = correlate1d(values, weights, axis=0, mode="constant") / shares[:, np.newaxis]
    return summed
