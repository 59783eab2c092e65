"""Rows of stretches that lie apart."""

from __future__ import annotations

import numpy as np
import pytest

from lipsync.sync_rows import APART, ROW, least_frames, row_starts


@pytest.mark.parametrize("stretch", [5, 16])
@pytest.mark.parametrize("more", [0, 1, 300])
def test_stretches_of_a_row_lie_apart(stretch, more):
    frames = least_frames(stretch) + more
    starts = np.array([row_starts(frames, stretch, np.random.default_rng(seed)) for seed in range(60)])
    assert starts.shape == (60, ROW) and np.diff(starts, axis=1).min() >= APART
    assert starts.min() >= 0 and starts.max() <= frames - stretch
    if more < 2:
        assert (starts.min(), starts.max()) == (0, frames - stretch), "all places come up"
