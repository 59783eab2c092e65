"""Shapes become key points: a known linear map comes back, and a motion moves what it says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from animators.liveportrait.heads import Heads
from animators.liveportrait.options import EYES, LIP, POSE
from animators.liveportrait.shape_fit import ShapeFit, explained, fit_path, fitted
from animators.liveportrait.shaping import looking, open_mouth, spoken_expression, sung_poses
from core.contracts import BLENDSHAPE_INDEX, Face, Motion
from core.errors import InputError

SIGNS = np.array([[0, -0.9, 0], [-1.1, 0, 0], [0, 0, 1.0]], np.float32)


def known(count, noise=0.0, seed=0):
    """Faces of three people whose shapes and key points hang together by a known map, and their own looks."""
    random = np.random.default_rng(seed)
    true = ShapeFit(np.random.default_rng(9).normal(0, 0.02, (52, 21, 3)).astype(np.float32), SIGNS)
    shapes = random.uniform(0, 1, (count, 52)).astype(np.float32)
    turned = random.uniform(-25, 25, (count, 3)).astype(np.float32)
    person = np.arange(count) % 3
    looks = random.normal(0, 0.1, (3, 21, 3))[person]
    expression = true.expression(shapes) + looks + random.normal(0, noise, (count, 21, 3))
    angles = true.angles_deg(turned) + np.array([[5, 0, 0], [0, -8, 0], [0, 0, 3]])[person]
    nothing = np.zeros((count, 21, 3), np.float32)
    heads = Heads(angles.astype(np.float32), nothing, expression.astype(np.float32), np.ones(count), np.zeros((count, 3)))
    return true, (shapes, turned, heads, person)


def test_a_known_map_comes_back():
    true, examples = known(600)
    found = fitted(*examples)
    assert np.abs(found.weights - true.weights).max() < 0.02 * np.abs(true.weights).max()
    assert np.abs(found.turns - true.turns).max() < 0.01
    assert explained(found, *known(200, seed=1)[1]) > 0.999


def test_noise_and_another_map_are_told():
    true, examples = known(600, noise=0.02)
    share = explained(fitted(*examples), *known(200, noise=0.02, seed=1)[1])
    assert 0.7 < share < explained(true, *known(200, noise=0.02, seed=1)[1]) < 1.0
    other = ShapeFit(np.random.default_rng(3).normal(0, 0.02, (52, 21, 3)).astype(np.float32), SIGNS)
    assert explained(other, *known(200, seed=1)[1]) < 0.1


def test_a_shape_that_nobody_showed_moves_nothing():
    _, (shapes, *rest) = known(300)
    shapes[:, 7] = 0.3
    assert np.abs(fitted(shapes, *rest).weights[7]).max() < 1e-6


def test_a_fit_is_kept_and_a_damaged_one_refused(tmp_path):
    true, _ = known(3)
    path = fit_path(tmp_path, "ab" * 32)
    assert path.name == "shapes-abababababababab.safetensors"
    true.save(path)
    read = ShapeFit.load(path)
    assert np.array_equal(read.weights, true.weights) and np.array_equal(read.turns, true.turns)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(InputError, match="is damaged, or no fit of shapes"):
        ShapeFit.load(path)
    ShapeFit(true.weights[:5], true.turns).save(path)
    with pytest.raises(InputError, match="is damaged, or no fit of shapes"):
        ShapeFit.load(path)


@pytest.fixture
def face():
    points = np.zeros((478, 3), np.float32)
    points[234], points[454] = (100, 0, 0), (200, 0, 0)
    shapes = np.zeros(52, np.float32)
    shapes[BLENDSHAPE_INDEX["jawOpen"]], shapes[BLENDSHAPE_INDEX["mouthSmileLeft"]] = 0.2, 0.4
    return Face(points, shapes, (0.0, 0.0, 0.0), (100.0, 0.0, 200.0, 1.0))


@pytest.fixture
def motion():
    shapes = np.zeros((3, 52), np.float32)
    shapes[1, BLENDSHAPE_INDEX["jawOpen"]] = 0.7
    shapes[1, BLENDSHAPE_INDEX["browInnerUp"]] = 0.5
    turns, shift, gaze = np.zeros((3, 3), np.float32), np.zeros((3, 3), np.float32), np.zeros((3, 2), np.float32)
    turns[2], shift[2], gaze[2] = (10, 20, 5), (0.1, -0.2, -0.8), (15, -9)
    return Motion(25.0, shapes, turns, shift, gaze, np.zeros(3, np.float32))


@pytest.fixture
def own():
    random = np.random.default_rng(4)
    canonical = random.normal(0, 0.3, (1, 21, 3))
    return Heads(np.array([[3.0, -5.0, 2.0]]), canonical, random.normal(0, 0.01, (1, 21, 3)), np.ones(1), np.zeros((1, 3)))


def test_gaze_stands_among_the_shapes(motion):
    shapes = looking(motion)[2]
    shown = {name: round(float(shapes[index]), 3) for name, index in BLENDSHAPE_INDEX.items() if shapes[index] > 0}
    assert shown == {"eyeLookOutLeft": 0.5, "eyeLookInRight": 0.5, "eyeLookDownLeft": 0.3, "eyeLookDownRight": 0.3}
    assert not motion.blendshapes[2].any()


def test_a_motion_poses_the_head(own, motion, face):
    fit, _ = known(3)
    poses = sung_poses(own, motion, face, 400.0, fit, "all")
    opened = open_mouth(face)
    assert opened.sum() == pytest.approx(0.2), "a smile is the portrait's own look"
    assert np.allclose(poses.expression, own.expression + fit.expression(looking(motion) - opened), atol=1e-6)
    turned = replace(own, angles_deg=own.angles_deg + np.array([-1.1 * 20, -0.9 * 10, 5]))
    assert np.allclose(poses.rotation[2], turned.poses.rotation[0], atol=1e-6)
    assert np.allclose(poses.rotation[:2], own.poses.rotation, atol=1e-6)
    assert np.allclose(poses.shift[2], [2 * 100 / 400 * 0.1, 2 * 100 / 400 * -0.2, 0], atol=1e-6)
    assert poses.scale[2] == pytest.approx(1 / 0.9) and poses.scale[0] == 1


@pytest.mark.parametrize(("region", "moves"), [(POSE, False), (LIP, True), (EYES, True)])
def test_regions_of_a_song(region, moves, own, motion, face):
    poses = sung_poses(own, motion, face, 400.0, known(3)[0], region)
    assert bool(np.abs(poses.expression - own.expression).max() > 1e-3) is moves
    assert np.allclose(poses.rotation, own.poses.rotation, atol=1e-6) is (region != POSE)
    assert np.allclose(poses.scale, own.scale)


def test_what_is_spoken_leaves_eyes_and_brows(motion, face):
    spoken = spoken_expression(motion, face, known(3)[0], "all")
    quiet = [1, 2, 11, 13, 15, 16, 18]
    assert not spoken[:, quiet].any() and np.abs(spoken[1]).max() > 1e-3
    assert not spoken_expression(motion, face, known(3)[0], POSE).any()
