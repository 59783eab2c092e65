"""What the motion extractor reads in pictures of a head, and the key points that come of it. Nothing here needs torch.

Guo and others, "LivePortrait: Efficient Portrait Animation with Stitching and Retargeting Control" (2024), equation 2: key points
are the canonical ones, turned, deformed, scaled and shifted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from core.contracts import FloatArray

KEYPOINTS = 21


@dataclass(frozen=True)
class Heads:
    """What was read in T pictures of one head, float32 each.

    angles_deg: (T, 3) pitch, yaw, roll. canonical: (T, 21, 3) the person's own key points, of a relaxed face that looks ahead.
    expression: (T, 21, 3) what the face adds to them. scale: (T,). shift: (T, 3), of which x and y count. Coordinates run from -1
    to 1 over the square, y down.
    """

    angles_deg: FloatArray
    canonical: FloatArray
    expression: FloatArray
    scale: FloatArray
    shift: FloatArray

    def __len__(self) -> int:
        return len(self.scale)

    def at(self, number: int) -> Heads:
        """One of them, as T = 1."""
        return Heads(*(getattr(self, each.name)[number : number + 1] for each in fields(self)))

    @property
    def poses(self) -> Poses:
        """Their poses and expressions as they are."""
        return Poses(rotations(self.angles_deg), self.expression, self.scale, self.shift)

    def keypoints(self, poses: Poses | None = None) -> FloatArray:
        """(T, 21, 3) float32, the key points in those poses, their own by default; of one head in any number of them."""
        poses = poses or self.poses
        moved = (self.canonical @ poses.rotation + poses.expression) * poses.scale[:, None, None]
        return np.asarray(moved + poses.shift[:, None] * np.array([1, 1, 0]), np.float32)


@dataclass(frozen=True)
class Poses:
    """How a head is turned (T, 3, 3), deformed (T, 21, 3), scaled (T,) and shifted (T, 3) in T frames.

    Rotations stand right of the rows that they turn.
    """

    rotation: FloatArray
    expression: FloatArray
    scale: FloatArray
    shift: FloatArray


def gathered(parts: Sequence[Heads]) -> Heads:
    """Heads one after the other."""
    return Heads(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Heads)))


def rotations(angles_deg: FloatArray) -> FloatArray:
    """(T, 3, 3) float64 of pitch, yaw and roll (T, 3): about x, then y, then z, transposed so that they stand right of rows."""
    pitch, yaw, roll = np.radians(np.asarray(angles_deg, np.float64)).T
    return np.asarray(turns(pitch, 0) @ turns(yaw, 1) @ turns(roll, 2))


def turns(angle: FloatArray, axis: int) -> FloatArray:
    """(T, 3, 3), transposed, of angles (T,) in radians about x, y or z: 0, 1 or 2."""
    matrix = np.zeros((len(angle), 3, 3))
    one, other = (axis + 1) % 3, (axis + 2) % 3
    matrix[:, axis, axis] = 1
    matrix[:, one, one] = matrix[:, other, other] = np.cos(angle)
    matrix[:, one, other], matrix[:, other, one] = np.sin(angle), -np.sin(angle)
    return matrix
