"""Pictures are cut, turned and straightened: where nothing is read between pixels, to the pixel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from core.errors import InputError
from media.picture_cutting import cut, inside, largest, save_png, with_alpha
from media.pictures import GROUND, KEPT_PIXELS, Picture, compose, load_picture


@pytest.fixture(scope="module")
def portrait(root_dir):
    return load_picture(root_dir / "demo" / "portrait.jpg")


def pixels(made):
    return np.asarray(made)


def test_a_part_is_copied_pixel_by_pixel_and_kept_by_png(portrait, tmp_path):
    made = cut(portrait, (100.2, 50, 700, 649.9), 0, 0.0, False)
    assert np.array_equal(pixels(made), portrait.image[50:650, 100:700])
    save_png(made, str(tmp_path / "part.png"))
    assert np.array_equal(load_picture(tmp_path / "part.png").image, pixels(made))


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("flip", [False, True])
def test_it_is_mirrored_then_turned_to_the_right(portrait, quarters, flip):
    expected = portrait.image[:, ::-1] if flip else portrait.image
    for _ in range(quarters):
        expected = cv2.rotate(expected, cv2.ROTATE_90_CLOCKWISE)
    assert np.array_equal(pixels(cut(portrait, None, quarters, 0.0, flip)), expected)


@pytest.mark.parametrize("angle_deg", [-30.0, -3.3, 12.0, 45.0])
def test_straightened_there_and_back_is_the_same(portrait, angle_deg):
    there = Picture(pixels(cut(portrait, (0, 0, 1024, 1024), 0, angle_deg, False)), None)
    back = pixels(cut(there, (362, 362, 662, 662), 0, -angle_deg, False)).astype(float)
    assert np.abs(back - portrait.image[362:662, 362:662]).mean() < 1.5


def test_it_turns_to_the_right():
    picture = np.zeros((400, 600, 3), np.uint8)
    picture[195:205, 300:600] = 255  # a bar from the middle to the right, which then points down
    made = pixels(cut(Picture(picture, None), (0, 0, 600, 400), 0, 45.0, False))
    assert made[300, 400].mean() > 200 and made[100, 400].mean() < 30


@pytest.mark.parametrize("size", [(400, 300), (300, 400), (1000, 200)])
@pytest.mark.parametrize("angle_deg", [0.0, 2.0, -20.0])
def test_the_largest_part_has_no_empty_corner_and_could_be_no_larger(size, angle_deg):
    width, height = size
    left, top, right, bottom = largest(width, height, angle_deg)
    assert (right - left) / (bottom - top) == pytest.approx(width / height, rel=0.03)
    turned = np.deg2rad(-angle_deg)
    matrix = np.array([[np.cos(turned), -np.sin(turned)], [np.sin(turned), np.cos(turned)]])
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], float) - (width / 2, height / 2)
    reach = np.abs(corners @ matrix.T).max(axis=0) / (width / 2, height / 2)
    assert 0.97 < reach.max() < 1.01


def test_corners_that_lack_have_the_borders_colours():
    picture = Picture(np.full((300, 300, 3), (10, 120, 240), np.uint8), None)
    assert np.ptp(pixels(cut(picture, (0, 0, 300, 300), 0, 30.0, False)).reshape(-1, 3), axis=0).max() == 0


def test_what_is_transparent_stays_so():
    generator = np.random.default_rng(5)
    colours, alpha = generator.integers(0, 256, (90, 80, 3), np.uint8), generator.integers(0, 256, (90, 80), np.uint8)
    alpha[:20], alpha[-20:] = 0, 255
    shown = compose(colours, alpha)
    made = cut(Picture(shown, alpha), (5, 3, 75, 88), 0, 0.0, False)
    assert made.mode == "RGBA" and np.array_equal(pixels(made)[..., 3], alpha[3:88, 5:75])
    # laid over the grey again it is what it was
    again = compose(with_alpha(shown, alpha)[..., :3], alpha)
    assert np.abs(again.astype(int) - shown).max() <= 1 and again[0, 0, 0] == GROUND


def test_more_pixels_than_films_show_are_scaled_down():
    made = cut(Picture(np.zeros((4000, 5000, 3), np.uint8), None), (0, 0, 5000, 3900), 0, 0.0, False)
    assert made.size[0] * made.size[1] == pytest.approx(KEPT_PIXELS, rel=0.001) and isinstance(made, Image.Image)


def test_too_little_is_refused_and_what_lies_outside_is_left_out():
    assert inside((-20, -5, 90, 2000), 100, 300) == (0, 0, 90, 300)
    with pytest.raises(InputError, match="Too little"):
        inside((40, 0, 100, 300), 100, 300)
    with pytest.raises(InputError, match="no side may"):
        cut(Picture(np.zeros((70, 33_000, 3), np.uint8), None), (0, 0, 33_000, 70), 0, 1.0, False)
