"""The rig of one portrait: where every vertex of the head and body sheets goes for one frame of motion."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.contracts import BLENDSHAPE_NAMES, FloatArray
from core.easing import smooth_step
from core.kernels import kernel
from faces.fitting import landmarks as lm
from faces.fitting.closing import closing
from faces.fitting.face_coordinates import FaceCoordinates
from faces.fitting.handles import Handles, find_handles
from faces.fitting.head_mesh import HeadMesh, IntArray
from faces.fitting.shapes import ShapeMaker
from faces.fitting.smooth_fields import interpolate

#: Blendshapes of which a portrait can show a part already, as a smile or raised brows.
LASTING = ("mouthSmile", "mouthFrown", "mouthDimple", "mouthPucker", "brow", "eyeSquint", "eyeWide", "cheekSquint")
#: Face widths from which a portrait is usually taken: how much a head grows that leans in.
CAMERA_DISTANCE = 6.0
#: Steepest depth per pixel across. Above the cotangent of the largest turn the sheet would fold over itself at the far cheek.
STEEPEST_SLOPE = 1.25


def _gentle_slopes(places: FloatArray, depth: FloatArray, steepest: float) -> FloatArray:
    """The largest depths (N,) that nowhere exceed `depth` nor climb faster than `steepest`: the lower Lipschitz envelope."""
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    return np.asarray((depth[None, :] + steepest * apart).min(axis=1), np.float32)


def rotation_matrix(rotation_deg: FloatArray) -> FloatArray:
    """(3, 3) rotation of picture points for yaw, pitch, roll in degrees, signs as in `core.contracts.Face`."""
    yaw, pitch, roll = (math.radians(angle) for angle in rotation_deg.tolist())
    (sy, cy), (sp, cp), (sr, cr) = ((math.sin(angle), math.cos(angle)) for angle in (yaw, pitch, roll))
    # About the picture's y axis first, then x, then z, multiplied out: it is asked for twice a frame.
    return np.array(
        [
            [cr * cy - sr * sp * sy, -sr * cp, -cr * sy - sr * sp * cy],
            [sr * cy + cr * sp * sy, cr * cp, -sr * sy + cr * sp * cy],
            [cp * sy, -sp, cp * cy],
        ],
        np.float32,
    )


@dataclass(frozen=True)
class HeadPose:
    """One frame's rigid movement: p -> pivot + size * rotation (p - pivot) + shift, in picture pixels.

    size: how much larger the head looks for having come nearer.
    """

    rotation: FloatArray
    pivot: FloatArray
    shift: FloatArray
    size: float = 1.0

    def moved(self, points: FloatArray) -> FloatArray:
        """Points (N, 3) carried along with the head."""
        return np.asarray((points - self.pivot) @ (self.size * self.rotation.T) + self.pivot + self.shift, np.float32)

    @cached_property
    def affine(self) -> FloatArray:
        """The same as one matrix (3, 4): p -> matrix[:, :3] p + matrix[:, 3]."""
        matrix = np.empty((3, 4), np.float32)
        turned = np.asarray(self.size * self.rotation, np.float32)
        matrix[:, :3] = turned
        matrix[:, 3] = self.pivot + self.shift - (turned * self.pivot).sum(axis=1)
        return matrix


def carried(points: FloatArray, follow: FloatArray, pose: HeadPose, late: HeadPose) -> FloatArray:
    """Points (N, 3) that follow the head's movement by `follow` (N, 1); the less they follow, the later they do."""
    return _carried(points, follow, pose.affine, late.affine)


@kernel(
    "(float32[:, ::1], float32[:, ::1], float32[:, ::1], float32[:, ::1])",
    fastmath=True,
    nogil=True,
)
def _carried(points: FloatArray, follow: FloatArray, pose: FloatArray, late: FloatArray) -> FloatArray:
    """`carried` by two matrices (3, 4)."""
    places = np.empty_like(points)
    for i in range(points.shape[0]):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        prompt = min(max((follow[i, 0] - np.float32(0.35)) / np.float32(0.6), np.float32(0)), np.float32(1))
        for k in range(3):
            now = pose[k, 0] * x + pose[k, 1] * y + pose[k, 2] * z + pose[k, 3]
            then = late[k, 0] * x + late[k, 1] * y + late[k, 2] * z + late[k, 3]
            places[i, k] = points[i, k] + follow[i, 0] * (prompt * now + (1 - prompt) * then - points[i, k])
    return places


@kernel("(float32[:, ::1], float32[::1], float32[:, :, ::1])", fastmath=True, nogil=True)
def _expressed(rest: FloatArray, amounts: FloatArray, basis: FloatArray) -> FloatArray:
    """Places (V, 3) at rest and on them so much (K,) of each shape (K, V, 3). No BLAS: its threads would fight for the cores."""
    places = rest.copy()
    for k in range(amounts.shape[0]):
        amount = amounts[k]
        if amount != 0:
            shape = basis[k]
            for i in range(places.shape[0]):
                for c in range(3):
                    places[i, c] += amount * shape[i, c]
    return places


def uncross(places: FloatArray, upper: IntArray, lower: IntArray, down: FloatArray) -> None:
    """Part lips that cross in `places` (V, 2 or 3): they may touch. upper, lower: their vertices; down: (2,) the face's."""
    down = down / np.linalg.norm(down)
    crossed = np.minimum((places[lower, :2] - places[upper, :2]) @ down, 0.0)[:, None]
    places[upper, :2] += 0.5 * crossed * down
    places[lower, :2] -= 0.5 * crossed * down


