"""Where the squares lie, and how far eyes and lips are open."""

from __future__ import annotations

import numpy as np
import pytest

from animators.liveportrait.crops import (
    DRIVER,
    FREE_SHARE,
    PORTRAIT,
    driver_places,
    eyes_open,
    film_places,
    lips_open,
    place_of,
    portrait_crop,
)
from tests.animators.liveportrait.conftest import moved


def test_a_portrait_lies_in_its_square_as_in_the_published_one(portrait):
    """A square 2.3 times as large as the face from brows to chin, which is moved up by an eighth."""
    crop = portrait_crop(portrait.face)
    points = portrait.face.landmarks[:, :2]
    chin, brow = points[152], points[[105, 334]].mean(axis=0)
    x, y, side = place_of(portrait.face, PORTRAIT)
    assert crop.width == side == pytest.approx(2.3 * np.ptp(points[:, 1][[152, 105, 334]]), rel=0.25)
    assert (chin[1] + brow[1]) / 2 - y == pytest.approx(0.125 * side, rel=0.1)
    assert x == pytest.approx((points[127, 0] + points[356, 0]) / 2, abs=0.05 * side)
    assert place_of(portrait.face, DRIVER)[2] == pytest.approx(side / 2.3 * 2.2)


def test_a_tilted_head_has_a_square_as_large(portrait):
    from dataclasses import replace

    angle = np.radians(30)
    turn = np.array([[np.cos(angle), np.sin(angle), 0], [-np.sin(angle), np.cos(angle), 0], [0, 0, 1]], np.float32)
    tilted = replace(portrait.face, landmarks=(portrait.face.landmarks @ turn).astype(np.float32))
    straight, turned = place_of(portrait.face, PORTRAIT), place_of(tilted, PORTRAIT)
    assert turned[2] == pytest.approx(straight[2], rel=0.01)
    assert np.allclose(np.array([*straight[:2], 0]) @ turn, [*turned[:2], 0], atol=1.0)


def test_a_driver_square_stands_while_the_head_sways_and_follows_one_that_goes(portrait):
    side = place_of(portrait.face, DRIVER)[2]
    sway = [moved(portrait.face, 0.8 * FREE_SHARE * side * np.sin(number / 5), 0) for number in range(100)]
    places = driver_places(sway, [], 25.0)
    assert np.ptp(places, axis=0).max() < 0.01 * side
    walk = [moved(portrait.face, 2 * side * number / 100, 0) for number in range(100)]
    places = driver_places(walk, [], 25.0)
    middles = np.array([place_of(face, DRIVER) for face in walk])
    assert np.abs(places - middles).max() < 0.3 * side


def test_places_of_films_are_found_shot_by_shot(portrait):
    faces = [portrait.face] * 5 + [None] + [moved(portrait.face, 300, 0)] * 5 + [None] * 3
    places = driver_places(faces, [6, 11], 25.0)
    assert np.allclose(places[:6], places[0]) and np.isnan(places[11:]).all()
    assert np.allclose(places[6:11, 0], places[0, 0] + 300)
    followed = film_places(faces[:11], 25.0)
    assert np.allclose(followed[:5, 0] + 300, followed[6:, 0]), "a jump is a cut"
    assert np.allclose(followed[0], place_of(portrait.face, PORTRAIT))


def test_openness_is_a_share_of_the_width(portrait):
    from dataclasses import replace

    assert min(eyes_open(portrait.face)) > 0.2 and lips_open(portrait.face) < 0.6
    points = portrait.face.landmarks.copy()
    points[159, :2] = points[145, :2]
    points[13, :2] = points[14, :2] - np.array([0, 0.5]) * np.hypot(*(points[61] - points[291])[:2])
    face = replace(portrait.face, landmarks=points)
    left, right = eyes_open(face)
    assert left == 0 and right == eyes_open(portrait.face)[1] and lips_open(face) == pytest.approx(0.5, rel=0.01)
