"""What the lips of a tracked face do, freed of the head's pose and distance: the truth that the learned lips are trained on.

Lengths are millimetres on a face whose outer corners of the eyes are 88.9 mm apart, as in the Face Landmarker's canonical face,
so
they are the same for a near and a far, a large and a small face.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.contracts import FloatArray
from motion.singing.lips.lip_curves import GEOMETRY_NAMES, SHAPE_NAMES

#: Distance of the outer corners of the eyes in the Face Landmarker's canonical face.
EYE_SPAN_MM = 88.9
OUTER_EYE_CORNERS = (33, 263)
#: Points of the face that speaking does not move: corners of the eyes, bridge and tip of the nose, temples, forehead.
STILL_POINTS = (33, 133, 362, 263, 168, 6, 1, 4, 5, 127, 356, 234, 454, 10)
#: Inner lips' middle, outer corners, chin, and the middle of both lips, by which they are pushed forward.
UPPER_INNER, LOWER_INNER = 13, 14
CORNERS = (61, 291)
CHIN = 152
UPPER_OUTER, LOWER_OUTER = 0, 17
LIP_MIDDLES = (0, 13, 14, 17, 37, 267, 84, 314)

#: What the learned lips say, but for the closure. The tracker's other mouth shapes (jawForward, mouthRollLower, mouthShrug,
#: mouthFrown, mouthUpperUp, ...) stay under 0.03 on the speaker whom the data shows, which is noise and not taught.
CHANNEL_NAMES = GEOMETRY_NAMES + SHAPE_NAMES


def in_face_coordinates(landmarks: FloatArray, index: Sequence[int], pose: FloatArray) -> FloatArray:
    """Landmarks in the face's own coordinates: no head pose, no distance.

    landmarks: (T, P, 3) in picture pixels, x right, y down, z away from the camera; index: (P,) Face Mesh number of each point;
    pose: (T, 4, 4) camera from face, with y up and z toward the camera, as the Face Landmarker gives it.
    Returns (T, P, 3) in mm, x to the picture's right, y up, z toward the camera of a face that looks into it.

    The pose matrix turns every face to the front; what is left of its noise goes by laying the still points of each face on their
    mean over all frames, with the rotation, scale and shift of the least squares (Umeyama, 1991).
    """
    place = {number: row for row, number in enumerate(index)}
    upright = landmarks.astype(np.float64) * np.array([1.0, -1.0, -1.0])
    left, right = (upright[:, place[number]] for number in OUTER_EYE_CORNERS)
    centred = upright - 0.5 * (left + right)[:, None]
    span = np.linalg.norm(right - left, axis=1)
    points = np.einsum("tji,tpj->tpi", pose[:, :3, :3].astype(np.float64), centred) / span[:, None, None]
    still = [place[number] for number in STILL_POINTS]
    mean = points[:, still].mean(axis=0)
    return (EYE_SPAN_MM * _laid_on(points, still, mean - mean.mean(axis=0))).astype(np.float32)


def _laid_on(points: np.ndarray, still: list[int], model: np.ndarray) -> np.ndarray:
    """Every face of `points` (T, P, 3) moved by a similarity so that its `still` points lie on `model` (S, 3) as well as they
    can.
    """
    middle = points[:, still].mean(axis=1, keepdims=True)
    there = points[:, still] - middle
    left, values, right = np.linalg.svd(np.einsum("tsi,sj->tij", there, model))
    mirrored = np.sign(np.linalg.det(left @ right))
    left[:, :, 2] *= mirrored[:, None]
    values[:, 2] *= mirrored
    scale = values.sum(axis=1) / np.square(there).sum(axis=(1, 2))
    moved: np.ndarray = np.einsum("tpi,tij->tpj", points - middle, left @ right) * scale[:, None, None]
    return moved


def lip_geometry(points: FloatArray, index: Sequence[int]) -> FloatArray:
    """(T, 5) mm of `GEOMETRY_NAMES` from points (T, P, 3) of `in_face_coordinates`, absolute: the neutral mouth is still in them.

    aperture: between the inner lips; width: between the outer corners; protrusion: lips in front of the eyes' plane; jaw: how
    far the
    chin is under the nose; press: red of both lips, negative, so that it rises when lips are pressed or drawn in.
    """
    place = {number: row for row, number in enumerate(index)}

    def distance(one: int, other: int) -> np.ndarray:
        return np.linalg.norm(points[:, place[one]] - points[:, place[other]], axis=1)

    red = distance(UPPER_OUTER, UPPER_INNER) + distance(LOWER_INNER, LOWER_OUTER)
    protrusion = np.mean([points[:, place[number], 2] for number in LIP_MIDDLES], axis=0)
    columns = (distance(UPPER_INNER, LOWER_INNER), distance(*CORNERS), protrusion, -points[:, place[CHIN], 1], -red)
    return np.stack(columns, axis=1).astype(np.float32)


def mouth_blendshapes(scores: FloatArray, names: Sequence[str]) -> FloatArray:
    """(T, len(SHAPE_NAMES)) in [0, 1] from the tracker's `scores` (T, B) in [0, 1] called `names` (B,); sides are averaged."""
    place: Mapping[str, int] = {name: column for column, name in enumerate(names)}
    columns = []
    for name in SHAPE_NAMES:
        sides = [name] if name in place else [f"{name}Left", f"{name}Right"]
        columns.append(np.mean([scores[:, place[side]] for side in sides], axis=0))
    return np.stack(columns, axis=1).astype(np.float32)


def neutral_mouth(curves: FloatArray, resting: np.ndarray) -> FloatArray:
    """(C,) the mouth at rest: the median of `curves` (T, C) over the frames where `resting` (T,) is true and the lips touch."""
    shut = resting & (curves[:, 0] <= np.percentile(curves[resting, 0], 50))
    return np.median(curves[shut], axis=0).astype(np.float32)
