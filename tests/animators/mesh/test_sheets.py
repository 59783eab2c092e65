"""Sheets of triangles against plain implementations: what they cover, what they show, and how sharp it stays between pixels."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from scipy.spatial import Delaunay

from animators.mesh.raster import lay_inlay
from animators.mesh.sheets import LARGE_PX, LARGE_TIMES, SMALL_TIMES, Sheet
from drawing.cubic import catmull_rom_weights

SIZE = 96
SHIFTS = [(0.25, 0.0), (0.5, 0.5), (0.33, 0.71), (0.1, 0.9), (0.62, 0.05)]


def opaque(colours):
    return np.dstack([colours, np.full(colours.shape[:2], 255, np.uint8)])


def grid_of(height, width, cells=4):
    """Places of a sheet over the whole picture, and its triangles."""
    x, y = np.meshgrid(np.linspace(0, width - 1, cells + 1), np.linspace(0, height - 1, cells + 1))
    places = np.column_stack([x.ravel(), y.ravel(), np.zeros(x.size)]).astype(np.float32)
    return places, Delaunay(places[:, :2]).simplices.astype(np.int32)


def drawn(pixels, places, moved, triangles, below=0):
    frame = np.full((*pixels.shape[:2], 3), below, np.uint8)
    nothing = np.zeros_like(frame)
    Sheet(pixels, places[:, :2], triangles, nothing).draw(moved, frame)
    return frame


@pytest.fixture(scope="module")
def fine_picture():
    """A picture with detail up to its finest, (SIZE, SIZE, 3) uint8."""
    noise = np.random.default_rng(3).normal(0, 60, (SIZE, SIZE, 3))
    return np.clip(128 + cv2.GaussianBlur(noise, (0, 0), 0.7), 0, 255).astype(np.uint8)


def shifted_by_fourier(channel, dx, dy):
    around = 32
    spectrum = np.fft.fft2(np.pad(channel.astype(float), around, mode="symmetric"))
    fy, fx = np.fft.fftfreq(spectrum.shape[0])[:, None], np.fft.fftfreq(spectrum.shape[1])[None]
    shifted = np.fft.ifft2(spectrum * np.exp(2j * np.pi * (fx * dx + fy * dy))).real
    return np.clip(shifted[around:-around, around:-around], 0, 255)


def shifted_by_catmull_rom(channel, dx, dy):
    across, down = (np.array(catmull_rom_weights.py_func(np.float32(f)), np.float32) for f in (dx, dy))
    return cv2.sepFilter2D(channel.astype(np.float32), cv2.CV_32F, across, down, anchor=(1, 1))


def detail(channel):
    return float((cv2.Laplacian(channel.astype(np.float32), cv2.CV_32F)[8:-8, 8:-8] ** 2).mean())


@pytest.mark.parametrize("large", [False, True])
def test_between_pixels_it_stays_sharp_and_nearer_the_truth_than_catmull_and_rom(fine_picture, large):
    wide = np.tile(fine_picture, (1, -(-LARGE_PX // SIZE**2) + 2, 1)) if large else fine_picture
    places, triangles = grid_of(*wide.shape[:2])
    sheet = Sheet(opaque(wide), places[:, :2], triangles, wide)
    assert sheet.times == (LARGE_TIMES if large else SMALL_TIMES)
    missed, missed_by_cubic, sharp = [], [], []
    for dx, dy in SHIFTS:
        frame = np.zeros_like(wide)
        sheet.draw(places - np.array([dx, dy, 0], np.float32), frame)
        one = frame[:, :SIZE, 1]
        truth, cubic = shifted_by_fourier(fine_picture[..., 1], dx, dy), shifted_by_catmull_rom(fine_picture[..., 1], dx, dy)
        inner = np.s_[12:-12, 12:-12]
        missed.append(np.sqrt(((one - truth)[inner] ** 2).mean()))
        missed_by_cubic.append(np.sqrt(((cubic - truth)[inner] ** 2).mean()))
        sharp.append(detail(one) / detail(truth))
    assert np.mean(missed) < 0.8 * np.mean(missed_by_cubic), (missed, missed_by_cubic)
    assert 0.9 < np.mean(sharp) < 1.1 and min(sharp) > (0.7 if large else 0.8), sharp


def test_every_pixel_is_drawn_once():
    """Half-transparent triangles: what two of them drew would be darker, what none drew white."""
    random = np.random.default_rng(1)
    places = np.column_stack([random.uniform(-5, 68, (60, 2)), np.zeros(60)]).astype(np.float32)
    places[:12, :2] = np.rint(places[:12, :2])  # vertices and edges right on pixels
    places[12:16, 1], places[16:20, 0] = 20, 40
    triangles = Delaunay(places[:, :2])
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[..., 3] = 128
    moved = places + np.array([0.5, 0.25, 0], np.float32)
    frame = drawn(pixels, places, moved, triangles.simplices.astype(np.int32), below=255)[..., 0]
    y, x = np.mgrid[0:64, 0:64].astype(float)
    inside = triangles.find_simplex(np.stack([x - 0.5, y - 0.25], 2)) >= 0
    assert set(np.unique(frame)) == {127, 255}
    assert ((frame == 127) != inside).mean() < 0.003


def test_what_has_not_moved_is_shown_as_it_was(fine_picture):
    places, triangles = grid_of(SIZE, SIZE)
    frame = np.zeros_like(fine_picture)
    Sheet(opaque(255 - fine_picture), places[:, :2], triangles, fine_picture).draw(places, frame)
    assert (frame[:-1, :-1] == fine_picture[:-1, :-1]).all()


def test_the_nearest_is_drawn_last_where_the_sheet_folds():
    colours = np.zeros((40, 40, 3), np.uint8)
    colours[:, 20:] = 200
    places = np.array([[0, 0, 0], [0, 39, 0], [19, 0, 0], [19, 39, 0], [38, 0, 0], [38, 39, 0]], np.float32)
    triangles = np.array([[0, 1, 2], [1, 3, 2], [2, 3, 4], [3, 5, 4]], np.int32)
    for depth, seen in ((-9, 200), (9, 0)):
        moved = places.copy()
        moved[4:] = [[2, 0, depth], [2, 39, depth]]  # the right half is folded over the left one, or under it
        assert abs(int(drawn(opaque(colours), places, moved, triangles)[20, 8, 0]) - seen) < 12


def test_what_lies_behind_is_drawn_first():
    places, triangles = grid_of(20, 20, cells=1)
    colours = np.zeros((20, 20, 3), np.uint8)
    colours[:, :10] = 200
    both = np.concatenate([places, places])
    both[4:, :2] = both[4:, :2] * 0.2 + 2  # a second sheet's picture is bright
    behind = (triangles + 4).astype(np.int32)
    moved = np.concatenate([places, places]) + np.array([0.4, 0, 0], np.float32)
    frame = np.zeros((20, 20, 3), np.uint8)
    Sheet(opaque(colours), both[:, :2], triangles, colours, behind).draw(moved, frame)
    assert (frame[5:15, 13:18] < 12).all()


def test_beyond_the_border_nothing_that_ends_before_it_appears_again():
    y, x = np.meshgrid([-8.0, 19.0], [0.0, 19.0], indexing="ij")
    places = np.column_stack([x.ravel(), y.ravel(), np.zeros(4)]).astype(np.float32)
    triangles = np.array([[0, 1, 2], [1, 3, 2]], np.int32)
    moved = places + np.array([0, 7.5, 0], np.float32)
    bar = np.zeros((20, 20, 4), np.uint8)
    bar[3:10] = 255  # its upper end is three pixels under the border
    assert (drawn(bar, places, moved, triangles, below=90)[0:7, 2:17] == 90).all()
    bar[:10] = 255  # the border cuts it
    assert (drawn(bar, places, moved, triangles, below=90)[0:7, 2:17] == 255).all()


def test_transparent_pictures_are_laid_over_what_is_below():
    places, triangles = grid_of(24, 24)
    pixels = np.full((24, 24, 4), 200, np.uint8)
    for alpha in (1, 51, 128, 254):
        pixels[..., 3] = alpha
        frame = drawn(pixels, places, places + np.array([0.3, 0.3, 0], np.float32), triangles, below=100)
        assert np.abs(frame[2:-2, 2:-2].astype(float) - (100 + 100 * alpha / 255)).max() <= 1


def test_triangles_beyond_the_frame_and_of_no_area_harm_nothing():
    places, triangles = grid_of(24, 24)
    pixels = opaque(np.full((24, 24, 3), 77, np.uint8))
    for shift in ((-30, 0), (40, 40), (0, -23.5)):
        frame = drawn(pixels, places, places + np.array([*shift, 0], np.float32), triangles)
        assert set(np.unique(frame)) <= {0, 77}
    flat = places.copy()
    flat[:, 1] = 5
    assert (drawn(pixels, places, flat, triangles) == 0).all()


def test_an_inlay_is_laid_over_the_frame_by_its_cover():
    frame = np.full((10, 12, 3), 100, np.uint8)
    inlay = np.zeros((4, 5, 4), np.uint8)
    inlay[1, 2] = (200, 0, 100, 51)
    inlay[3, 4] = (1, 2, 3, 255)
    lay_inlay(inlay, 6, 3, 0, 0, 5, 4, frame)
    assert (frame[4, 8] == (120, 80, 100)).all() and (frame[6, 10] == (1, 2, 3)).all()
    frame[4, 8] = frame[6, 10] = 100
    assert (frame == 100).all()
