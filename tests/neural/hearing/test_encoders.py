"""Encoders by their names, and their vectors at a film's frame rate."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import InputError
from neural.hearing.encoders import at_rate, blocks_at_rate, frames_heard, open_encoder


def test_names():
    with pytest.raises(InputError, match=r"no encoder 'hubert'.*whisper"):
        open_encoder("hubert")


def test_straight_lines_between_vectors():
    times_s = np.arange(101) / 50
    vectors = np.stack([times_s, 3.0 - times_s], axis=1).astype(np.float32)
    rows = at_rate(vectors, 30.0)
    assert rows.shape == (61, 2) and rows.dtype == np.float32
    np.testing.assert_allclose(rows[:, 0], np.arange(61) / 30, atol=1e-6)
    np.testing.assert_allclose(at_rate(vectors, 50.0), vectors, atol=0)
    held = at_rate(vectors, 30.0, 70)
    np.testing.assert_allclose(held[61:], np.broadcast_to(vectors[-1], (9, 2)), atol=1e-6)
    assert at_rate(np.zeros((0, 4), np.float32)).shape == (0, 4) and frames_heard(1) == 1


@pytest.mark.parametrize("fps", [25.0, 29.97, 30.0, 60.0])
@pytest.mark.parametrize("size", [1, 7, 100])
def test_stream_equals_one_piece(fps, size):
    vectors = np.random.default_rng(0).normal(size=(137, 3)).astype(np.float32)
    for frames in (1, 40, frames_heard(137, fps), frames_heard(137, fps) + 9):
        pieces = list(blocks_at_rate((vectors[start : start + size] for start in range(0, 137, size)), frames, fps))
        np.testing.assert_array_equal(np.concatenate(pieces), at_rate(vectors, fps, frames))
    assert list(blocks_at_rate([], 5, fps)) == []
