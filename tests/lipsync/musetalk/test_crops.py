"""The part of a frame that is drawn: the published rules in numbers, and on faces of our own."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from faces.faces import FaceFinder
from lipsync.musetalk.crops import BLACK_FROM, SIDE, V15, CropBox, CropRule, crop_box, points_68, rule_of_v10, shift_range
from media.pictures import load_picture

#: Of the 68 points: the mouth, the eyes.
MOUTH, EYES = slice(48, 68), slice(36, 48)


def points(chin=300.9, middle=200.5, left=100.7, right=260.2):
    """68 points of a face whose rule is easily worked out."""
    found = np.full((68, 2), (180.0, 220.0))
    found[8] = (181.0, chin)
    found[0], found[16] = (left, 190.0), (right, 191.0)
    found[28], found[29], found[30] = (180.0, middle - 11), (180.0, middle), (180.0, middle + 12)
    return found


def test_the_rules_in_numbers():
    assert crop_box(points(), 640, 480) == CropBox(100, 100, 260, 310)
    assert crop_box(points(), 640, 480, rule_of_v10()) == CropBox(100, 100, 260, 300)
    assert crop_box(points(), 640, 480, rule_of_v10(-7)) == CropBox(100, 86, 260, 300)
    assert crop_box(points(), 640, 480, rule_of_v10(5)) == CropBox(100, 110, 260, 300)
    assert shift_range(points()) == (-12, 11)
    assert CropRule(below_chin_px=10, shift_px=0) == V15


def test_faces_at_the_edge():
    assert crop_box(points(), 640, 305) == CropBox(100, 100, 260, 305)
    assert crop_box(points(middle=140.0), 640, 480) == CropBox(100, 0, 260, 310)
    assert crop_box(points(left=-20.0), 200, 480) == CropBox(0, 100, 200, 310)


@pytest.mark.parametrize(
    "outside",
    [points(chin=199.0), np.add(points(), (-400.0, 0.0)), np.add(points(), (700.0, 0.0)), np.add(points(), (0.0, 600.0))],
    ids=["nose below the chin", "left", "right", "below"],
)
def test_faces_that_give_no_square(outside):
    assert crop_box(outside, 640, 480) is None


@pytest.mark.parametrize("name", ["man_photo.jpg", "woman_photo.jpg", "painting_three_quarter.jpg"])
def test_the_mouth_of_a_real_face_lies_in_the_half_that_is_blacked_out(name, shared_dir):
    picture = load_picture(shared_dir / "portraits" / name).image
    with FaceFinder() as finder:
        (face,) = finder.find(picture)
    box = crop_box(points_68(face), picture.shape[1], picture.shape[0])
    crop = box.cut(picture)
    assert crop.shape == (SIDE, SIDE, 3) and crop.dtype == np.uint8
    rows = (points_68(face)[:, 1] - box.top) / (box.bottom - box.top) * SIDE
    assert rows[MOUTH].min() > BLACK_FROM and rows[MOUTH].max() < SIDE
    assert rows[EYES].max() < BLACK_FROM
    columns = (points_68(face)[:, 0] - box.left) / (box.right - box.left) * SIDE
    assert columns.min() > -2 and columns.max() < SIDE + 2


def test_the_cut_is_the_part_of_the_frame():
    frame = np.random.default_rng(0).integers(0, 256, (300, 300, 3), np.uint8)
    assert np.array_equal(CropBox(20, 30, 276, 286).cut(frame), frame[30:286, 20:276])
    smooth = cv2.GaussianBlur(frame, (0, 0), 6)
    wide = CropBox(0, 50, 300, 250).cut(smooth)
    assert abs(int(wide[128, 128, 0]) - int(smooth[150, 150, 0])) < 3
