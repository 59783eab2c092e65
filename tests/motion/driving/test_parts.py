"""The parts of reading a driver, each by itself: turns, gaps, and the fit of shapes to landmarks that are known exactly."""

from __future__ import annotations

import numpy as np
import pytest

from core.blendshapes import BLENDSHAPE_INDEX
from faces.faces import rotation_deg_of
from faces.fitting.rig import rotation_matrix
from motion.driving.driver_face import driver_face
from motion.driving.eyes import gaze_of, looking_shapes, seen_gaze_deg
from motion.driving.gaps import bridged_within_shots, gap_notes
from motion.driving.head_turn import angles_of, matrices_of, poses_of, turned_from
from motion.driving.reading import widest
from motion.driving.shape_fit import MOUTH, REGIONS, fitted, seen_again, trust_of
from motion.driving.standing import laid_still, shifts_of

#: From a picture's axes, y down and z away, to those of the Face Landmarker's matrices.
FLIP = np.diag([1.0, -1.0, -1.0])


@pytest.fixture(scope="module")
def face(portrait):
    return driver_face(portrait.face.landmarks)


def test_poses_and_turns_are_told_as_faces_and_engines_do():
    poses = np.random.default_rng(1).uniform(-40, 40, (20, 3))
    matrices = matrices_of(poses)
    assert np.allclose([rotation_deg_of(FLIP @ matrix @ FLIP) for matrix in matrices], poses, atol=1e-6)
    assert np.allclose(poses_of(matrices), poses, atol=1e-4)
    assert np.allclose(angles_of(np.array([rotation_matrix(pose) for pose in poses])), poses, atol=1e-3)
    assert np.allclose(turned_from(poses[:1], poses[0]), 0, atol=1e-5)


@pytest.mark.parametrize("region", REGIONS, ids=lambda region: region.shapes[0])
def test_shapes_that_moved_landmarks_are_found_again(face, region):
    """One shape after another, of which the network reads half; what the landmarks can't tell apart may be shared."""
    none, one = np.zeros(52, np.float32), np.ones(52, np.float32)
    for name in region.shapes:
        column = BLENDSHAPE_INDEX[name]
        moved, prior = 0.6 * seen_again(name) * face.fields[column][None], none.copy()
        prior[column] = 0.3
        amounts = fitted(face, moved, prior[None], none, one)[0]
        gains = np.array([seen_again(each) for each in region.shapes])
        again = np.tensordot(gains * amounts[region.columns], face.fields[region.columns], 1)
        points = [point for ids, _ in region.points for point in ids]
        left = np.linalg.norm(again[points] - moved[0][points], axis=1).mean()
        # Few of the points that are looked at lie where a cheek is puffed; of other shapes the network is believed.
        most = 0.7 if name == "cheekPuff" or (region is MOUTH and trust_of(region, name) >= region.trust) else 0.4
        assert left < most * np.linalg.norm(moved[0][points], axis=1).mean(), name
    others = np.setdiff1d(np.arange(52), region.columns)
    assert amounts[others].max() < 0.1


def test_what_landmarks_do_not_tell_stays_as_the_network_reads_it(face):
    none, one = np.zeros(52, np.float32), np.ones(52, np.float32)
    prior = none.copy()
    prior[BLENDSHAPE_INDEX["noseSneerLeft"]] = 0.4
    prior[BLENDSHAPE_INDEX["jawOpen"]] = 0.8
    amounts = fitted(face, np.zeros((1, 468, 2), np.float32), prior[None], none, one)[0]
    assert amounts[BLENDSHAPE_INDEX["noseSneerLeft"]] == pytest.approx(0.4)
    assert amounts[BLENDSHAPE_INDEX["jawOpen"]] < 0.05


