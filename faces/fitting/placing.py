"""Where a head stands in every frame of a film: the similarity that takes the person's resting face there.

Rotation, size and place by least squares over those points of a face that no muscle moves: Umeyama, "Least-squares estimation of
transformation parameters between two point patterns", IEEE PAMI 13 (1991).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray

#: Forehead, temples, the corners of the eyes, the bridge of the nose and the cheekbones.
STILL_POINTS = (
    *(10, 151, 9, 8, 109, 338, 67, 297, 108, 337, 54, 284, 21, 251, 162, 389, 127, 356),
    *(33, 133, 362, 263, 168, 6, 197, 195, 5, 4, 122, 351, 196, 419, 234, 454, 227, 447, 116, 345),
)


@dataclass(frozen=True)
class Placing:
    """p -> size * rotation @ p + shift for one frame: from the resting face's pixels to the frame's.

    size: of the head against the resting face's. rotation: (3, 3). shift: (3,) in pixels.
    """

    size: float
    rotation: FloatArray
    shift: FloatArray

    def placed(self, points: FloatArray) -> FloatArray:
        """Points (N, 3) of the resting face where they are in the frame, if nothing but the head moved."""
        return np.asarray(points @ (self.size * self.rotation.T) + self.shift, np.float32)

    def at_rest(self, points: FloatArray) -> FloatArray:
        """Points (N, 3) of the frame where they would be if the head stood as in the resting face."""
        return np.asarray((points - self.shift) @ self.rotation / self.size, np.float32)


def placing(rest: FloatArray, points: FloatArray) -> Placing:
    """From a resting face's landmarks (478, 3) to a frame's (478, 3)."""
    still = list(STILL_POINTS)
    first, second = rest[still].astype(np.float64), np.asarray(points[still], np.float64)
    first_middle, second_middle = first.mean(axis=0), second.mean(axis=0)
    centred = first - first_middle
    left, lengths, right = np.linalg.svd((second - second_middle).T @ centred)
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    rotation = (left * sign) @ right
    size = float((lengths * sign).sum() / np.square(centred).sum())
    return Placing(size, rotation.astype(np.float32), (second_middle - size * rotation @ first_middle).astype(np.float32))
