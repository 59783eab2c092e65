"""The driver's own face as our drawn faces are built: how each shape would move each of its landmarks.

    face = driver_face(rest)                # (478, 3) the face at rest, in the pixels of one frame
    face.fields[BLENDSHAPE_INDEX["jawOpen"]]

The shapes are those by which an engine draws a portrait (`faces/fitting/shapes.py`), laid over the driver's landmarks, so that
amounts that explain the driver's movements make the portrait move alike, whatever its own proportions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from core.blendshapes import BLENDSHAPE_NAMES
from core.contracts import Face, FloatArray
from faces.fitting import landmarks as lm
from faces.fitting.face_coordinates import FaceCoordinates, face_coordinates
from faces.fitting.head_mesh import HeadMesh, build_head_mesh
from faces.fitting.rig import Rig

#: Reach of the sheet around the face, in its width: to the sides and above, and below the chin.
AROUND, BELOW = 0.18, 0.5
#: Curves of the sheet with the landmarks on them, in the curve's order; an end of a lower one is the upper one's.
CURVES: tuple[tuple[str, tuple[int, ...]], ...] = (
    *(("outer_upper", lm.LIPS_OUTER_UPPER), ("outer_lower", lm.LIPS_OUTER_LOWER[1:-1])),
    *(("lip_upper", lm.LIPS_INNER_UPPER), ("lip_lower", lm.LIPS_INNER_LOWER)),
    *(("lid_upper_right", lm.RIGHT_EYE_UPPER), ("lid_lower_right", lm.RIGHT_EYE_LOWER[1:-1])),
    *(("lid_upper_left", lm.LEFT_EYE_UPPER), ("lid_lower_left", lm.LEFT_EYE_LOWER[1:-1])),
)


@dataclass(frozen=True)
class DriverFace:
    """rest: (478, 3) float32 landmarks of the face at rest, in the pixels of one frame. coordinates: its axes and measures.
    fields: (52, 468, 2) float32, by how much of an eye span to the face's right and down each shape, whole, moves a landmark."""

    rest: FloatArray
    coordinates: FaceCoordinates
    fields: FloatArray

    def moved(self, at_rest: FloatArray) -> FloatArray:
        """By how much of an eye span, to the face's right and down, landmarks (T, N, 3) with the head laid still lie beside their
        places at rest: (T, N, 2)."""
        beside = (at_rest - self.rest[: at_rest.shape[1]]) @ self.coordinates.axes
        return np.asarray(beside[..., :2] / self.coordinates.eye_span, np.float32)


def driver_face(rest: FloatArray) -> DriverFace:
    """The face with these landmarks (478, 3) at rest, in pixels."""
    coordinates = face_coordinates(rest)
    (left, top), (right, bottom) = rest[:, :2].min(axis=0), rest[:, :2].max(axis=0)
    face = Face(rest, np.zeros(len(BLENDSHAPE_NAMES), np.float32), (0.0, 0.0, 0.0), (left, top, right, bottom))
    around = AROUND * coordinates.face_width
    extent = left - around, top - around, right + around, bottom + BELOW * coordinates.face_width
    # The picture would only tell the exact line where shut lips meet; without one it is the landmarks' own.
    mesh = build_head_mesh(np.zeros((1, 1, 3), np.uint8), face, coordinates, extent)
    basis = Rig(mesh, coordinates).basis[: len(BLENDSHAPE_NAMES)]
    fields = at_landmarks(basis @ coordinates.axes[:, :2] / coordinates.eye_span, mesh, rest)
    return DriverFace(rest, coordinates, np.ascontiguousarray(fields, np.float32))


def at_landmarks(fields: FloatArray, mesh: HeadMesh, rest: FloatArray) -> FloatArray:
    """Fields (K, V, C) over a sheet's vertices at the landmarks (478, 3) that it was built on: (K, 468, C)."""
    away_from_lips = np.setdiff1d(np.arange(len(mesh.rest)), np.concatenate([mesh.groups["lip_upper"], mesh.groups["lip_lower"]]))
    nearest = away_from_lips[cKDTree(mesh.rest[away_from_lips, :2]).query(rest[:468, :2])[1]]
    found: FloatArray = fields[:, nearest]
    for name, ids in CURVES:
        vertices = mesh.groups[name]
        along, share = places_on(mesh.rest[vertices, :2], rest[list(ids), :2])
        found[:, list(ids)] = (1 - share)[:, None] * fields[:, vertices[along]] + share[:, None] * fields[:, vertices[along + 1]]
    return found


def places_on(curve: FloatArray, points: FloatArray) -> tuple[npt.NDArray[np.intp], FloatArray]:
    """Where points (N, 2) lie nearest to a row of straight lines (M, 2): (N,) of which line, and at which part of it (N,)."""
    begin, way = curve[:-1], np.diff(curve, axis=0)
    part = ((points[:, None] - begin) * way).sum(axis=2) / np.maximum((way**2).sum(axis=1), 1e-9)
    part = np.clip(part, 0.0, 1.0)
    away = np.linalg.norm(begin + part[..., None] * way - points[:, None], axis=2)
    line = away.argmin(axis=1)
    return line, part[np.arange(len(points)), line]
