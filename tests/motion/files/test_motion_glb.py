"""A motion alone as glTF: ARKit's names, the motion's own values, and a face that moves as told."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from core.contracts import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES
from core.errors import InputError
from motion.files.any_file import write_motion
from motion.files.motion_glb import EYE_SPAN_M
from motion.files.plain_face import plain_face
from tests.animators.mesh.glb_scene import GlbScene
from tests.motion.files.test_motion_csv import some_motion


@pytest.fixture(scope="module")
def face():
    return plain_face()


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    path = tmp_path_factory.mktemp("glb") / "m.glb"
    write_motion(path, some_motion(20, 30.0), metahuman=False)
    assert path.stat().st_size < 1_000_000
    return GlbScene(path)


def test_it_holds_the_motion_under_arkits_names(scene):
    motion, document = some_motion(20, 30.0), scene.document
    mesh = document["meshes"][document["nodes"][scene.node("Head")]["mesh"]]
    assert mesh["extras"]["targetNames"] == list(BLENDSHAPE_NAMES) and len(mesh["primitives"][0]["targets"]) == 52
    np.testing.assert_allclose(scene.track("Head", "weights").reshape(20, 52), motion.blendshapes, atol=1e-6)
    (animation,) = document["animations"]
    times = scene.values(animation["samplers"][0]["input"])[:, 0]
    np.testing.assert_allclose(times, np.arange(20) / 30, atol=1e-6)
    assert len(animation["channels"]) == 5


def test_the_head_and_the_eyes_turn_the_motions_way(scene):
    """Yaw > 0 turns the nose to the picture's right, pitch > 0 raises it; a gaze > 0 goes right and up."""
    motion = some_motion(20, 30.0)
    ahead = Rotation.from_quat(scene.track("Head", "rotation")).apply([0.0, 0.0, 1.0])
    for column in (0, 1):
        turned = np.abs(motion.rotation_deg[:, column]) > 18  # less may be taken back by a head that is tipped
        assert turned.sum() > 3
        assert (np.sign(ahead[turned, column]) == np.sign(motion.rotation_deg[turned, column])).all()
    for eye in ("LeftEye", "RightEye"):
        looks = Rotation.from_quat(scene.track(eye, "rotation")).apply([0.0, 0.0, 1.0])
        assert (np.sign(looks[:, :2]) == np.sign(motion.gaze_deg)).all()


def test_the_face_is_of_a_faces_size_and_even(face, scene):
    height, width = np.ptp(face.rest[:, 1]), np.ptp(face.rest[:, 0])
    assert 1.2 < width < 2.0 and 1.3 < height < 2.5  # eye spans
    np.testing.assert_allclose(face.eyes[0] * (-1, 1, 1), face.eyes[1], atol=0.03)
    places = scene.values(
        scene.document["meshes"][scene.document["nodes"][scene.node("Head")]["mesh"]]["primitives"][0]["attributes"]["POSITION"]
    )
    assert np.ptp(places[:, 0]) == pytest.approx(width * EYE_SPAN_M, rel=1e-4)


def test_the_shapes_do_what_their_names_say(face):
    def moved(name):
        return face.deltas[BLENDSHAPE_INDEX[name]]

    lowest = face.rest[:, 1].argmax()
    assert moved("jawOpen")[lowest, 1] > 0.1 and abs(moved("browInnerUp")[lowest]).max() < 0.02
    left = face.rest[:, 0] > 0  # the person's left is the picture's right
    for name in ("eyeBlink", "mouthSmile", "browDown"):
        for side, here in (("Left", left), ("Right", ~left)):
            amount = np.abs(moved(name + side)).max(axis=1)
            assert amount[here].max() > 5 * amount[~here & (np.abs(face.rest[:, 0]) > 0.15)].max()


def test_the_eyes_stay_behind_the_lids(face):
    for eye in face.eyes:
        near = np.linalg.norm(face.rest[:, :2] - eye[:2], axis=1) < 0.9 * face.eye_radius
        apart = np.linalg.norm(face.rest[near] - eye, axis=1)
        assert near.sum() > 20 and (apart > 0.97 * face.eye_radius).mean() > 0.9


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match="can't be written"):
        write_motion(tmp_path / "none" / "m.glb", some_motion(2), metahuman=False)
