"""A tongue over the lower lip is found and told of, and the film's portrait has a lip there; no other mouth is taken for one."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from benchmarks.tongues import TONGUES, Tongue, with_tongue
from core.messages import message
from faces.face_choice import advice_about
from faces.faces import FaceFinder
from faces.tongue import has_tongue
from faces.tongue_removal import without_tongue
from media.pictures import load_picture
from pipeline.face_check import check_faces
from pipeline.film_settings import SongToVideoSettings
from pipeline.portrait_step import prepare
from tests.metrics.films import MouthPuppet

TOLD = message("faces.tongue_over_lip")


@pytest.fixture(scope="module")
def finder():
    with FaceFinder() as opened:
        yield opened


@pytest.fixture(scope="module")
def portrait(root_dir, finder):
    """The demo's portrait (H, W, 3) and its face."""
    image = load_picture(root_dir / "demo" / "portrait.jpg", kept_pixels=400_000).image
    (face,) = finder.find(image)
    return image, face


def place_of(face, down, across=0.0):
    """Row and column under the lower lip's middle, in eye distances."""
    points = face.landmarks[:, :2]
    span = float(np.linalg.norm(points[263] - points[33]))
    return round(float(points[17, 1] + down * span)), round(float(points[17, 0] + across * span))


def colour_at(image, place):
    row, column = place
    return np.median(image[row - 3 : row + 4, column - 3 : column + 4].reshape(-1, 3), axis=0).astype(float)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["middle", "long"])
def test_a_tongue_is_found_and_taken_away(portrait, finder, kind):
    image, face = portrait
    tongue = with_tongue(image, face.landmarks, TONGUES[kind])
    (seen,) = finder.find(tongue)
    assert has_tongue(tongue, seen)
    mended = without_tongue(tongue, seen)
    if kind == "long":
        tip = place_of(face, TONGUES[kind].length - 0.14)
        skin, before, after = (colour_at(each, tip) for each in (image, tongue, mended))
        assert np.abs(before - skin).max() > 40 and np.abs(after - skin).max() < 35
        assert before[0] / before[1] > 1.25 * skin[0] / skin[1] and abs(after[0] / after[1] / (skin[0] / skin[1]) - 1) < 0.1
    (again,) = finder.find(mended)
    assert not has_tongue(mended, again)
    lip, chin = (colour_at(mended, place_of(seen, down)) for down in (-0.02, 0.12))
    assert lip[0] / lip[1] > 1.08 * chin[0] / chin[1], "a lip is redder than the chin"
    box = np.ones(image.shape[:2], bool)
    row, column = place_of(face, 0.0)
    span = round(float(np.linalg.norm(face.landmarks[263, :2] - face.landmarks[33, :2])))
    box[row - span // 2 : row + span, column - span : column + span] = False
    np.testing.assert_array_equal(mended[box], tongue[box])


@pytest.mark.slow
def test_a_tongue_is_found_in_a_dark_picture(portrait, finder):
    image, face = portrait
    tongue = with_tongue((image * 0.45).astype(np.uint8), face.landmarks, Tongue(0.6, 0.3, 0.09))
    (seen,) = finder.find(tongue)
    assert has_tongue(tongue, seen)


@pytest.mark.slow
def test_a_picture_without_colours_gets_none(portrait, finder):
    image, face = portrait
    grey = np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    tongue = with_tongue(grey, face.landmarks, TONGUES["long"])
    (seen,) = finder.find(tongue)
    assert np.ptp(without_tongue(tongue, seen), axis=2).max() <= 1


@pytest.mark.slow
@pytest.mark.parametrize("opening", [0.0, 0.15, 0.4, 0.8])
def test_an_open_mouth_is_no_tongue(portrait, finder, opening):
    image, face = portrait
    opened = MouthPuppet(image, face.landmarks).frame(opening)
    (seen,) = finder.find(opened)
    assert not has_tongue(opened, seen)
    if opening == 0.8:  # and a tongue that stays in it covers no lip
        points = seen.landmarks[:, :2]
        middle = np.rint(0.35 * points[13] + 0.65 * points[14]).astype(int)
        half = np.rint([0.3 * np.linalg.norm(points[308] - points[78]), 0.25 * np.linalg.norm(points[14] - points[13])]).astype(
            int
        )
        cv2.ellipse(opened, tuple(map(int, middle)), tuple(map(int, half)), 0, 0, 360, (190, 100, 105), -1)
        (seen,) = finder.find(opened)
        assert not has_tongue(opened, seen)


@pytest.mark.slow
def test_no_shared_portrait_has_a_tongue(shared_dir, finder):
    looked_at = 0
    for path in sorted((shared_dir / "portraits").glob("*.*g")):
        image = load_picture(path, kept_pixels=800_000).image
        for face in finder.find(image):
            looked_at += 1
            assert not has_tongue(image, face), path.name
    assert looked_at >= 14


@pytest.mark.slow
def test_it_is_told_at_upload_and_of_the_film_and_its_portrait_has_none(portrait, finder, tmp_path):
    image, face = portrait
    path = tmp_path / "tongue.png"
    Image.fromarray(with_tongue(image, face.landmarks, TONGUES["long"])).save(path)
    _, (fact,) = check_faces(load_picture(path))
    assert fact["reason"] is None and fact["advice"] == TOLD.as_json()
    sitter, _, notes = prepare(path, SongToVideoSettings(height=480, engine="mesh"), lambda *_: None)
    assert TOLD in notes
    (seen,) = finder.find(sitter.image)
    assert not has_tongue(sitter.image, seen)
    Image.fromarray(image).save(path)
    _, _, notes = prepare(path, SongToVideoSettings(height=480, engine="mesh"), lambda *_: None)
    assert TOLD not in notes


def test_one_sentence_is_said_where_the_mouth_is_wide_open_too(portrait):
    _, face = portrait
    assert advice_about(face, tongue=True) == TOLD and advice_about(face) is None


def test_an_animal_has_no_tongue_to_be_taken_away(portrait):
    image, face = portrait
    animal = type(face)(face.landmarks, face.blendshapes, face.rotation_deg, face.box, human=False)
    assert not has_tongue(with_tongue(image, face.landmarks, Tongue()), animal)
