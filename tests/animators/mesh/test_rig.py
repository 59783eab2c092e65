"""Shapes and pose: what each blendshape does to lips and lids, and which way the head turns."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import LinearNDInterpolator

from core.contracts import BLENDSHAPE_NAMES
from faces.fitting.head_mesh import depth_at
from faces.fitting.rig import HeadPose, carried, rotation_matrix
from faces.fitting.smooth_fields import interpolate
from tests.animators.mesh.conftest import weights


def lip_gap(rig, values) -> np.ndarray:
    """Opening along the lips in eye spans, (41,)."""
    places = rig.expression(values)
    groups = rig.mesh.groups
    return (
        (places[groups["lip_lower"], :2] - places[groups["lip_upper"], :2])
        @ rig.coordinates.axes[:2, 1]
        / rig.coordinates.eye_span
    )


def mouth_width(rig, values) -> float:
    places = rig.expression(values)[rig.mesh.groups["lip_upper"]]
    return float(np.linalg.norm(places[-1] - places[0]) / rig.coordinates.eye_span)


@pytest.mark.slow
def test_the_mouth_is_shut_at_zero(rig):
    assert np.abs(lip_gap(rig, weights())).max() < 0.002


def test_jaw_opens_to_an_arch(rig):
    gap = lip_gap(rig, weights(jawOpen=0.6))
    assert gap[20] == pytest.approx(0.6 * 0.33 * 1.05, rel=0.05)
    assert gap[0] == gap[-1] == 0
    assert gap[4] > 0.3 * gap[20]  # round near the corner, not pointed: a straight line would give 0.2
    assert (np.diff(gap[:18]) > 0).all() and (np.diff(gap[23:]) < 0).all()


def test_opening_grows_with_the_jaw_and_closes_again(rig):
    openings = [lip_gap(rig, weights(jawOpen=jaw)).max() for jaw in (0.0, 0.2, 0.4, 0.6, 0.8)]
    assert (np.diff(openings) > 0.04).all()
    assert lip_gap(rig, weights(jawOpen=0.6, mouthClose=0.6)).max() < 0.1 * openings[3]


def test_corners_come_in_as_the_jaw_drops(rig):
    assert mouth_width(rig, weights(jawOpen=0.8)) < 0.95 * mouth_width(rig, weights())


def test_pucker_narrows_and_smile_widens(rig):
    rest = mouth_width(rig, weights())
    assert 0.5 * rest < mouth_width(rig, weights(mouthPucker=1)) < 0.75 * rest
    assert mouth_width(rig, weights(mouthSmile=1)) > 1.1 * rest
    assert mouth_width(rig, weights(mouthStretch=1)) > 1.1 * rest


def test_lips_never_cross(rig):
    random = np.random.default_rng(5)
    for _ in range(100):
        assert lip_gap(rig, random.uniform(0, 1, 52).astype(np.float32)).min() > -1e-3


@pytest.mark.parametrize("side", ["right", "left"])
def test_a_blink_closes_the_lids_and_moves_no_brow(rig, side):
    groups = rig.mesh.groups
    upper = groups[f"lid_upper_{side}"][1:-1]
    lower = groups[f"lid_lower_{side}"]
    name = f"eyeBlink{side.capitalize()}"
    open_gap = (rig.rest[lower] - rig.rest[upper])[:, 1].max()
    places = rig.expression(weights(**{name: 1.0}))
    assert np.abs((places[lower] - places[upper])[:, 1]).max() < 0.05 * open_gap
    brow = rig.handles.vertex[rig.handles.groups[f"brow_{side}"]]
    assert np.abs(places[brow] - rig.rest[brow]).max() < 0.01 * rig.coordinates.eye_span


def test_every_shape_but_the_eyes_own_and_the_tongue_moves_something(rig):
    still = {"eyeLookInLeft", "eyeLookOutLeft", "eyeLookInRight", "eyeLookOutRight", "tongueOut"}
    for i, name in enumerate(BLENDSHAPE_NAMES):
        moved = float(np.abs(rig.basis[i]).max() / rig.coordinates.eye_span)
        assert (moved == 0) if name in still else (0.005 < moved < 0.5), name


def test_far_from_the_face_nothing_moves(rig):
    far = rig.handles.vertex[rig.handles.groups["far"]]
    assert np.abs(rig.basis[:, far]).max() < 1e-3


def test_signs_of_the_rotation():
    nose, top = np.array([0.0, 0.0, -1.0]), np.array([0.0, -1.0, 0.0])
    assert (rotation_matrix(np.array([10.0, 0, 0])) @ nose)[0] > 0.1  # yaw: to the picture's right
    assert (rotation_matrix(np.array([0, 10.0, 0])) @ nose)[1] < -0.1  # pitch: up
    assert (rotation_matrix(np.array([0, 0, 10.0])) @ top)[0] > 0.1  # roll: the top to the picture's right
    turn = rotation_matrix(np.array([7.0, -4.0, 9.0]))
    assert np.allclose(turn @ turn.T, np.eye(3), atol=1e-6) and np.linalg.det(turn) == pytest.approx(1)


def test_signs_of_the_translation(rig):
    """As `core.contracts` says: to the picture's right, down, away from the viewer."""
    face = rig.rest[rig.mesh.groups["landmarks"]]
    middle, width = face[:, :2].mean(axis=0), np.ptp(face[:, 0])
    for axis in (0, 1):
        for way in (-0.1, 0.1):
            moved = rig.pose(np.zeros(3), np.eye(3)[axis] * way).moved(face)[:, :2].mean(axis=0) - middle
            assert moved[axis] == pytest.approx(way * rig.coordinates.face_width, rel=1e-4) and abs(moved[1 - axis]) < 1e-3
    nearer, away = (rig.pose(np.zeros(3), np.array([0.0, 0.0, z])).moved(face) for z in (-0.5, 0.5))
    assert np.ptp(nearer[:, 0]) > 1.05 * width > width > 1.05 * np.ptp(away[:, 0])


