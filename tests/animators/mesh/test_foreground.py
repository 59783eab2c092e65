"""Colours and mattes of a fringe whose truth is known, because it was composed here."""

import cv2
import numpy as np

from animators.mesh.foreground import blurred, refine_alpha, settle_alpha, weighted_blur


def _composed(side=160):
    """A soft-edged disc of one colour with strands, over a smooth ramp: picture, true matte, colours of both."""
    rows, columns = np.indices((side, side), dtype=np.float32)
    alpha = np.clip((50 - np.hypot(rows - 80, columns - 80)) / 6 + 0.5, 0, 1).astype(np.float32)
    for angle in np.linspace(0, 2 * np.pi, 14):
        end = (int(80 + 70 * np.cos(angle)), int(80 + 70 * np.sin(angle)))
        strand = np.zeros((side, side), np.float32)
        cv2.line(strand, (80, 80), end, 0.7, 1, cv2.LINE_AA)
        alpha = np.maximum(alpha, strand)
    foreground = np.full((side, side, 3), (60, 40, 30), np.float32)
    background = np.stack([180 + 0.2 * columns, 190 - 0.1 * rows, np.full_like(rows, 200)], axis=-1)
    return alpha[..., None] * foreground + (1 - alpha[..., None]) * background, alpha, foreground, background


def test_refined_alpha_finds_strands_that_a_blurred_matte_lost():
    picture, truth, foreground, background = _composed()
    blurred = cv2.GaussianBlur(truth, (0, 0), 4.0)
    refined = refine_alpha(picture, blurred, foreground, background, np.full(truth.shape, 1.0, np.float32), 3)
    assert np.abs(refined - truth).mean() < 0.25 * np.abs(blurred - truth).mean()


def test_refined_alpha_keeps_the_matte_where_colours_say_nothing():
    picture, truth, foreground, _ = _composed()
    blurred = cv2.GaussianBlur(truth, (0, 0), 4.0)
    refined = refine_alpha(picture, blurred, foreground, foreground + 3, np.full(truth.shape, 1.0, np.float32), 3)
    np.testing.assert_allclose(refined, blurred, atol=1e-6)


def test_a_pixel_that_is_no_mixture_becomes_wholly_one_of_the_two():
    _, truth, foreground, background = _composed()
    half = np.full(truth.shape, 0.5, np.float32)
    red = np.full_like(foreground, (255, 0, 0))
    calm = np.zeros_like(half)
    assert settle_alpha(red, half, np.full_like(half, 0.9), foreground, background, calm).min() > 0.99
    assert settle_alpha(red, half, np.full_like(half, 0.1), foreground, background, calm).max() < 0.01


def test_weighted_blur_never_takes_colour_from_weightless_pixels():
    values = np.zeros((90, 120, 3), np.float32)
    values[:, 60:] = 250.0
    weights = np.zeros((90, 120), np.float32)
    weights[:, :55] = 1.0
    assert np.abs(weighted_blur(values, weights, 3.0)).max() < 1e-3


def test_a_hair_that_only_touches_the_border_is_not_taken_in_there():
    """Beyond the border the matte goes on as it is on it, so that it would be a streak above a head that moves down."""
    picture = np.full((80, 80, 3), 200, np.float32)
    picture[:60, 40] = 40
    dark, light = np.full_like(picture, 40), np.full_like(picture, 200)
    refined = refine_alpha(picture, np.zeros((80, 80), np.float32), dark, light, np.full((80, 80), 1.0, np.float32), 3)
    assert refined[0].max() == 0 and refined[12:50, 40].min() > 0.9


def test_broad_blurs_in_a_smaller_picture_are_what_they_are_in_the_whole_one():
    values = np.random.default_rng(2).uniform(0, 255, (180, 240, 3)).astype(np.float32)
    weights = np.zeros((180, 240), np.float32)
    weights[20:160, 30:200] = 1
    inner = slice(30, 150), slice(40, 190)
    for sigma in (2.0, 5.0, 9.0, 17.0):
        expected = cv2.GaussianBlur(values, (0, 0), sigma)
        missed = (blurred(values, sigma) - expected)[inner]
        assert np.sqrt((missed**2).mean()) < 0.2 * expected[inner].std()
        expected = cv2.GaussianBlur(values * weights[..., None], (0, 0), sigma)
        expected = expected[inner] / cv2.GaussianBlur(weights, (0, 0), sigma)[inner][..., None]
        missed = weighted_blur(values, weights, sigma)[inner] - expected
        assert np.sqrt((missed**2).mean()) < 0.2 * expected.std()


def test_what_is_not_wanted_is_left_and_what_is_comes_out_the_same():
    values = np.random.default_rng(3).uniform(0, 255, (90, 120, 3)).astype(np.float32)
    weights = (values[..., 0] > 100).astype(np.float32)
    weights[:, 70:] = 0
    wanted = np.zeros((90, 120), bool)
    wanted[30:80, 40:110] = True
    whole, part = weighted_blur(values, weights, 4.0), weighted_blur(values, weights, 4.0, wanted)
    np.testing.assert_allclose(part[wanted], whole[wanted], atol=0.05)
    np.testing.assert_array_equal(part[~wanted], values[~wanted])