def test_bounds_are_kept(face):
    moved = 3 * face.fields[BLENDSHAPE_INDEX["jawOpen"]][None] - 2 * face.fields[BLENDSHAPE_INDEX["browInnerUp"]][None]
    none, one = np.zeros(52, np.float32), np.ones(52, np.float32)
    amounts = fitted(face, moved, none[None], none, one)
    assert amounts.min() == 0 and amounts.max() == 1


def test_the_gaze_is_that_of_irises_and_network(face):
    still = np.repeat(face.rest[None], 3, axis=0)
    aside = 0.133 * np.sin(np.radians(15)) * face.coordinates.eye_span * face.coordinates.axes[:, 0]
    still[1, [468, 473]] += aside.astype(np.float32)
    assert np.allclose(seen_gaze_deg(face, still)[:, 0], [0, 15, 0], atol=0.2)
    shapes = np.zeros((3, 52), np.float32)
    shapes[1, [BLENDSHAPE_INDEX["eyeLookOutLeft"], BLENDSHAPE_INDEX["eyeLookInRight"]]] = 15 / 32
    assert np.allclose(gaze_of(face, still, shapes, np.zeros(52, np.float32))[1], [15, 0], atol=0.3)
    assert np.allclose(looking_shapes(np.array([[16.0, -8.0]]))[0], [0.25, 0, 0.5, 0, 0.25, 0.5, 0, 0])


def test_a_head_that_moved_is_laid_still_and_its_place_told(face):
    turn = rotation_matrix(np.array([12.0, -5.0, 8.0]))
    moved = (1.1 * face.rest @ turn.T + np.array([30, -12, 5], np.float32))[None].astype(np.float32)
    still, turns, places = laid_still(face.rest, face.coordinates, moved)
    assert np.abs(still[0] - face.rest).max() < 0.05
    assert np.allclose(turns[0], turn, atol=1e-4)
    assert places[0, 2] == pytest.approx(1.1, abs=1e-3)
    shifts = shifts_of(np.array([[0.0, 0, 1]] * 3 + [[0.1, 0, 1.2]], np.float32), np.ones(4, bool), ())
    assert np.allclose(shifts[:3], 0) and np.allclose(shifts[3], [0.1, 0, -1.0], atol=1e-5)


def test_gaps_are_bridged_within_shots_alone():
    values, rest = np.array([[0.0], [9], [9], [1], [5], [9], [7]], np.float32), np.zeros(1, np.float32)
    known = np.array([True, False, False, True, True, False, True])
    filled = bridged_within_shots(values, known, rest, (5,), 25.0)[:, 0]
    assert 0 < filled[1] < filled[2] < 1 and filled[3] == 1 and filled[5] == 7
    nobody = bridged_within_shots(values, np.zeros(7, bool), rest + 3, (), 25.0)
    assert (nobody == 3).all()


def test_moments_are_not_said_but_gaps_are():
    missing = np.zeros(200, bool)
    missing[10:12] = missing[50:75] = True
    (note,) = gap_notes("motion.driver_unseen_at", missing, 25.0, 10.0)
    assert note.values["times"] == ["0:12.0-0:13.0"]
    assert not gap_notes("motion.driver_unseen_at", missing[:40], 25.0, 0.0)


def test_teeth_that_a_broad_smile_bares_do_not_open_the_jaw():
    """The network reads a jaw a little open from a grin; a laugh with an open jaw stays one, and so does speech."""
    read = np.zeros((3, 52), np.float32)
    read[:2, [BLENDSHAPE_INDEX["mouthSmileLeft"], BLENDSHAPE_INDEX["mouthSmileRight"]]] = 0.8
    read[:, BLENDSHAPE_INDEX["jawOpen"]] = (0.14, 0.6, 0.14)
    most = widest(read)
    jaw = most[:, BLENDSHAPE_INDEX["jawOpen"]]
    assert jaw[0] < 0.05 and 0.4 < jaw[1] < 0.6 and jaw[2] == 1
    assert (np.delete(most, BLENDSHAPE_INDEX["jawOpen"], axis=1) == 1).all()
