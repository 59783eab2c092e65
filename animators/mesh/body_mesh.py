"""The body under the head as a coarse grid: neck and shoulders follow the head softly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray
from faces.fitting.head_mesh import IntArray
from faces.fitting.rig import HeadPose, Rig, carried

_CELLS = 36


@dataclass(frozen=True)
class BodyMesh:
    """rest: (V, 3) picture pixels. follow: (V, 1), how much of the head's movement each vertex takes. triangles: (N, 3)."""

    rest: FloatArray
    follow: FloatArray
    triangles: IntArray

    def place(self, pose: HeadPose, late: HeadPose) -> FloatArray:
        """Places (V, 3) for a head pose and the late one of loose parts."""
        return carried(self.rest, self.follow, pose, late)


def build_body_mesh(rig: Rig, extent: tuple[float, float, float, float]) -> BodyMesh:
    """Grid over `extent` (left, top, right, bottom) in pixels, at the depth of the head's outline."""
    left, top, right, bottom = extent
    x, y = np.meshgrid(np.linspace(left, right, _CELLS + 1), np.linspace(top, bottom, _CELLS + 1))
    rest = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, rig.back)]).astype(np.float32)
    corner = (np.arange(_CELLS)[:, None] * (_CELLS + 1) + np.arange(_CELLS)[None]).ravel()
    first = np.stack([corner, corner + 1, corner + _CELLS + 1], 1)
    second = np.stack([corner + 1, corner + _CELLS + 2, corner + _CELLS + 1], 1)
    return BodyMesh(rest, rig.neck_follow(rest)[:, None], np.concatenate([first, second]).astype(np.int32))
