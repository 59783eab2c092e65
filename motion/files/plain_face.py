"""The face of nobody, on which motion alone is shown: a mask with eyes and lips, moved by the 52 shapes as the mesh engine moves
portraits.

`plain_face.npy` holds the 478 places of the Face Landmarker's points in eye spans; `benchmarks/plain_face.py` made it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from core.contracts import BLENDSHAPE_NAMES, Face, FloatArray
from faces.fitting import landmarks as lm
from faces.fitting.face_coordinates import face_coordinates
from faces.fitting.head_mesh import IntArray, build_head_mesh
from faces.fitting.rig import Rig

PLACES = Path(__file__).with_name("plain_face.npy")
#: Pixels of the eye span in the picture that the mesh is laid over, and that picture's side.
EYE_SPAN_PX, SIDE_PX = 200, 640
#: How far beyond the face the sheet reaches from which the mask is cut.
MARGIN_PX = 40
#: Linear light of skin, lips and brows.
SKIN, LIPS, BROWS = (0.55, 0.36, 0.28), (0.38, 0.11, 0.10), (0.09, 0.06, 0.05)
#: How far from a brow's line its colour reaches, in eye spans.
BROW_REACH = 0.035
#: Eye spans by which an eyeball stays behind the lids.
CLEARANCE = 0.006
EYES = ((lm.RIGHT_EYE_UPPER, lm.RIGHT_EYE_LOWER), (lm.LEFT_EYE_UPPER, lm.LEFT_EYE_LOWER))


@dataclass(frozen=True)
class PlainFace:
    """The mask. Places are in eye spans from where the head turns about: right, down, away from the viewer.

    rest: (V, 3); deltas: (52, V, 3) what each whole shape adds; triangles: (N, 3); colours: (V, 3) linear light.
    eyes: (2, 3) the middles of the eyeballs, the picture's left first; eye_radius: theirs. mouth: (3,) between the lips.
    """

    rest: FloatArray
    deltas: FloatArray
    triangles: IntArray
    colours: FloatArray
    eyes: FloatArray
    eye_radius: float
    mouth: FloatArray


def plain_face() -> PlainFace:
    """Build it; a moment's work."""
    points = np.load(PLACES).astype(np.float32) * EYE_SPAN_PX + (SIDE_PX / 2, SIDE_PX * 0.4, 0)
    coordinates = face_coordinates(points)
    low, high = points[:, :2].min(axis=0) - MARGIN_PX, points[:, :2].max(axis=0) + MARGIN_PX
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    face = Face(points, np.zeros(len(BLENDSHAPE_NAMES), np.float32), (0.0, 0.0, 0.0), box)
    blank = np.full((SIDE_PX, SIDE_PX, 3), 127, np.uint8)
    mesh = build_head_mesh(blank, face, coordinates, box)
    rig = Rig(mesh, coordinates)
    middles = mesh.rest[mesh.triangles].mean(axis=1)
    openings = [points[[*upper, *lower[::-1]]] for upper, lower in EYES]
    kept = _within(middles, points[list(lm.FACE_OVAL)]) & ~_within(middles, openings[0]) & ~_within(middles, openings[1])
    used, triangles = np.unique(mesh.triangles[kept], return_inverse=True)
    rest = rig.expression(np.zeros(len(BLENDSHAPE_NAMES), np.float32))
    eyes, radius = _eyeballs(openings, points[[lm.RIGHT_IRIS[0], lm.LEFT_IRIS[0]]])
    lips = rest[mesh.groups["lip_upper"]]
    return PlainFace(
        (rest[used] - rig.pivot) / EYE_SPAN_PX,
        rig.basis[: len(BLENDSHAPE_NAMES), used] / EYE_SPAN_PX,
        triangles.reshape(-1, 3).astype(np.int32),
        _colours(mesh.closed[used], points),
        (eyes - rig.pivot) / EYE_SPAN_PX,
        radius / EYE_SPAN_PX,
        (lips.mean(axis=0) - rig.pivot) / EYE_SPAN_PX,
    )


def _within(places: FloatArray, outline: FloatArray) -> npt.NDArray[np.bool_]:
    """Which places (N, 3) lie inside an outline (M, 3), as seen from the front."""
    picture = np.zeros((SIDE_PX, SIDE_PX), np.uint8)
    cv2.fillPoly(picture, [np.round(outline[:, :2]).astype(np.int32)], 1)
    at = np.clip(np.round(places[:, :2]).astype(int), 0, SIDE_PX - 1)
    return np.asarray(picture[at[:, 1], at[:, 0]] > 0)


def _colours(places: FloatArray, points: FloatArray) -> FloatArray:
    """(V, 3): skin, lips within their outer line, brows along theirs."""
    colours = np.tile(np.array(SKIN, np.float32), (len(places), 1))
    lips = points[[*lm.LIPS_OUTER_UPPER, *lm.LIPS_OUTER_LOWER[::-1]]]
    colours[_within(places, lips)] = LIPS
    for upper, lower in ((lm.RIGHT_BROW_UPPER, lm.RIGHT_BROW_LOWER), (lm.LEFT_BROW_UPPER, lm.LEFT_BROW_LOWER)):
        brow = points[[*upper, *lower[::-1]]]
        near = cKDTree(brow[:, :2]).query(places[:, :2])[0] < BROW_REACH * EYE_SPAN_PX
        colours[near | _within(places, brow)] = BROWS
    return colours


def _eyeballs(lids: list[FloatArray], irises: FloatArray) -> tuple[FloatArray, float]:
    """The middles (2, 3) of balls that fill their openings and stay behind the lids, and their radius."""
    reach = [np.linalg.norm(lid[:, :2] - iris[:2], axis=1) for lid, iris in zip(lids, irises, strict=True)]
    radius = 1.12 * max(float(each.max()) for each in reach)
    depth = [(lid[:, 2] + np.sqrt(radius**2 - apart**2)).max() for lid, apart in zip(lids, reach, strict=True)]
    centres = np.column_stack([irises[:, :2], np.array(depth) + CLEARANCE * EYE_SPAN_PX])
    return np.asarray(centres, np.float32), radius
