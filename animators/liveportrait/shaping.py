"""Shapes, turns and gaze of a `Motion` become poses of LivePortrait's key points, by the fit. Nothing here needs torch."""

from __future__ import annotations

import numpy as np

from animators.liveportrait.following import LIP_POINTS, REST_OF_FACE, Following, turned_by
from animators.liveportrait.heads import Heads, Poses
from animators.liveportrait.shape_fit import ShapeFit
from core.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES
from core.contracts import Face, FloatArray, Motion
from faces.fitting.landmarks import FACE_LEFT_EDGE, FACE_RIGHT_EDGE

#: Shapes that open the mouth: motion begins with a shut one, whatever the portrait shows.
OPENING = ("jawOpen", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight")
#: Shapes of the mouth, which a sound moves while a driver moves the rest.
MOUTH = tuple(name for name in BLENDSHAPE_NAMES if name.startswith(("jaw", "mouth", "tongue")) or name == "cheekPuff")
#: At this gaze a shape of looking is 1.
FULL_GAZE_DEG = 30.0
#: Shapes that look to the picture's right, left, up and down.
LOOKING = (
    ("eyeLookOutLeft", "eyeLookInRight"),
    ("eyeLookInLeft", "eyeLookOutRight"),
    ("eyeLookUpLeft", "eyeLookUpRight"),
    ("eyeLookDownLeft", "eyeLookDownRight"),
)
#: Distance of the camera in face widths: what comes nearer grows.
CAMERA_FACES = 8.0


def sung_poses(own: Heads, motion: Motion, face: Face, side_px: float, fit: ShapeFit, region: str) -> Poses:
    """The portrait's poses in the T frames of a motion.

    face: the portrait's. side_px: of its square. region: what of it moves, one of `options`' regions.
    """
    how = Following(region=region)
    expression = own.expression + how.weights * fit.expression(looking(motion) - open_mouth(face))
    rotation = turned_by(own, how.turns * fit.angles_deg(motion.rotation_deg))
    edges = face.landmarks[[FACE_LEFT_EDGE, FACE_RIGHT_EDGE], :2]
    face_width = 2 * float(np.hypot(*(edges[0] - edges[1]))) / side_px
    shift = own.shift + how.turns * face_width * motion.translation * np.array([1, 1, 0])
    nearness = 1 / (1 + np.clip(motion.translation[:, 2] / CAMERA_FACES, -0.5, 0.5))
    return Poses(rotation, expression, own.scale * nearness**how.grows, shift)


def looking(motion: Motion) -> FloatArray:
    """The motion's shapes (T, 52), with its gaze among them."""
    shapes = np.array(motion.blendshapes, np.float32)
    right, up = (motion.gaze_deg / FULL_GAZE_DEG).T
    for names, amount in zip(LOOKING, (right, -right, up, -up), strict=True):
        for name in names:
            column = shapes[:, BLENDSHAPE_INDEX[name]]
            column[:] = np.clip(column + amount.clip(0, None), 0, 1)
    return shapes


def open_mouth(face: Face) -> FloatArray:
    """(52,) the shapes by which the portrait's mouth is open, nothing else."""
    columns = [BLENDSHAPE_INDEX[name] for name in OPENING]
    shapes = np.zeros(len(BLENDSHAPE_NAMES), np.float32)
    shapes[columns] = face.blendshapes[columns]
    return shapes


def spoken_expression(motion: Motion, face: Face, fit: ShapeFit, region: str) -> FloatArray:
    """(T, 21, 3) what a motion's shapes of the mouth add to the expression of the portrait with that face, nothing to eyes
    and brows. region: what of the portrait moves."""
    columns = [BLENDSHAPE_INDEX[name] for name in MOUTH]
    shapes = np.zeros_like(motion.blendshapes)
    shapes[:, columns] = motion.blendshapes[:, columns]
    weights = Following(region=region).weights
    mouth = np.zeros_like(weights)
    mouth[[*LIP_POINTS, *REST_OF_FACE]] = weights[[*LIP_POINTS, *REST_OF_FACE]]
    return np.asarray(mouth * fit.expression(shapes - open_mouth(face)))
