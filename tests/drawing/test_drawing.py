"""What painters share: weights of cubic samples, masks, sizes, threads."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from drawing.cubic import catmull_rom_weights, keys_weight
from drawing.masks import dilated, filled_hull
from drawing.resizing import resized
from drawing.threads import MOST_THREADS, painting_threads


@pytest.mark.parametrize("f", [0.0, 0.25, 0.5, 0.99])
def test_weights_sum_to_one_and_follow_a_straight_line(f):
    for weights in (
        np.array(catmull_rom_weights.py_func(np.float32(f)), float),
        np.array([keys_weight.py_func(abs(f + 1 - k)) for k in range(4)], float),
    ):
        assert weights.sum() == pytest.approx(1.0, abs=1e-6)
        assert f > 0 or weights.tolist() == [0.0, 1.0, 0.0, 0.0]
    line = np.array(catmull_rom_weights.py_func(np.float32(f)), float) @ np.arange(-1.0, 3.0)
    assert line == pytest.approx(f, abs=1e-6)


def test_a_mask_grows_by_a_disc_and_keeps_its_type():
    mask = np.zeros((21, 21), bool)
    mask[10, 10] = True
    grown = dilated(mask, 3)
    assert grown.dtype == bool and grown[10, 7] and grown[10, 13] and not grown[10, 6] and not grown[7, 7]
    assert dilated(mask.astype(np.float32), 3).dtype == np.float32 and dilated(255 * mask.astype(np.uint8), 3).max() == 255


def test_a_hull_is_filled():
    mask = filled_hull(np.array([[4.0, 4.0], [12.0, 4.0], [12.0, 12.0], [4.0, 12.0], [8.0, 8.0]]), 16)
    assert (mask[5:12, 5:12] == 255).all() and not mask[:3].any() and not mask[:, 14:].any()


def test_a_picture_of_the_size_is_the_picture_itself():
    picture = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    assert resized(picture, 4, 6) is picture
    assert resized(picture, 2, 3).shape == (2, 3, 3) and resized(picture[..., 0], 8, 12).shape == (8, 12)


def test_threads(monkeypatch):
    monkeypatch.setattr("drawing.threads.usable_cores", lambda: 64)
    monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", 12)
    assert painting_threads() == MOST_THREADS and painting_threads(10) == 10 and painting_threads(20) == 12
