"""The fill of a hole, held against what was there before it was cut."""

import numpy as np
import pytest

from animators.mesh.inpaint import FillSettings, fill_hole

SIDE = 200


def _hole():
    hole = np.zeros((SIDE, SIDE), bool)
    hole[70:150, 60:130] = True
    return hole


def _filled(picture, hole=None):
    hole = _hole() if hole is None else hole
    spoiled = np.where(hole[..., None], np.float32([255, 0, 255]), picture)
    return fill_hole(spoiled, hole, np.zeros_like(hole), 40.0, FillSettings()), hole


def test_a_smooth_scene_is_continued_to_within_a_few_levels():
    rows, columns = np.indices((SIDE, SIDE), dtype=np.float32)
    picture = np.stack([60 + 0.5 * columns, 90 + 0.3 * rows, 120 + 0.2 * (rows + columns)], axis=-1).astype(np.float32)
    filled, hole = _filled(picture)
    assert np.abs(filled - picture)[hole].mean() < 8


def test_stripes_are_continued_rather_than_smeared():
    columns = np.indices((SIDE, SIDE), dtype=np.float32)[1]
    stripe = 128 + 60 * np.sign(np.sin(columns * 2 * np.pi / 20))
    picture = np.repeat(stripe[..., None], 3, axis=-1).astype(np.float32)
    filled, hole = _filled(picture)
    assert np.abs(filled - picture)[hole].mean() < 20
    assert filled[hole].std() > 0.8 * picture[hole].std()


def test_grain_is_as_strong_inside_as_outside():
    rng = np.random.default_rng(0)
    picture = (130 + 6 * rng.standard_normal((SIDE, SIDE, 3))).astype(np.float32)
    filled, _ = _filled(picture)
    inside, outside = filled[90:130, 75:115].std(), filled[10:50, 10:50].std()
    assert 0.6 * outside < inside < 1.4 * outside


def test_what_is_known_is_not_touched_and_nothing_of_the_hole_comes_back():
    picture = np.full((SIDE, SIDE, 3), 100, np.float32)
    filled, hole = _filled(picture)
    np.testing.assert_array_equal(filled[~hole], picture[~hole])
    assert np.abs(filled[hole] - 100).max() < 10


def test_barred_pixels_are_not_copied():
    picture = np.full((SIDE, SIDE, 3), 100, np.float32)
    hole, barred = _hole(), np.zeros((SIDE, SIDE), bool)
    barred[:, 160:] = True
    picture[:, 160:] = (255, 0, 0)
    filled = fill_hole(picture, hole, barred, 40.0, FillSettings())
    assert np.abs(filled[hole] - 100).max() < 20


@pytest.mark.parametrize("value", [True, False])
def test_all_or_nothing_to_fill(value):
    picture = np.full((64, 64, 3), 90, np.float32)
    filled = fill_hole(picture, np.full((64, 64), value), np.zeros((64, 64), bool), 10.0, FillSettings())
    assert filled.shape == picture.shape and np.isfinite(filled).all()
