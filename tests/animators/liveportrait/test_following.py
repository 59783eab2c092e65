"""What of a driver the portrait takes: known truth, by the published program's own formula."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from animators.liveportrait.following import (
    BROW_POINTS,
    EYE_POINTS,
    LIP_POINTS,
    REST_OF_FACE,
    Following,
    followed,
    made_whole,
    powered,
)
from animators.liveportrait.heads import Heads, gathered, rotations
from animators.liveportrait.options import ALL, EXPRESSION, EYES, LIP, POSE
from core.driving import Strength


def heads(count, seed):
    random = np.random.default_rng(seed)
    return Heads(
        random.uniform(-20, 20, (count, 3)).astype(np.float32),
        random.normal(0, 0.3, (count, 21, 3)).astype(np.float32),
        random.normal(0, 0.02, (count, 21, 3)).astype(np.float32),
        random.uniform(1.2, 1.4, count).astype(np.float32),
        random.normal(0, 0.05, (count, 3)).astype(np.float32),
    )


@pytest.fixture
def own():
    return heads(1, 0)


@pytest.fixture
def driver():
    return heads(4, 1)


def test_angles_turn_as_published():
    """The published matrix is the transpose of Rz Ry Rx, by pitch about x, yaw about y and roll about z."""
    angles = np.array([[10.0, -25.0, 5.0], [0.0, 0.0, 30.0]])
    theirs = Rotation.from_euler("xyz", angles, degrees=True).as_matrix().transpose(0, 2, 1)
    assert np.allclose(rotations(angles), theirs)


def test_key_points_by_equation_2(own):
    rotation = rotations(own.angles_deg)[0]
    expected = own.scale[0] * (own.canonical[0] @ rotation + own.expression[0])
    expected[:, :2] += own.shift[0, :2]
    assert np.allclose(own.keypoints()[0], expected, atol=1e-6)
    assert own.keypoints().dtype == np.float32


def test_relative_motion_by_the_published_formula(own, driver):
    poses = followed(own, driver, driver.at(2), Following())
    own_turn, turns = rotations(own.angles_deg), rotations(driver.angles_deg)
    assert np.allclose(poses.rotation, turns @ turns[2].T @ own_turn, atol=1e-6)
    assert np.allclose(poses.expression, own.expression + driver.expression - driver.expression[2], atol=1e-6)
    assert np.allclose(poses.scale, own.scale * driver.scale / driver.scale[2], atol=1e-6)
    assert np.allclose(poses.shift, own.shift + driver.shift - driver.shift[2], atol=1e-6)


def test_a_neutral_driver_leaves_the_portrait_as_it_is(own, driver):
    poses = followed(own, driver, driver.at(2), Following())
    assert np.allclose(own.keypoints(poses)[2], own.keypoints()[0], atol=1e-6)
    assert not np.allclose(own.keypoints(poses)[0], own.keypoints()[0], atol=1e-2)


def test_absolute_motion_takes_pose_and_shared_directions(own, driver):
    poses = followed(own, driver, driver.at(2), Following(relative=False))
    assert np.allclose(poses.rotation, rotations(driver.angles_deg), atol=1e-6)
    assert np.allclose(poses.shift, driver.shift, atol=1e-6) and np.allclose(poses.scale, own.scale[0])
    for point in (1, 2, 6, *range(11, 21)):
        assert np.allclose(poses.expression[:, point], driver.expression[:, point], atol=1e-6)
    for point, taken in {0: (), 7: (), 10: (), 3: (1,), 4: (1,), 5: (2,), 8: (2,), 9: (1, 2)}.items():
        for axis in range(3):
            whose = driver if axis in taken else own
            assert np.allclose(poses.expression[:, point, axis], whose.expression[:, point, axis], atol=1e-6)


def test_no_strength_is_the_portrait_and_twice_is_twice(own, driver):
    still = followed(own, driver, driver.at(2), Following(strength=Strength(0, 0, 0, 0)))
    assert np.allclose(own.keypoints(still), own.keypoints()[0], atol=1e-6)
    twice = followed(own, driver, driver.at(2), Following(strength=Strength(2, 2, 2, 2)))
    once = followed(own, driver, driver.at(2), Following())
    assert np.allclose(twice.expression - own.expression, 2 * (once.expression - own.expression), atol=1e-6)
    turned_once, turned_twice = (each.rotation @ rotations(own.angles_deg)[0].T for each in (once, twice))
    assert np.allclose(turned_once @ turned_once, turned_twice, atol=1e-5)
    assert np.allclose(powered(turned_once, 1.0), turned_once)


@pytest.mark.parametrize(
    ("part", "points"), [("eyes", EYE_POINTS), ("brows", BROW_POINTS), ("lips", (*LIP_POINTS, *REST_OF_FACE))]
)
def test_each_strength_moves_its_own_points_alone(part, points, own, driver):
    strength = replace(Strength(0, 0, 0, 0), **{part: 1.0})
    poses = followed(own, driver, driver.at(2), Following(strength=strength))
    moves = np.abs(poses.expression - own.expression).max(axis=(0, 2)) > 1e-6
    assert list(np.flatnonzero(moves)) == sorted(points)
    assert np.allclose(poses.rotation, rotations(own.angles_deg), atol=1e-6) and np.allclose(poses.shift, own.shift)


@pytest.mark.parametrize(
    ("region", "points", "turns", "grows"),
    [
        (ALL, range(21), True, True),
        (EXPRESSION, range(21), False, False),
        (POSE, (), True, False),
        (LIP, LIP_POINTS, False, False),
        (EYES, EYE_POINTS, False, False),
    ],
)
def test_regions_do_what_they_say_alone(region, points, turns, grows, own, driver):
    poses = followed(own, driver, driver.at(2), Following(region=region))
    moves = np.abs(poses.expression - own.expression).max(axis=(0, 2)) > 1e-6
    assert list(np.flatnonzero(moves)) == list(points)
    assert np.allclose(poses.rotation, rotations(own.angles_deg), atol=1e-6) is not turns
    assert np.allclose(poses.shift, own.shift) is not turns and np.allclose(poses.scale, own.scale) is not grows


def test_where_retargeting_or_a_sound_moves_a_part_the_driver_does_not(own, driver):
    def moving(how):
        poses = followed(own, driver, driver.at(2), how)
        return set(np.flatnonzero(np.abs(poses.expression - own.expression).max(axis=(0, 2)) > 1e-6))

    assert moving(Following(eyes=False)) == set(range(21)) - set(EYE_POINTS)
    assert moving(Following(lips=False)) == set(range(21)) - set(LIP_POINTS)
    assert moving(Following(mouth=False)) == {*EYE_POINTS, *BROW_POINTS}


def test_unseen_frames_are_bridged_and_trembling_is_smoothed_within_shots():
    one = heads(1, 5)
    film = gathered([one] * 12)
    film.shift[6:] += 1.0
    film.shift[3] = 99.0
    seen = np.ones(12, bool)
    seen[3] = False
    whole = made_whole(film, seen, [6], 25.0)
    assert np.allclose(whole.shift[:6], one.shift) and np.allclose(whole.shift[6:], one.shift + 1)
    assert np.allclose(film.shift[3], 99.0), "what was read stays as it is"
    film.expression[8] += 0.1
    smooth = made_whole(film, seen, [], 25.0)
    assert 0.05 < (smooth.expression[8] - one.expression[0]).mean() < 0.1
    assert np.allclose(smooth.expression[7], smooth.expression[9], atol=1e-6), "no lag"
