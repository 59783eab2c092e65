"""Enhancing: what is decided, what the network gives against known truth, and what goes wrong. Real pictures throughout."""

from __future__ import annotations

from pathlib import Path

import cv2
import mediapipe
import numpy as np
import pytest
from mediapipe.tasks.python import BaseOptions, vision
from PIL import Image

from core.contracts import Face
from core.errors import Cancelled, MissingError
from drawing.resizing import resized
from filters.enhance import (
    EnhanceSettings,
    FaceDetail,
    enhance_portrait,
    enlarge,
    load_network,
    measure_detail,
    plan_enhancement,
    resize_alpha,
)
from weights.fetch import ensure, ensure_all


@pytest.fixture(scope="module")
def find_face():
    """Call it with a picture: its first face."""
    try:
        model = ensure("face_landmarker")
        ensure_all(["spanx2_param", "spanx2_bin", "spanx4_param", "spanx4_bin"])
    except MissingError as error:
        pytest.skip(f"weights are missing: {error}")
    options = vision.FaceLandmarkerOptions(base_options=BaseOptions(model_asset_path=str(model)))
    with vision.FaceLandmarker.create_from_options(options) as landmarker:

        def find(image: np.ndarray) -> Face:
            found = landmarker.detect(mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(image)))
            height, width = image.shape[:2]
            points = np.array([(p.x * width, p.y * height, p.z * width) for p in found.face_landmarks[0]], np.float32)
            box = (*points[:, :2].min(axis=0), *points[:, :2].max(axis=0))
            return Face(points, np.zeros(52, np.float32), (0.0, 0.0, 0.0), tuple(float(side) for side in box))

        yield find


@pytest.fixture(scope="module")
def portrait(shared_dir: Path):
    """Call it with a name: that portrait (H, W, 3)."""
    return lambda name: np.asarray(Image.open(shared_dir / "portraits" / name).convert("RGB"))


def scaled(face: Face, scale: float) -> Face:
    return Face(face.landmarks * scale, face.blendshapes, face.rotation_deg, tuple(side * scale for side in face.box))


def shrunk(image: np.ndarray, factor: int) -> np.ndarray:
    return cv2.resize(image, None, fx=1 / factor, fy=1 / factor, interpolation=cv2.INTER_AREA)


def softened(image: np.ndarray, factor: int) -> np.ndarray:
    return cv2.resize(shrunk(image, factor), (image.shape[1], image.shape[0]), interpolation=cv2.INTER_CUBIC)


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.mean((one.astype(np.float64) - other) ** 2)))


SHARP, SOFT = 1.0, 0.5  # sharpness of a crisp face, and of one with less than half its pixels in detail
SETTINGS = EnhanceSettings()


@pytest.mark.parametrize(
    ("width_px", "sharpness", "grain", "film_scale"),
    [
        (600, SHARP, 0.0, 2.0),  # large and sharp
        (600, 0.6, 0.0, 1.0),  # soft, but large all the same
        (150, SHARP, 0.0, 1.0),  # small and sharp, shown as it is
        (150, SOFT, 0.0, 0.4),  # soft, but shown smaller than that
        (150, SOFT, 3.0, 1.0),  # grain is its detail
    ],
)
def test_left_alone(width_px, sharpness, grain, film_scale):
    assert plan_enhancement(FaceDetail(width_px, sharpness, grain), film_scale, SETTINGS) is None


def test_plans():
    small = plan_enhancement(FaceDetail(150, SHARP, 0.0), 2.0, SETTINGS)
    assert (small.input_scale, small.factor, small.scale) == (1.0, 2, 2.0)
    soft = plan_enhancement(FaceDetail(150, SOFT, 0.0), 1.0, SETTINGS)
    assert 0.25 <= soft.input_scale < 0.5 and soft.scale == 1.0
    grainy = plan_enhancement(FaceDetail(150, SHARP, 3.0), 2.0, SETTINGS)
    assert (grainy.input_scale, grainy.factor, grainy.strength) == (0.5, 4, SETTINGS.grainy_strength)
    tiny = plan_enhancement(FaceDetail(40, SOFT, 0.0), 9.0, SETTINGS)
    assert (tiny.input_scale, tiny.factor, tiny.scale) == (1.0, 4, SETTINGS.largest_scale)


@pytest.mark.parametrize(
    "changes", [{"strength": 1.5}, {"grainy_strength": -0.1}, {"tile_px": 8}, {"least_gain": 0.5}, {"threads": 0}]
)
def test_settings_out_of_range(changes):
    with pytest.raises(ValueError):
        EnhanceSettings(**changes)


@pytest.mark.parametrize("name", ["half_body_snow.jpg", "full_body.jpg", "woman_photo.jpg"])
def test_known_softness_is_measured(portrait, find_face, name):
    image = portrait(name)
    face = find_face(image)
    if name == "woman_photo.jpg":  # 573 px wide and a little soft: half the size is crisp
        image, face = shrunk(image, 2), scaled(face, 0.5)
    fractions = [measure_detail(softened(image, factor), face).fraction for factor in (1, 2, 4)]
    assert fractions[0] > 0.9
    assert fractions[1] == pytest.approx(0.5, abs=0.1)
    assert fractions[2] == pytest.approx(0.25, abs=0.05)


def test_grain_is_told_from_softness(portrait, find_face):
    image = portrait("half_body_snow.jpg")
    face = find_face(image)
    assert not measure_detail(image, face).grainy
    noise = np.random.default_rng(0).normal(0, 6, image.shape[:2])[..., None]
    grainy = np.clip(softened(image, 2) + noise, 0, 255).astype(np.uint8)
    assert measure_detail(grainy, face).grainy


