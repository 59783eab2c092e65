"""The 3D head: it is the mesh engine's, moves as that does, and holds what programs that open it look for."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from animators.mesh.following import Following
from animators.mesh.settings import MeshSettings
from animators.mesh.solid.head_glb import AXES, EYE_SPAN_M, quaternions, write_head
from core.contracts import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES, Motion
from tests.animators.mesh.conftest import weights
from tests.animators.mesh.glb_scene import GlbScene

FRAMES = 12


def moving() -> Motion:
    shapes = np.stack([weights(jawOpen=0.6 * i / 11, eyeBlink=0.5 * (i % 2), mouthSmile=0.3) for i in range(FRAMES)])
    turn = np.linspace(0, 1, FRAMES)[:, None]
    rotation = (turn * np.array([12.0, -6.0, 4.0])).astype(np.float32)
    shift = (turn * np.array([0.05, 0.02, 0.0])).astype(np.float32)
    gaze = (turn * np.array([15.0, 5.0])).astype(np.float32)
    return Motion(25.0, shapes.astype(np.float32), rotation, shift, gaze, np.zeros(FRAMES, np.float32))


@pytest.fixture(scope="module")
def path(portrait, tmp_path_factory):
    written = tmp_path_factory.mktemp("glb") / "head.glb"
    assert write_head(portrait, moving(), written) == written.stat().st_size
    return written


@pytest.fixture(scope="module")
def scene(path):
    return GlbScene(path)


def test_it_has_arkits_shapes_bones_and_one_performance(scene):
    mesh = scene.document["meshes"][scene.document["nodes"][scene.node("HeadMesh")]["mesh"]]
    assert mesh["extras"]["targetNames"] == list(BLENDSHAPE_NAMES)
    assert {len(each["targets"]) for each in mesh["primitives"]} == {52}
    parents = {child: i for i, node in enumerate(scene.document["nodes"]) for child in node.get("children", ())}
    assert parents[scene.node("Head")] == scene.node("Neck") and parents[scene.node("Neck")] == scene.node("Base")
    assert parents[scene.node("LeftEye")] == parents[scene.node("RightEye")] == scene.node("Head")
    (animation,) = scene.document["animations"]
    assert {scene.document["accessors"][each["input"]]["max"][0] for each in animation["samplers"]} == {np.float32(11 / 25)}
    names = {each["name"] for each in scene.document["materials"]}
    assert {"face", "back of the head", "body", "mouth", "tongue", "upper teeth", "lower teeth", "LeftEye", "RightEye"} <= names


@pytest.mark.parametrize("frame", [0, 5, 11])
def test_the_face_stands_where_the_mesh_engine_draws_it(scene, drawer, frame):
    """Every landmark of the face as seen from the front, the head turned, shifted and with an open mouth: under half a pixel."""
    motion, rig = moving(), drawer.rig
    moved = Following(MeshSettings()).follow(motion)
    pose = rig.pose(moved.rotation[frame], moved.translation[frame])
    late = rig.pose(moved.late_rotation[frame], moved.late_translation[frame])
    drawn = rig.place(rig.expression(motion.blendshapes[frame]), pose, late)
    seen = scene.posed("Head", 0, frame) * AXES / (EYE_SPAN_M / rig.coordinates.eye_span) + rig.pivot
    face = drawer.mesh.groups["landmarks"]
    apart = np.linalg.norm(seen[face, :2] - drawn[face, :2], axis=1)
    assert apart.max() < 0.5
    assert np.linalg.norm(drawn[face, :2] - rig.rest[face, :2], axis=1).max() > (3 if frame else 0), "and it did move"


def test_eyes_turn_with_the_gaze_and_stay_behind_the_lids(scene):
    gaze = Rotation.from_quat(scene.track("LeftEye", "rotation")).apply([0, 0, 1])
    assert gaze[0] == pytest.approx([0, 0, 1], abs=1e-6)
    assert gaze[-1][0] > 0.05 and gaze[-1][1] > 0.01, "to the picture's right, and up"


def test_back_and_front_are_closed_at_the_outline(scene):
    """The back has the front's vertices, none of them before the front, and some a good way behind."""
    meshes = scene.document["meshes"][scene.document["nodes"][scene.node("HeadMesh")]["mesh"]]["primitives"]
    front, back = (scene.values(each["attributes"]["POSITION"]) for each in meshes[:2])
    assert np.allclose(front[:, :2], back[:, :2])
    behind = front[:, 2] - back[:, 2]
    assert behind.min() > -1e-4 and behind.max() > 0.12


def test_without_a_motion_it_keeps_still(portrait, tmp_path):
    write_head(portrait, None, tmp_path / "still.glb")
    scene = GlbScene(tmp_path / "still.glb")
    assert "animations" not in scene.document
    jaw = scene.document["meshes"][scene.document["nodes"][scene.node("HeadMesh")]["mesh"]]["primitives"][0]
    opened = scene.values(jaw["targets"][BLENDSHAPE_INDEX["jawOpen"]]["POSITION"])
    assert opened[:, 1].min() < -0.01, "the jaw drops by more than a centimetre"


def test_keys_go_the_short_way():
    turns = Rotation.from_euler("y", np.linspace(0, 720, 60)[:, None], degrees=True)
    values = quaternions(turns)
    assert ((values[1:] * values[:-1]).sum(axis=1) > 0).all()
