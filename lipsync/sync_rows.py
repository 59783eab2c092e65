"""Stretches of one clip that an expert of lips and sound sees together: each out of step with the sounds of the others."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

#: Stretches of a row, and frames by which each begins away from the others.
ROW, APART = 8, 5


def least_frames(stretch: int) -> int:
    """Of a clip that has a row of stretches of so many frames."""
    return stretch + (ROW - 1) * APART


def row_starts(frames: int, stretch: int, chance: np.random.Generator) -> npt.NDArray[np.int64]:
    """The beginnings (8,), rising, of a row in a clip of so many frames, at least `least_frames(stretch)`."""
    free = frames - stretch - (ROW - 1) * (APART - 1) + 1
    return np.sort(chance.choice(free, ROW, replace=False)) + np.arange(ROW) * (APART - 1)
