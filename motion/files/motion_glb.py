"""A motion alone as a glTF animation (GLB): a plain face whose morph targets bear ARKit's names, its head's turns and its gaze.

It is for programs that take animations by the names of morph targets and bones (Blender, three.js, Unity), and to be looked at; a
portrait's own head comes of `export`. Units are metres, an eye span being 90 mm; y is up, the face looks along +z, the origin is
where the head turns about. Nodes: `Head` with the mesh, in it `LeftEye` and `RightEye`. One animation, "Performance": weights,
the head's turn and place, the eyes' turns, a key a frame.

Source: Khronos Group, "glTF 2.0 Specification", sections 3.7.2.2 (morph targets) and 3.11 (animations).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from core.contracts import BLENDSHAPE_NAMES, FloatArray, Motion
from faces.fitting.rig import rotation_matrix
from media.glb import INDICES, VERTICES, GlbWriter
from motion.files.plain_face import PlainFace, plain_face

EYE_SPAN_M = 0.09
#: Eye spans of a face's width, in which a motion's translation is told.
FACE_WIDTH = 1.55
#: From our axes (right, down, away) to the file's (right, up, to the viewer).
AXES = np.array([1, -1, -1], np.float32)
#: Linear light of eyeballs, irises and pupils, and of what lies behind the lips.
WHITE, IRIS, PUPIL, DARK = (0.80, 0.78, 0.75), (0.10, 0.16, 0.20), (0.01, 0.01, 0.01), (0.05, 0.012, 0.01)
#: Radians from an eye's front to the rims of pupil and iris, and to where its ball ends.
PUPIL_RAD, IRIS_RAD, BALL_RAD = 0.18, 0.42, 1.5
RINGS, SPOKES = 16, 24
#: What is dark behind the lips: half its width and height, and how far it lies behind and below them, in eye spans.
INSIDE_HALF, INSIDE_DEEP, INSIDE_BELOW = (0.30, 0.24), 0.16, 0.10


def write_motion_glb(path: Path, motion: Motion) -> int:
    """Write the file; returns its bytes. Raises `InputError` where the folder can't be written."""
    face, glb = plain_face(), GlbWriter("Belcanto")
    glb.document["scene"] = 0
    material = glb.add("materials", _matte())
    eyes = [_add_eye(glb, name, centre, face, material) for name, centre in zip(("RightEye", "LeftEye"), face.eyes, strict=True)]
    inside = _add_inside(glb, face, material)
    head = glb.add("nodes", {"name": "Head", "mesh": _add_face(glb, face, material), "children": [*eyes, inside]})
    glb.add("scenes", {"name": "Motion", "nodes": [head]})
    _add_performance(glb, motion, head, eyes)
    return glb.write(path)


def _matte() -> dict[str, Any]:
    colour = {"baseColorFactor": [1.0, 1.0, 1.0, 1.0], "metallicFactor": 0.0, "roughnessFactor": 0.8}
    return {"name": "plain", "pbrMetallicRoughness": colour, "doubleSided": True}


def _add_face(glb: GlbWriter, face: PlainFace, material: int) -> int:
    """The mask's mesh with its 52 morph targets; those that move nothing take no room."""
    nothing = glb.add_zeros(len(face.rest))
    targets = []
    for delta in face.deltas:
        moved = np.asarray(delta * AXES * EYE_SPAN_M, np.float32)
        targets.append({"POSITION": glb.add_values(moved, VERTICES, bounds=True) if np.abs(moved).max() > 1e-7 else nothing})
    primitive = _primitive(glb, face.rest, face.triangles, face.colours, material) | {"targets": targets}
    names = {"targetNames": list(BLENDSHAPE_NAMES)}
    return glb.add("meshes", {"name": "Face", "primitives": [primitive], "weights": [0.0] * len(targets), "extras": names})


def _add_eye(glb: GlbWriter, name: str, centre: FloatArray, face: PlainFace, material: int) -> int:
    """A ball around its own origin, so that its node's turn is the gaze."""
    down = np.linspace(0, BALL_RAD, RINGS)
    down[1], down[2] = PUPIL_RAD, PUPIL_RAD + 1e-3
    near = int(np.searchsorted(down, IRIS_RAD))
    down[near], down[near + 1] = IRIS_RAD, IRIS_RAD + 1e-3
    from_front, around = np.meshgrid(down, np.linspace(0, 2 * np.pi, SPOKES + 1), indexing="ij")
    ball = np.stack([np.sin(from_front) * np.cos(around), np.sin(from_front) * np.sin(around), -np.cos(from_front)], axis=2)
    colours = np.where(from_front[..., None] <= PUPIL_RAD, PUPIL, np.where(from_front[..., None] <= IRIS_RAD, IRIS, WHITE))
    first = (np.arange(RINGS - 1)[:, None] * (SPOKES + 1) + np.arange(SPOKES)).ravel()
    left = np.stack([first, first + 1, first + SPOKES + 1], axis=1)
    right = np.stack([first + 1, first + SPOKES + 2, first + SPOKES + 1], axis=1)
    places = face.eye_radius * ball.reshape(-1, 3)
    primitive = _primitive(glb, places, np.concatenate([left, right]), colours.reshape(-1, 3), material)
    mesh = glb.add("meshes", {"name": name, "primitives": [primitive]})
    return glb.add("nodes", {"name": name, "mesh": mesh, "translation": (centre * AXES * EYE_SPAN_M).tolist()})


