"""What painters share: weights of cubic samples, masks, sizes, threads."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from drawing.cubic import catmull_rom_weights, keys_weight
from drawing.magnifying import calm_kernel, magnified, magnifying_kernel, sharpening_response
from drawing.masks import dilated, eroded, filled_hull
from drawing.packed import laid_over, packed, sampled
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


def test_large_discs_reach_as_far_as_small_ones_and_eroding_undoes_them():
    mask = np.zeros((80, 80), bool)
    mask[40, 40] = True
    for radius in (4, 9, 25):
        grown = dilated(mask, radius)
        assert grown[40, 40 - radius] and grown[40 + radius, 40] and not grown[40, 39 - radius]
        assert abs(int(grown.sum()) - np.pi * (radius + 0.5) ** 2) < 0.12 * np.pi * radius**2 + 8
        assert 0 < eroded(grown, radius).sum() < 30 and not eroded(grown, radius + 1).any()
    assert not dilated(np.zeros((20, 20), bool), 9).any() and eroded(np.ones((20, 20), bool), 9).all()


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


def test_a_magnified_picture_is_the_kernel_laid_over_it_and_goes_on_as_in_a_mirror():
    pixels = np.random.default_rng(5).integers(0, 256, (9, 11, 4)).astype(np.uint8)
    for times, kernel in ((2, magnifying_kernel), (3, magnifying_kernel), (3, calm_kernel)):
        large = magnified(pixels, times, kernel)
        kernels = [kernel(phase, times) for phase in range(times)]
        around = np.pad(pixels.astype(float), ((8, 8), (8, 8), (0, 0)), mode="symmetric")
        for y, x in ((0, 0), (13, 5), (7, 17), (2 * times + 1, 3 * times)):
            window = around[y // times + 3 : y // times + 15, x // times + 3 : x // times + 15]
            expected = np.einsum("i,j,ijc->c", kernels[y % times], kernels[x % times], window)
            assert np.abs(large[y, x] - np.clip(expected, 0, 255)).max() <= 1


def test_magnifying_keeps_an_even_picture_and_gives_back_what_bilinear_samples_lose():
    assert (magnified(np.full((8, 8), 77, np.uint8), 3) == 77).all()
    for times in (2, 3):
        frequency = np.array([0.05, 0.2, 0.4])
        between = np.linspace(0, 1, 2001)[:, None]
        power = np.abs(1 - between + between * np.exp(2j * np.pi * frequency / times)) ** 2
        np.testing.assert_allclose(sharpening_response(frequency, times) ** 2 * power.mean(axis=0), 1, rtol=1e-3)


def test_packed_pixels_are_sampled_and_laid_over_as_numbers_are():
    random = np.random.default_rng(6)
    pixels = random.integers(0, 256, (5, 7, 4)).astype(np.uint8)
    pixels[2, 3:5] = pixels[3, 3:5] = 255
    flat = packed(pixels).ravel()
    for x, y in ((0.0, 0.0), (2.25, 3.5), (4.9375, 1.0625), (3.9375, 2.9375), *random.uniform(0, (5.99, 3.99), (200, 2))):
        sixteenths = int(x * 16), int(y * 16)
        sample = sampled(flat, np.uint64(7), np.int64(x * 65536), np.int64(y * 65536))
        (x0, fx), (y0, fy) = ((at // 16, at % 16 / 16) for at in sixteenths)
        rows = pixels[y0, x0 : x0 + 2] * (1 - fy) + pixels[y0 + 1, x0 : x0 + 2] * fy
        assert bytes_of(sample).tolist() == np.floor(rows[0] * (1 - fx) + rows[1] * fx + 0.5).tolist()
    below = int(flat[0])
    for cover in (0, 1, 100, 255):
        above = np.uint32(int(flat[8]) & 0xFFFFFF | cover << 24)
        expected = pixels[0, 0, :3] + (pixels[1, 1, :3].astype(float) - pixels[0, 0, :3]) * cover / 255
        laid = bytes_of(laid_over(np.uint32(below), above))[:3]
        assert np.abs(laid - expected).max() <= 1.01
        assert 0 < cover < 255 or laid.tolist() == expected.tolist()


def bytes_of(pixel) -> np.ndarray:
    """Red, green, blue and alpha of a packed pixel."""
    return np.array([int(pixel) >> shift & 255 for shift in (0, 8, 16, 24)], float)