def test_turning_folds_no_triangle(rig):
    triangles = rig.mesh.triangles
    for yaw in (-14.0, 14.0):
        pose = rig.pose(np.array([yaw, 6.0, 3.0]), np.zeros(3))
        places = rig.place(rig.expression(weights()), pose, pose)

        def area(p):
            a, b, c = (p[triangles[:, k], :2] for k in range(3))
            return (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])

        before, after = area(rig.mesh.rest), area(places)
        folded = np.abs(before[np.sign(before) != np.sign(after)]).sum()
        assert folded < 0.004 * np.abs(before).sum()


def test_parts_that_follow_less_follow_later():
    here = HeadPose(np.eye(3), np.zeros(3), np.array([10.0, 0, 0]))
    there = HeadPose(np.eye(3), np.zeros(3), np.zeros(3))
    moved = carried(np.zeros((3, 3)), np.array([[1.0], [0.5], [0.0]]), here, there)
    assert moved[0, 0] == pytest.approx(10) and 0 < moved[1, 0] < 5 and moved[2, 0] == 0


def test_a_smile_that_the_portrait_shows_is_not_added_again(rig):
    shown = weights(mouthSmile=1.0)
    rig_of_smiler = type(rig)(rig.mesh, rig.coordinates, shown)
    plain = np.abs(rig.expression(weights(mouthSmile=0.5)) - rig.rest).max()
    again = np.abs(rig_of_smiler.expression(weights(mouthSmile=0.5)) - rig.rest).max()
    assert again == pytest.approx(0.2 * plain, rel=0.01)


def test_smooth_field_keeps_its_values_and_respects_a_cut():
    x, y = np.meshgrid(np.arange(11.0), np.arange(11.0))
    places = np.column_stack([x.ravel(), y.ravel()])
    cell = (np.arange(10)[:, None] * 11 + np.arange(10)[None]).ravel()
    triangles = np.concatenate([np.stack([cell, cell + 1, cell + 11], 1), np.stack([cell + 1, cell + 12, cell + 11], 1)])
    ends = np.flatnonzero((places[:, 0] == 0) | (places[:, 0] == 10)).astype(np.int32)
    linear = interpolate(places, triangles.astype(np.int32), ends, places[ends, :1] * 2.0, 0.5)
    assert (linear[ends, 0] == places[ends, 0] * 2).all()
    inner = (places[:, 0] > 1) & (places[:, 0] < 9)  # at the sheet's own edge the field comes in level
    assert np.abs(linear[inner, 0] - places[inner, 0] * 2).max() < 0.6
    assert np.abs(linear[places[:, 0] == 5, 0] - 10).max() < 0.05
    apart = np.concatenate([triangles[: len(cell) // 2], triangles[len(cell) // 2 + 10 : len(cell)]])  # a row of cells is missing
    top, bottom = np.flatnonzero(places[:, 1] == 0), np.flatnonzero(places[:, 1] == 10)
    handles = np.concatenate([top, bottom]).astype(np.int32)
    values = np.concatenate([np.zeros(len(top)), np.ones(len(bottom))])[:, None]
    field = interpolate(places, apart.astype(np.int32), handles, values, 1e6)[:, 0]
    assert np.abs(field[places[:, 1] < 4]).max() < 0.05 and np.abs(field[places[:, 1] > 7] - 1).max() < 0.05


def test_depth_between_landmarks_is_linear_and_beyond_them_the_nearest_ones():
    random = np.random.default_rng(4)
    points = random.uniform(0, 100, (60, 3)).astype(np.float32)
    places = random.uniform(-20, 120, (300, 2)).astype(np.float32)
    linear = LinearNDInterpolator(points[:, :2].astype(float), points[:, 2].astype(float))(places)
    nearest = points[np.linalg.norm(places[:, None] - points[None, :, :2], axis=2).argmin(axis=1), 2]
    np.testing.assert_allclose(depth_at(places, points), np.where(np.isnan(linear), nearest, linear), atol=1e-3)
    np.testing.assert_allclose(depth_at(points[:, :2], points), points[:, 2], atol=1e-3)