def _add_inside(glb: GlbWriter, face: PlainFace, material: int) -> int:
    """A dark disc behind the lips."""
    around = np.linspace(0, 2 * np.pi, SPOKES, endpoint=False)
    rim = np.stack([INSIDE_HALF[0] * np.cos(around), INSIDE_HALF[1] * np.sin(around), np.zeros(SPOKES)], axis=1)
    places = np.concatenate([np.zeros((1, 3)), rim]) + face.mouth + (0, INSIDE_BELOW, INSIDE_DEEP)
    spokes = 1 + np.arange(SPOKES)
    triangles = np.stack([np.zeros(SPOKES, int), spokes, np.roll(spokes, -1)], axis=1)
    mesh = {"name": "Inside", "primitives": [_primitive(glb, places, triangles, np.tile(DARK, (len(places), 1)), material)]}
    return glb.add("nodes", {"name": "Inside", "mesh": glb.add("meshes", mesh)})


def _primitive(glb: GlbWriter, places: FloatArray, triangles: Any, colours: FloatArray, material: int) -> dict[str, Any]:
    """places: (V, 3) eye spans in our axes; triangles: (N, 3); colours: (V, 3) linear light."""
    attributes = {
        "POSITION": glb.add_values(np.asarray(places * AXES * EYE_SPAN_M, np.float32), VERTICES, bounds=True),
        "NORMAL": glb.add_values(_normals(places * AXES, triangles), VERTICES),
        "COLOR_0": glb.add_values(np.asarray(colours, np.float32), VERTICES),
    }
    indices = glb.add_values(np.asarray(triangles, np.uint32).ravel(), INDICES)
    return {"attributes": attributes, "indices": indices, "material": material}


def _normals(places: FloatArray, triangles: Any) -> FloatArray:
    """(V, 3) of length 1: the mean of a vertex's triangles by their areas, turned to the viewer."""
    a, b, c = (places[triangles[:, corner]] for corner in range(3))
    flat = np.cross(b - a, c - a)
    flat *= np.where(flat[:, 2:] < 0, -1.0, 1.0)
    normals = np.zeros((len(places), 3))
    for corner in range(3):
        np.add.at(normals, triangles[:, corner], flat)
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.where(length > 1e-12, normals / np.maximum(length, 1e-12), (0.0, 0.0, 1.0)).astype(np.float32)


def _add_performance(glb: GlbWriter, motion: Motion, head: int, eyes: list[int]) -> None:
    """The animation."""
    times = glb.add_values((np.arange(len(motion)) / motion.fps).astype(np.float32), bounds=True)
    turns = np.stack([rotation_matrix(each) for each in motion.rotation_deg]) * np.outer(AXES, AXES)
    gaze_deg = motion.gaze_deg * (1.0, -1.0)
    gaze = _quaternions(Rotation.from_euler("YX", gaze_deg, degrees=True))
    tracks: list[tuple[int, str, FloatArray]] = [
        (head, "weights", np.clip(motion.blendshapes, 0, 1).ravel()),
        (head, "rotation", _quaternions(Rotation.from_matrix(turns))),
        (head, "translation", motion.translation * (AXES * FACE_WIDTH * EYE_SPAN_M)),
        *((eye, "rotation", gaze) for eye in eyes),
    ]
    animation: dict[str, Any] = {"name": "Performance", "samplers": [], "channels": []}
    for node, path, values in tracks:
        output = glb.add_values(np.asarray(values, np.float32))
        animation["samplers"].append({"input": times, "output": output, "interpolation": "LINEAR"})
        animation["channels"].append({"sampler": len(animation["samplers"]) - 1, "target": {"node": node, "path": path}})
    glb.add("animations", animation)


def _quaternions(turns: Rotation) -> FloatArray:
    """(T, 4) x, y, z, w, each on the side of the one before it, so that what lies between two is the short way."""
    values = turns.as_quat()
    flips = np.where((values[1:] * values[:-1]).sum(axis=1) < 0, -1.0, 1.0)
    values[1:] *= np.cumprod(flips)[:, None]
    return np.asarray(values, np.float32)
