"""The head's crop and the alignment, against geometry that is known and on a real portrait."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from core.contracts import Face  # noqa: E402
from faces.faces import FaceFinder  # noqa: E402
from faces.head_crop import EYES, MOUTH_CORNERS, head_crop  # noqa: E402
from media.pictures import load_picture  # noqa: E402
from sadtalker_runner.networks.face_reconstruction import FaceReconstructionNet  # noqa: E402
from sadtalker_runner.portrait import (  # noqa: E402
    ALIGNED_SCALE,
    MEAN_LANDMARKS,
    NOSE_TIP,
    aligned,
    alignment,
    five_points,
    portrait_coefficients,
)


def face_of(landmarks):
    return Face(landmarks.astype(np.float32), np.zeros(52, np.float32), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0, 1.0))


def drawn_landmarks(centre, scale):
    """Landmarks (478, 3) whose five points are the mean face's, seen from the front at `scale` pixels a unit."""
    points = np.zeros((478, 3))
    places = np.array(centre) + MEAN_LANDMARKS[:, :2] * np.array([1, -1]) * scale
    for eye, place in zip(EYES, places[:2], strict=True):
        points[list(eye), :2] = place
    points[NOSE_TIP, :2] = places[2]
    points[list(MOUTH_CORNERS), :2] = places[3:]
    return points


def test_alignment_finds_a_camera_that_is_known():
    landmarks = drawn_landmarks((150.0, 90.0), 60.0)
    scale, x, y = alignment(five_points(landmarks), 300)
    assert (scale, x, y) == pytest.approx((ALIGNED_SCALE / 60, 150, 299 - 90))


def test_the_aligned_face_lies_where_the_network_wants_it():
    """The brightest spot of a picture, set where the nose is, is found where the mean nose belongs."""
    landmarks = drawn_landmarks((150.0, 90.0), 60.0)
    picture = np.zeros((300, 260, 3), np.uint8)
    nose = landmarks[NOSE_TIP, :2].round().astype(int)
    picture[nose[1] - 1 : nose[1] + 2, nose[0] - 1 : nose[0] + 2] = 255
    face = aligned(picture, *alignment(five_points(landmarks), 300))
    assert face.shape == (224, 224, 3)
    found = np.unravel_index(face[..., 0].argmax(), (224, 224))
    expected = (112 - MEAN_LANDMARKS[2, 1] * ALIGNED_SCALE, 112 + MEAN_LANDMARKS[2, 0] * ALIGNED_SCALE)
    assert np.abs(np.array(found) - expected).max() < 3


def test_the_crop_holds_the_head_and_repeats_the_border():
    crop = head_crop(face_of(drawn_landmarks((20.0, 30.0), 60.0)))
    assert crop.left < 0 and crop.top < 0
    eyes = 2 * np.hypot(*(MEAN_LANDMARKS[1] - MEAN_LANDMARKS[0])[:2]) * 60
    mouth = 1.8 * 60 * (MEAN_LANDMARKS[:2, 1].mean() - MEAN_LANDMARKS[3:, 1].mean())
    assert crop.height == crop.width == pytest.approx(2 * max(eyes, mouth), rel=0.02)
    picture = np.full((80, 90, 3), 77, np.uint8)
    assert (crop.cut(picture, 128) == 77).all()
    assert crop.points(np.array([[crop.left - 0.5, crop.top - 0.5]]), 128)[0] == pytest.approx([-0.5, -0.5])


def test_points_of_a_crop_are_where_its_pixels_are():
    crop = head_crop(face_of(drawn_landmarks((160.0, 150.0), 70.0)))
    picture = np.zeros((320, 320, 3), np.uint8)
    picture[138:143, 178:183] = 255
    cut = crop.cut(picture, 128).astype(float)[..., 0]
    found = np.array([(cut.sum(axis=axis) * np.arange(128)).sum() / cut.sum() for axis in (0, 1)])
    assert np.abs(found - crop.points(np.array([[180.0, 140.0]]), 128)[0]).max() < 0.5


def test_a_real_portrait(shared_dir):
    picture = load_picture(shared_dir / "portraits" / "woman_photo.jpg").image
    with FaceFinder() as finder:
        face = finder.find(picture)[0]
    crop = head_crop(face)
    cut, points = crop.cut(picture, 256), crop.points(face.landmarks[:, :2], 256)
    scale, x, y = alignment(five_points(points), 256)
    placed = (five_points(points) - [x, 255 - y]) * scale / ALIGNED_SCALE * [1, -1]
    off = np.abs(placed - MEAN_LANDMARKS[:, :2])
    # A head that is turned a little carries its nose aside, so of the nose only the height is held to the mean face.
    assert off[[0, 1, 3, 4]].max() < 0.12 and off[2, 1] < 0.06
    torch.manual_seed(0)
    network = FaceReconstructionNet().eval()
    coefficients = portrait_coefficients(network, cut, points)
    assert coefficients.shape == (73,) and coefficients[70:] == pytest.approx([scale, x, y], rel=1e-5)
    other = portrait_coefficients(network, cut[:, ::-1].copy(), points)
    assert np.abs(other[:70] - coefficients[:70]).max() > 1e-4, "the picture matters, not only the landmarks"
