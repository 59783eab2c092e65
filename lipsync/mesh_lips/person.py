"""One person of a film as this engine knows them: the face at rest, and how it takes every shape of the mouth.

All of it is in the pixels of one frame, the reference, into which `placing` takes every other frame of the person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from core.blendshapes import BLENDSHAPE_NAMES
from core.contracts import ByteArray, Face, FloatArray
from core.easing import smooth_step
from core.kernels import kernel
from faces.fitting import landmarks as lm
from faces.fitting.face_coordinates import FaceCoordinates, face_coordinates
from faces.fitting.handles import BoolArray
from faces.fitting.head_mesh import LIP_SAMPLES, OUTER_LIP_SAMPLES, HeadMesh, IntArray, build_head_mesh
from faces.fitting.placing import Placing, placing
from faces.fitting.rig import Rig
from faces.fitting.smooth_fields import interpolate

#: Shapes by which it is read what a mouth did in the film; pairs of sides count as one.
READ_SHAPES = (
    *("jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthSmile", "mouthFrown", "mouthStretch"),
    *("mouthUpperUp", "mouthLowerDown", "mouthRollUpper", "mouthRollLower", "mouthShrugUpper", "mouthShrugLower"),
)
#: How much of a shape's square counts against the square of the points' distance, in eye spans, that it explains.
READ_RIDGE = 5e-5
#: Where, in eye spans below the middle of the eyes' corners, the face begins to take part, and where it does wholly.
TAKES_PART, WHOLLY = 0.42, 0.72
#: Reach of the sheet around the face's oval, in its width: to the sides and above, and below the chin.
AROUND, BELOW = 0.18, 0.5
#: How near to the lips, in eye spans, the skin goes with them where the film moves them further than shapes explain.
GOES_WITH_LIPS, SAME_PLACE = 0.16, 0.004
#: Stiffness of the skin between the points, in eye spans.
TENSION = 0.4
CURVES = (("lip_upper", lm.LIPS_INNER_UPPER, LIP_SAMPLES), ("lip_lower", lm.LIPS_INNER_LOWER, LIP_SAMPLES))
LIP_GROUPS = ("lip_upper", "lip_lower", "outer_upper", "outer_lower")
OUTER_CURVES = (("outer_upper", lm.LIPS_OUTER_UPPER), ("outer_lower", lm.LIPS_OUTER_LOWER))


@dataclass(frozen=True)
class Person:
    """rest: (478, 3) landmarks of the face at rest, in the reference frame's pixels. rig: its shapes over the sheet's vertices.

    handles: (N,) the vertices whose places the landmarks tell, `reading` (N, 478) how. spread: (V, N) how the others follow them.
    lips: (N,) which handles are the lips', L of them. drawn: (N, L) how each goes along with them. part: (N, 1) how much of the
    new mouth each takes. read_fields: (K, N, 3) pixels of the shapes by which the film is read, read_by: (K, 2M) their least
    squares over `read_at` (M,) handles.
    """

    rest: FloatArray
    coordinates: FaceCoordinates
    rig: Rig
    handles: IntArray
    reading: FloatArray
    spread: FloatArray
    lips: BoolArray
    drawn: FloatArray
    part: FloatArray
    read_fields: FloatArray
    read_by: FloatArray
    read_at: IntArray

    @property
    def mesh(self) -> HeadMesh:
        """The sheet."""
        return self.rig.mesh

    @property
    def eye_span(self) -> float:
        """Pixels between the outer corners of the eyes in the reference frame."""
        return self.coordinates.eye_span

    def placing(self, landmarks: FloatArray) -> Placing:
        """Where the head stands in a frame with these landmarks (478, 3)."""
        return placing(self.rest, landmarks)

    def handles_in(self, landmarks: FloatArray) -> FloatArray:
        """(N, 3) where the handles are in a frame with these landmarks (478, 3)."""
        return followed(self.reading, np.ascontiguousarray(landmarks, np.float32))

    def place_of(self, group: str) -> IntArray:
        """Which of the handles are the vertices of a curve, in its order."""
        return np.searchsorted(self.handles, self.mesh.groups[group]).astype(np.int32)

    def read(self, at_rest: FloatArray) -> FloatArray:
        """(K,) how much of each of `READ_SHAPES` a mouth shows whose handles (N, 3) stand as in the reference frame."""
        moved = at_rest[self.read_at, :2] - self.rig.rest[self.handles[self.read_at], :2]
        return np.asarray(np.clip(self.read_by @ moved.reshape(-1), -0.3, 1.3), np.float32)

    def vertices(self, whole: FloatArray, handles: FloatArray) -> FloatArray:
        """(V, 2) all vertices of the sheet in a frame: `whole` (V, 3), as the head carries them, bent so that the handles lie at
        `handles` (N, 2)."""
        moved = np.ascontiguousarray(handles - whole[self.handles, :2], np.float32)
        return np.asarray(whole[:, :2] + followed(self.spread, moved), np.float32)


@kernel("(float32[:, ::1], float32[:, ::1])", fastmath=True, nogil=True)
def followed(how: FloatArray, points: FloatArray) -> FloatArray:
    """(V, C) the matrix product of how (V, N) and points (N, C). No BLAS: its threads would fight for the cores."""
    result = np.zeros((how.shape[0], points.shape[1]), np.float32)
    for i in range(how.shape[0]):
        for j in range(how.shape[1]):
            share = how[i, j]
            if share != 0:
                for c in range(points.shape[1]):
                    result[i, c] += share * points[j, c]
    return result


def fit_person(image: ByteArray, rest: FloatArray, shown: Face) -> Person:
    """image: the reference frame (H, W, 3); rest: (478, 3) landmarks of the face at rest in its pixels."""
    coordinates = face_coordinates(rest)
    face = Face(rest, shown.blendshapes, shown.rotation_deg, shown.box, shown.human)
    mesh = build_head_mesh(image, face, coordinates, extent_of(rest, coordinates))
    rig = Rig(mesh, coordinates)
    handles, reading = reading_of(mesh, rest)
    spread = spread_of(mesh, rig, handles, coordinates)
    lips = np.isin(handles, np.concatenate([mesh.groups[name] for name in LIP_GROUPS]))
    in_face = coordinates.to_face(rig.rest[handles]) / coordinates.eye_span
    part = np.where(lips, 1.0, smooth_step((in_face[:, 1] - TAKES_PART) / (WHOLLY - TAKES_PART))).astype(np.float32)[:, None]
    fields = np.stack([shape_field(rig, name)[handles] for name in READ_SHAPES])
    chin = in_face[:, 1] > WHOLLY
    read_at = np.flatnonzero(lips | chin).astype(np.int32)
    read_by = least_squares(fields[:, read_at, :2].reshape(len(fields), -1), coordinates.eye_span, len(read_at))
    drawn = drawn_along(mesh, handles, in_face[:, :2], lips, part)
    return Person(rest, coordinates, rig, handles, reading, spread, lips, drawn, part, fields, read_by, read_at)


def drawn_along(mesh: HeadMesh, handles: IntArray, places: FloatArray, lips: BoolArray, part: FloatArray) -> FloatArray:
    """(N, L) how much handles at places (N, 2), in eye spans, move as the lips among them do, each as those of its own side.

    Skin that stayed where the lips' edge comes to lie would fold, and so would red between the edges that went with one alone.
    By inverse distances: Shepard, "A two-dimensional interpolation function for irregularly-spaced data", ACM 1968.
    """
    upper, lower = (places[np.searchsorted(handles, mesh.groups[name])] for name in LIP_GROUPS[:2])
    line = (upper + lower) / 2
    above = places[:, 1] < np.interp(places[:, 0], line[:, 0], line[:, 1])
    on_upper, on_lower = (
        np.isin(handles[lips], np.concatenate([mesh.groups[name] for name in names]))
        for names in (LIP_GROUPS[::2], LIP_GROUPS[1::2])
    )
    apart = np.linalg.norm(places[:, None] - places[lips][None], axis=2)
    apart = np.where(np.where(above[:, None], on_upper, on_lower), apart, np.inf)
    nearest = apart.min(axis=1, keepdims=True)
    shares = 1.0 / np.maximum(apart, SAME_PLACE) ** 3
    shares *= part * np.exp(-0.5 * np.square(nearest / GOES_WITH_LIPS)) / shares.sum(axis=1, keepdims=True)
    shares[lips] = np.eye(int(lips.sum()))
    return np.asarray(shares, np.float32)


def extent_of(rest: FloatArray, coordinates: FaceCoordinates) -> tuple[float, float, float, float]:
    """Box around the face with room under the chin, which moves."""
    (left, top), (right, bottom) = rest[:, :2].min(axis=0), rest[:, :2].max(axis=0)
    around = AROUND * coordinates.face_width
    return left - around, top - around, right + around, bottom + BELOW * coordinates.face_width


def shape_field(rig: Rig, name: str) -> FloatArray:
    """(V, 3) pixels by which a shape moves the sheet, of both sides where it has two."""
    sides = [k for k, known in enumerate(BLENDSHAPE_NAMES) if known in (name, f"{name}Left", f"{name}Right")]
    return np.asarray(rig.basis[sides].sum(axis=0), np.float32)


def least_squares(fields: FloatArray, eye_span: float, points: int) -> FloatArray:
    """(K, 2M) from points' movements in pixels to the amounts of K shapes, fields (K, 2M); amounts cost a little."""
    scaled = fields.astype(np.float64) / (eye_span * np.sqrt(points))
    gram = scaled @ scaled.T + READ_RIDGE * np.eye(len(scaled))
    return np.asarray(np.linalg.solve(gram, scaled) / (eye_span * np.sqrt(points)), np.float32)


