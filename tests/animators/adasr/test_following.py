"""Key points follow a driver as far as asked: not at all, in part, from the portrait's own look or as the driver is."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from animators.adasr.driver import HeadReading  # noqa: E402
from animators.adasr.following import HeadFollower, expression_shares, moved_points  # noqa: E402
from core.driving import Strength  # noqa: E402

RANDOM = np.random.default_rng(5)
CANONICAL = torch.from_numpy(RANDOM.uniform(-0.8, 0.8, (1, 15, 3)).astype(np.float32))


def reading(frames, seed):
    random = np.random.default_rng(seed)
    expression = 0.05 * random.standard_normal((frames, 15, 3))
    return HeadReading(*(each.astype(np.float32) for each in (random.uniform(-30, 30, (frames, 3)),
                                                              random.uniform(-0.2, 0.2, (frames, 3)), expression)))  # fmt: skip


OWN, DRIVER = reading(1, 1), reading(6, 2)
ONES = np.ones(15)


@pytest.mark.parametrize("relative", [True, False])
def test_without_strength_the_portrait_stays(relative):
    none = Strength(0, 0, 0, 0)
    follower = HeadFollower(CANONICAL, OWN, DRIVER.rows([0]), relative, none, np.zeros(15))
    assert torch.equal(follower.points(DRIVER), follower.source.expand(6, -1, -1))
    assert torch.equal(follower.source, moved_points(CANONICAL, OWN))


def test_a_neutral_driver_leaves_the_portrait_as_it_is():
    follower = HeadFollower(CANONICAL, OWN, DRIVER.rows([2]), True, Strength(), ONES)
    points = follower.points(DRIVER.rows([2, 2, 4]))
    assert torch.equal(points[0], follower.source[0]) and torch.equal(points[1], follower.source[0])
    assert (points[2] - follower.source[0]).abs().max() > 0.05


def test_absolute_points_are_the_drivers_own():
    follower = HeadFollower(CANONICAL, OWN, DRIVER.rows([0]), False, Strength(), ONES)
    assert torch.allclose(follower.points(DRIVER), moved_points(CANONICAL, DRIVER), atol=1e-6)


def test_head_and_face_have_strengths_of_their_own():
    neutral = DRIVER.rows([0])
    head = HeadFollower(CANONICAL, OWN, neutral, True, Strength(1, 0, 0, 0), np.zeros(15)).points(DRIVER)
    face = HeadFollower(CANONICAL, OWN, neutral, True, Strength(0, 1, 1, 1), ONES).points(DRIVER)
    both = HeadFollower(CANONICAL, OWN, neutral, True, Strength(), ONES)
    assert torch.allclose(head + face - both.source, both.points(DRIVER), atol=1e-5)
    only = torch.from_numpy(DRIVER.expression - DRIVER.expression[:1])
    assert torch.allclose(face - both.source, only, atol=1e-5)
    half = HeadFollower(CANONICAL, OWN, neutral, True, Strength(0.5, 0, 0, 0), np.zeros(15)).points(DRIVER)
    assert 0.3 < ((half - both.source).norm() / (head - both.source).norm()) < 0.7


def test_parts_of_the_face_are_told_apart_by_place(demo_face):
    """demo_face: landmarks of the demo portrait; key points that lie on its brow, its eye and its lips."""
    points = demo_face[[105, 159, 13]]
    shares = expression_shares(points, demo_face, Strength(brows=0.0, eyes=1.0, lips=2.0))
    assert shares[0] < 0.35 and 0.6 < shares[1] < 1.4 and shares[2] > 1.8
    assert np.array_equal(expression_shares(points, demo_face, Strength(0.3, 0.7, 0.7, 0.7)), np.full(3, 0.7, np.float32))
