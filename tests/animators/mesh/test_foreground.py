"""Colours and mattes of a fringe whose truth is known, because it was composed here."""

import cv2
import numpy as np

from animators.mesh.foreground import refine_alpha, settle_alpha, weighted_blur


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