def test_plain_area_counts_as_sharp(find_face, portrait):
    face = find_face(portrait("half_body_snow.jpg"))
    assert measure_detail(np.full((768, 512, 3), 120, np.uint8), face).fraction == 1.0


@pytest.mark.parametrize("factor", [2, 4])
def test_tiles_join_without_a_seam(portrait, find_face, factor):  # find_face: skips where weights are missing
    image = portrait("half_body_snow.jpg")[240:373, 130:287]  # odd sides, so that the last tiles are thin
    network = load_network(factor, threads=2)
    whole = np.clip(network(image) * 255 + 0.5, 0, 255).astype(np.uint8)
    tiled = enlarge(image, factor, network, tile_px=64)
    assert tiled.shape == whole.shape == (133 * factor, 157 * factor, 3)
    assert np.abs(tiled.astype(int) - whole).max() <= 1


@pytest.mark.parametrize("factor", [2, 3])
def test_nearer_to_the_true_picture_than_lanczos(portrait, find_face, factor):
    """A crisp face made small and enhanced again, against what it was: nearer than plain resizing, in place, of one tone."""
    whole = portrait("half_body_snow.jpg")
    face = find_face(whole)
    top, left = 220, 96
    true = whole[top : top + 288, left : left + 288]
    small_face = Face((face.landmarks - np.float32([left, top, 0])) / factor, face.blendshapes, face.rotation_deg, face.box)
    small = shrunk(true, factor)
    enhanced = enhance_portrait(small, small_face, target_height=288)
    assert enhanced.applied and enhanced.image.shape == true.shape and enhanced.scale == factor
    assert psnr(enhanced.image, true) > psnr(resized(small, 288, 288), true) + 1.0
    grey = [cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float64) for image in (enhanced.image, true)]
    shift, _ = cv2.phaseCorrelate(*grey)
    assert np.abs(shift).max() < 0.15
    assert np.abs(enhanced.image.mean(axis=(0, 1)) - true.mean(axis=(0, 1))).max() < 0.5
    blurred = [cv2.GaussianBlur(image, (0, 0), 12).astype(int) for image in (enhanced.image, resized(small, 288, 288))]
    assert np.abs(blurred[0] - blurred[1]).max() <= 2


def test_soft_picture_comes_nearer_to_the_true_one(portrait, find_face):
    true = portrait("half_body_snow.jpg")
    face = find_face(true)
    soft = softened(true, 3)
    enhanced = enhance_portrait(soft, face, target_height=true.shape[0])
    left, top, right, bottom = (round(side) for side in face.box)
    crop = np.s_[top:bottom, left:right]
    assert enhanced.applied and enhanced.scale == 1.0
    assert psnr(enhanced.image[crop], true[crop]) > psnr(soft[crop], true[crop]) + 0.1


@pytest.mark.slow
def test_soft_photo_keeps_its_size_and_its_face(portrait, find_face):
    image = portrait("photo_of_a_photo_tilted.jpg")
    face = find_face(image)
    told = []
    enhanced = enhance_portrait(image, face, image.shape[0], progress=lambda *call: told.append(call))
    assert enhanced.applied and enhanced.scale == 1.0 and enhanced.image.shape == image.shape
    assert not np.array_equal(enhanced.image, image)
    reason = str(enhanced.reason)
    assert reason.startswith("The face is 146 px wide, with the detail of ") and "708 x 648 px" in reason
    assert told[0][:2] == ("enhance", 0) and told[-1][1] == told[-1][2] == len(told) - 1
    moved = np.linalg.norm(find_face(enhanced.image).landmarks[:, :2] - face.landmarks[:, :2], axis=1)
    assert np.median(moved) < 0.01 * 146


@pytest.mark.slow
def test_grainy_photo_keeps_some_grain(portrait, find_face):
    image = portrait("photo_black_and_white.jpg")
    face = find_face(image)
    enhanced = enhance_portrait(image, face, target_height=1000)
    assert enhanced.image.shape == (1000, 750, 3)
    background = np.s_[20:200, 20:160]
    roughness = [image[background].astype(float).std() for image in (resized(image, 1000, 750), enhanced.image)]
    assert 0.6 < roughness[1] / roughness[0] < 1.1
    alpha = np.zeros(image.shape[:2], np.uint8)
    alpha[:, :100] = 255
    assert resize_alpha(alpha, enhanced).shape == (1000, 750)
    assert resize_alpha(alpha, enhanced).mean() == pytest.approx(alpha.mean(), abs=0.5)


def test_large_sharp_face_is_returned_as_it_is(portrait, find_face):
    image = portrait("woman_photo.jpg")
    enhanced = enhance_portrait(image, find_face(image), target_height=1080)
    assert enhanced.image is image and not enhanced.applied and enhanced.scale == 1.0
    assert str(enhanced.reason).endswith("px wide and sharp; a film 1080 px high gains nothing from enhancing it.")


def test_cancelling(portrait, find_face):
    def stop(stage: str, done: int, total: int) -> None:
        if done:
            raise Cancelled("Stopped.")

    image = portrait("photo_of_a_photo_tilted.jpg")
    with pytest.raises(Cancelled):
        enhance_portrait(image, find_face(image), image.shape[0], EnhanceSettings(tile_px=64), stop)


@pytest.mark.slow
def test_missing_weights_are_said(tmp_path, monkeypatch):
    monkeypatch.setenv("BELCANTO_WEIGHTS_DIR", str(tmp_path))
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(MissingError, match="python -m weights fetch spanx4_param"):
        load_network(4, threads=2)
