"""The points of a face by which shapes take hold of it, with what each shape needs to know about them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.contracts import FloatArray
from faces.fitting import landmarks as lm
from faces.fitting.face_coordinates import FaceCoordinates
from faces.fitting.head_mesh import HeadMesh, IntArray

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Handles:
    """Handle points, in units of the eye span, in face axes (right, down, away) from the middle of the mouth.

    vertex: (N,) int32, the mesh vertex of each. place: (N, 3).
    along: (N,) in [-1, 1]: for lips and lids the place along the curve from the picture's left corner to the right one.
    gap: (N, 2): for lid points the way from this point's upper lid to the lower lid, else 0.
    groups: name -> (N,) bool masks.
    corners: (2, 3), the mouth's corners at the picture's left and right.
    lip_gap: (41, 3), the way from the upper to the lower lip along the line where they meet, in the portrait.
    """

    vertex: IntArray
    place: FloatArray
    along: FloatArray
    gap: FloatArray
    groups: dict[str, BoolArray]
    corners: FloatArray
    lip_gap: FloatArray

    def mask(self, *names: str) -> BoolArray:
        """Points in any of the named groups."""
        return np.logical_or.reduce([self.groups[name] for name in names])


LANDMARK_GROUPS: dict[str, tuple[int, ...]] = {
    "nose": lm.NOSE_FIXED,
    "wing_right": lm.RIGHT_NOSE_WING,
    "wing_left": lm.LEFT_NOSE_WING,
    "cheek_right": lm.RIGHT_CHEEK,
    "cheek_left": lm.LEFT_CHEEK,
    "chin": lm.CHIN,
    "forehead": lm.FOREHEAD,
    "brow_right": (*lm.RIGHT_BROW_UPPER, *lm.RIGHT_BROW_LOWER),
    "brow_left": (*lm.LEFT_BROW_UPPER, *lm.LEFT_BROW_LOWER),
    "oval": lm.FACE_OVAL,
}
CURVES = (
    *("lip_upper", "lip_lower", "outer_upper", "outer_lower"),
    *(f"{name}_{side}" for side in ("right", "left") for name in ("lid_upper", "lid_lower", "lash_upper", "lash_lower")),
    *("crease_right", "crease_left", "bag_right", "bag_left"),
)


def find_handles(mesh: HeadMesh, coordinates: FaceCoordinates) -> Handles:
    """All handles of a head mesh; points around the face, beyond any muscle's reach, form the group `far`."""
    groups, vertex = _collect(mesh, coordinates)
    in_face = coordinates.to_face(mesh.rest) / coordinates.eye_span
    corners = in_face[mesh.groups["lip_upper"][[0, -1]]]
    middle = corners.mean(axis=0)
    along = np.zeros(len(vertex), np.float32)
    order = {int(v): i for i, v in enumerate(vertex)}
    for name in CURVES:
        indices = mesh.groups[name]
        ends_shared = name in ("outer_lower",) or name.startswith(("lid_lower", "lash"))
        samples = len(indices) + (2 if ends_shared else 0)
        u = np.linspace(-1, 1, samples)[1:-1] if ends_shared else np.linspace(-1, 1, samples)
        along[[order[int(v)] for v in indices]] = u
    gap = np.zeros((len(vertex), 2), np.float32)
    for side in ("right", "left"):
        _lid_gap(mesh, in_face, side, order, gap)
    lip_gap = in_face[mesh.groups["lip_lower"]] - in_face[mesh.groups["lip_upper"]]
    return Handles(vertex, in_face[vertex] - middle, along, gap, groups, corners - middle, lip_gap)


def _collect(mesh: HeadMesh, coordinates: FaceCoordinates) -> tuple[dict[str, BoolArray], IntArray]:
    members: dict[str, list[int]] = {name: mesh.groups[name].tolist() for name in CURVES}
    landmark_vertex = dict(zip(mesh.groups["landmark_ids"].tolist(), mesh.groups["landmarks"].tolist(), strict=True))
    for name, ids in LANDMARK_GROUPS.items():
        members[name] = [landmark_vertex[i] for i in ids if i in landmark_vertex]
    members["far"] = _far(mesh, coordinates)
    seen = sorted({v for indices in members.values() for v in indices})
    vertex = np.array(seen, np.int32)
    return {name: np.isin(vertex, indices) for name, indices in members.items()}, vertex


def _far(mesh: HeadMesh, coordinates: FaceCoordinates) -> list[int]:
    """Grid vertices well outside of the face's oval; more room is left under the chin, which moves."""
    in_face = coordinates.to_face(mesh.rest) / coordinates.eye_span
    oval = in_face[[v for i, v in zip(mesh.groups["landmark_ids"], mesh.groups["landmarks"], strict=True) if i in lm.FACE_OVAL]]
    centre = (oval[:, :2].max(0) + oval[:, :2].min(0)) / 2
    half = (oval[:, :2].max(0) - oval[:, :2].min(0)) / 2
    offset = (in_face[mesh.groups["grid"], :2] - centre) / half
    under = offset[:, 1] > 0
    reach = np.hypot(offset[:, 0] / np.where(under, 1.25, 1.2), offset[:, 1] / np.where(under, 1.6, 1.25))
    return [int(v) for v in mesh.groups["grid"][reach > 1]]


def _lid_gap(mesh: HeadMesh, in_face: FloatArray, side: str, order: dict[int, int], gap: FloatArray) -> None:
    upper = mesh.groups[f"lid_upper_{side}"]
    lower = np.concatenate([upper[:1], mesh.groups[f"lid_lower_{side}"], upper[-1:]])
    opening = in_face[lower, :2] - in_face[upper, :2]
    u = np.linspace(-1, 1, len(upper))
    for name in ("lid_upper", "lid_lower", "lash_upper", "lash_lower", "crease", "bag"):
        indices = mesh.groups[f"{name}_{side}"]
        at = np.linspace(-1, 1, len(upper))[1:-1] if name in ("lid_lower", "lash_upper", "lash_lower") else None
        at = np.linspace(-1, 1, len(indices)) * (0.8 if name in ("crease", "bag") else 1.0) if at is None else at
        rows = [order[int(v)] for v in indices]
        gap[rows] = np.stack([np.interp(at, u, opening[:, 0]), np.interp(at, u, opening[:, 1])], 1)
