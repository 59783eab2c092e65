from __future__ import annotations

import numpy as np
import pytest

from filters.looks.steady import SteadyField, SteadyPalette, SteadyPixels, label_pixels


def grainy(picture, seed, level=3.0):
    noise = np.random.default_rng(seed).normal(0.0, level, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def test_grain_goes_and_motion_stays():
    still = np.full((48, 48, 3), 120.0)
    pixels = SteadyPixels()
    for seed in range(8):
        steady = pixels.step(grainy(still, seed))
    assert steady.std() < 0.6 * 3.0
    moved = still.copy()
    moved[10:30, 10:30] = 220.0
    steady = pixels.step(grainy(moved, 99))
    assert steady[15:25, 15:25].mean() == pytest.approx(220.0, abs=2.0) and not pixels.cut


def test_another_shot_keeps_nothing_of_the_last():
    pixels = SteadyPixels()
    pixels.step(np.full((32, 32, 3), 20, np.uint8))
    assert pixels.cut
    frame = grainy(np.full((32, 32, 3), 200.0), 1)
    np.testing.assert_array_equal(pixels.step(frame), frame)
    assert pixels.cut and (pixels.share == 1).all()


def test_a_field_is_averaged_only_where_its_frame_is_still():
    pixels, field = SteadyPixels(), SteadyField(0.25)
    frame = np.full((40, 40, 3), 100, np.uint8)
    pixels.step(frame)
    field.step(np.zeros((40, 40), np.float32), pixels)
    frame[:, 20:] = 160
    pixels.step(frame)
    averaged = field.step(np.ones((40, 40), np.float32), pixels)
    assert averaged[20, 5] == pytest.approx(0.25) and averaged[20, 35] == pytest.approx(1.0)


def test_a_pixel_changes_its_colour_only_for_a_clearly_nearer_one():
    colours = np.array([[20, 0, 0], [40, 0, 0]], np.float32)
    last = np.zeros((1, 4), np.uint8)
    lab = np.zeros((1, 4, 3), np.float32)
    lab[0, :, 0] = (20, 30.5, 31.4, 39)
    assert label_pixels(lab, colours, last, 0.0).tolist() == [[0, 1, 1, 1]]
    assert label_pixels(lab, colours, last, 2.0).tolist() == [[0, 0, 1, 1]]


def test_the_palette_is_found_once_a_shot_and_follows_the_light():
    lab = np.zeros((32, 32, 3), np.float32)
    lab[:, 16:, 0], lab[16:, :, 1] = 60.0, 20.0
    palette = SteadyPalette(4, 2.0)
    labels = palette.step(lab, True)
    assert sorted(np.bincount(labels.ravel())) == [256] * 4
    assert (np.diff(palette.colours[:, 0]) >= -1e-3).all(), "the darkest first"
    found = palette.colours.copy()
    brighter = lab + np.array([4.0, 0.0, 0.0], np.float32)
    for _ in range(60):
        np.testing.assert_array_equal(palette.step(brighter, False), labels)
    assert (palette.colours - found)[:, 0] == pytest.approx(4.0, abs=0.5)


def test_fewer_colours_than_asked_for_are_no_harm():
    palette = SteadyPalette(8, 2.0)
    labels = palette.step(np.full((16, 16, 3), 50.0, np.float32), True)
    assert palette.colours.shape == (8, 3) and len(np.unique(labels)) == 1