class Rig:
    """Shapes and pose of one portrait's head.

    basis: (53, V, 3) float32 pixels in picture axes, the 52 ARKit shapes and, last, the closing of a mouth that was open.
    """

    def __init__(self, mesh: HeadMesh, coordinates: FaceCoordinates, shown: FloatArray | None = None) -> None:
        """shown: (52,) the expression that the portrait shows already; what is smiling has little smile left to add."""
        self.mesh = mesh
        self.coordinates = coordinates
        self.headroom = np.ones(len(BLENDSHAPE_NAMES), np.float32)
        if shown is not None:
            lasting = [i for i, name in enumerate(BLENDSHAPE_NAMES) if name.startswith(LASTING)]
            self.headroom[lasting] -= 0.8 * np.clip(shown[lasting], 0, 1)
        self.handles: Handles = find_handles(mesh, coordinates)
        maker = ShapeMaker(self.handles)
        fields = np.concatenate([maker.all(), closing(maker)[None]]) * coordinates.eye_span
        count, points = fields.shape[:2]
        flat = fields.transpose(1, 0, 2).reshape(points, count * 3)
        dense = interpolate(mesh.closed, mesh.triangles, self.handles.vertex, flat, 0.4 * coordinates.eye_span)
        dense = dense.reshape(-1, count, 3).transpose(1, 0, 2)
        self.basis: FloatArray = np.ascontiguousarray(coordinates.to_picture(dense))
        self.rest = self._with_depth()
        self.follow = self._follow_of_head()
        self.pivot = np.array(
            [*(coordinates.origin[:2] + 0.62 * coordinates.eye_span * coordinates.axes[:2, 1]), self.back], np.float32
        )

    def _with_depth(self) -> FloatArray:
        """Rest places whose depth runs smoothly from the landmarks back to the plane of the ears, where the outline lies.

        An outline at the turning axis's depth stays where it is when the head turns, as the outline of a ball does.
        """
        mesh, coordinates = self.mesh, self.coordinates
        in_face = coordinates.to_face(mesh.rest)
        known = np.setdiff1d(np.arange(len(mesh.rest)), mesh.groups["grid"])
        far = self.handles.vertex[self.handles.groups["far"]]
        depth = in_face[:, 2:3].copy()
        depth[known, 0] = _gentle_slopes(mesh.rest[known, :2], depth[known, 0], STEEPEST_SLOPE)
        away = float(depth[known, 0].max()) + 0.05 * coordinates.face_width
        depth[far] = away
        handles = np.concatenate([known, np.setdiff1d(far, known)]).astype(np.int32)
        smooth = interpolate(mesh.closed, mesh.triangles, handles, depth[handles], 0.2 * coordinates.eye_span)[:, 0]
        rest = mesh.rest.copy()
        axis = coordinates.axes[:, 2]
        rest[:, 2] = coordinates.origin[2] + (smooth - (rest[:, :2] - coordinates.origin[:2]) @ axis[:2]) / axis[2]
        self.back = float(coordinates.origin[2] + away / axis[2])
        return rest

    def neck_follow(self, points: FloatArray) -> FloatArray:
        """How much of the head's movement a body point (N, 2 or 3) takes: 1 above the mouth, falling to the shoulders."""
        down = ((points[:, :2] - self.coordinates.origin[:2]) @ self.coordinates.axes[:2, 1]) / self.coordinates.face_width
        upper, lower = smooth_step((down - 0.45) / 0.85), smooth_step((down - 1.0) / 2.2)
        return np.asarray((1 - upper) * 0.9 + 0.1 * (1 - lower), np.float32)

    def _follow_of_head(self) -> FloatArray:
        """The head sheet moves as one within the face's oval; outside of it as the body does, so that hair does not tear."""
        in_face = self.coordinates.to_face(self.rest) / self.coordinates.face_width
        ids, vertices = self.mesh.groups["landmark_ids"], self.mesh.groups["landmarks"]
        oval = in_face[[v for i, v in zip(ids, vertices, strict=True) if i in lm.FACE_OVAL], :2]
        centre, half = (oval.max(0) + oval.min(0)) / 2, (oval.max(0) - oval.min(0)) / 2
        reach = np.linalg.norm((in_face[:, :2] - centre) / half, axis=1)
        inside = 1 - np.clip((reach - 1.05) / 0.3, 0, 1)
        follow = self.neck_follow(self.rest)
        return np.asarray(follow + (1 - follow) * inside, np.float32)[:, None]

    def pose(self, rotation_deg: FloatArray, translation: FloatArray) -> HeadPose:
        """Rigid movement for yaw, pitch, roll in degrees and a translation (3,) in face widths."""
        shift = np.asarray(translation * self.coordinates.face_width, np.float32)
        size = CAMERA_DISTANCE / (CAMERA_DISTANCE + float(translation[2]))
        return HeadPose(rotation_matrix(rotation_deg), self.pivot, shift, size)

    def expression(self, weights: FloatArray) -> FloatArray:
        """Places (V, 3) for blendshape weights (52,), before the head's movement; lips may touch but never cross."""
        shutting = np.float32(1.0 if self.mesh.mouth_was_open else 0.0)
        amounts = np.append(weights * self.headroom, shutting).astype(np.float32)
        places = _expressed(self.rest, amounts, self.basis)
        upper, lower = self.mesh.groups["lip_upper"], self.mesh.groups["lip_lower"]
        uncross(places, upper, lower, self.coordinates.axes[:2, 1])
        return places

    def place(self, expression: FloatArray, pose: HeadPose, late: HeadPose) -> FloatArray:
        """Final places (V, 3) of the head sheet; `late` is the pose that loose hair and shoulders have got to."""
        return carried(expression, self.follow, pose, late)