def reading_of(mesh: HeadMesh, rest: FloatArray) -> tuple[IntArray, FloatArray]:
    """Vertices (N,) whose places landmarks tell, and how (N, 478): the curves of the lips by splines, the others as they are."""
    vertices: list[int] = []
    rows: list[FloatArray] = []
    for name, ids, count in (
        *CURVES,
        *((name, ids, OUTER_LIP_SAMPLES) for name, ids in OUTER_CURVES),
    ):
        curve = spline_rows(rest, ids, count)
        if name == "outer_lower":
            curve = curve[1:-1]
        if name == "lip_lower":
            curve[[0, -1]] = spline_rows(rest, lm.LIPS_INNER_UPPER, count)[[0, -1]]
        rows.append(curve)
        vertices += mesh.groups[name].tolist()
    rows.append(np.eye(len(rest), dtype=np.float32)[mesh.groups["landmark_ids"]])
    vertices += mesh.groups["landmarks"].tolist()
    unique, first = np.unique(np.array(vertices, np.int32), return_index=True)
    return unique, np.ascontiguousarray(np.concatenate(rows)[first])


def spline_rows(rest: FloatArray, ids: tuple[int, ...], count: int) -> FloatArray:
    """(count, 478) weights of the landmarks in `count` places of even length along a cubic spline through some of them."""
    points = rest[list(ids), :2].astype(np.float64)
    chord = np.concatenate([[0.0], np.cumsum(np.maximum(np.linalg.norm(np.diff(points, axis=0), axis=1), 1e-3))])
    weights = CubicSpline(chord, np.eye(len(ids)), axis=0)(np.linspace(0, chord[-1], count))
    rows = np.zeros((count, len(rest)), np.float32)
    rows[:, list(ids)] = weights
    return rows


def spread_of(mesh: HeadMesh, rig: Rig, handles: IntArray, coordinates: FaceCoordinates) -> FloatArray:
    """(V, N) how every vertex follows the handles; the rim of the sheet stays."""
    far = rig.handles.vertex[rig.handles.groups["far"]]
    still = np.setdiff1d(far, handles).astype(np.int32)
    values = np.zeros((len(handles) + len(still), len(handles)), np.float32)
    values[: len(handles)] = np.eye(len(handles), dtype=np.float32)
    held = np.concatenate([handles, still]).astype(np.int32)
    return np.ascontiguousarray(
        interpolate(mesh.closed, mesh.triangles, held, values, TENSION * coordinates.eye_span), np.float32
    )
