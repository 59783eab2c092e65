"""How a portrait's key points follow a driver's head: as far as asked, from the portrait's own look or as the driver is.

One rule serves both ways. Where the portrait keeps its own look (relative), the driver's reading is compared with that of its
neutral frame, and what the key points move between the two is added to the portrait's own; that is the published program's way,
with the neutral frame in the place of the first. Else (absolute) it is compared with the portrait's own reading.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from animators.adasr.driver import HeadReading
from core.contracts import FloatArray
from core.driving import Strength
from faces.head_crop import EYES, MOUTH_CORNERS
from neural.one_shot.geometry import HeadMotion, move_keypoints

#: All of a head's shift counts, unlike SadTalker's.
AXES = (1.0, 1.0, 1.0)
#: Landmarks whose nearness tells what a key point belongs to: the brows, the eyes, the lips.
BROWS = (70, 63, 105, 66, 107, 300, 293, 334, 296, 336)
LIPS = (*MOUTH_CORNERS, 0, 17, 13, 14, 37, 267, 84, 314)
#: Within this share of the distance between the eyes one part of the face is as near as another.
NEAR_SHARE = 0.15


class HeadFollower:
    """Moves one portrait's key points."""

    def __init__(
        self, canonical: Tensor, own: HeadReading, neutral: HeadReading, relative: bool, strength: Strength, shares: FloatArray
    ) -> None:
        """canonical: (1, K, 3). own, neutral: of the portrait and of the driver's neutral frame, one frame each. shares: (K,), of
        `expression_shares`, how strongly each key point shows the driver's expression."""
        self._canonical = canonical
        self._base = neutral if relative else own
        self._head, self._shares = strength.head, np.asarray(shares, np.float32)
        self.source = self._points(own)
        self._from = self._points(self._base)

    def points(self, reading: HeadReading) -> Tensor:
        """Key points (B, K, 3) that follow a reading of B frames."""
        base, head = self._base, self._head
        followed = HeadReading(
            base.angles_deg + head * (reading.angles_deg - base.angles_deg),
            base.shift + head * (reading.shift - base.shift),
            base.expression + self._shares[:, None] * (reading.expression - base.expression),
        )
        return self.source + (self._points(followed) - self._from)

    def _points(self, reading: HeadReading) -> Tensor:
        return moved_points(self._canonical, reading)


def moved_points(canonical: Tensor, reading: HeadReading) -> Tensor:
    """Key points (B, K, 3) of B frames: the canonical ones (1, K, 3) as the reading has them."""
    angles, shift, expression = (
        torch.from_numpy(np.ascontiguousarray(each, np.float32)).to(canonical.device)
        for each in (reading.angles_deg, reading.shift, reading.expression)
    )
    motion = HeadMotion(angles[:, 0], angles[:, 1], angles[:, 2], shift, expression)
    return move_keypoints(canonical, motion, AXES)


def tells_parts_apart(strength: Strength) -> bool:
    """Whether one part of the face is to follow more strongly than another."""
    return len({strength.brows, strength.eyes, strength.lips}) > 1


def expression_shares(points: FloatArray, landmarks: FloatArray, strength: Strength) -> FloatArray:
    """How strongly each key point shows the driver's expression (K,): the strengths of brows, eyes and lips, by nearness.

    Nobody named the network's key points, and each shows a little of everything; where they lie in the portrait is all that tells
    to which part of the face they belong. points: (K, 2) and landmarks: (478, 2), both in the square, -1 to 1.
    """
    if not tells_parts_apart(strength):
        return np.full(len(points), strength.lips, np.float32)
    eyes = [landmarks[list(eye)].mean(axis=0) for eye in EYES]
    near = NEAR_SHARE * float(np.hypot(*(eyes[1] - eyes[0])))
    wanted = ((BROWS, strength.brows), (EYES[0] + EYES[1], strength.eyes), (LIPS, strength.lips))
    gaps = [np.linalg.norm(points[:, None] - landmarks[None, list(part)], axis=2).min(axis=1) for part, _ in wanted]
    weights = 1 / (np.stack(gaps) ** 2 + near**2)
    strengths = np.array([each for _, each in wanted])
    return np.asarray((weights * strengths[:, None]).sum(axis=0) / weights.sum(axis=0), np.float32)
