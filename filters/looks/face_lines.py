"""The lines of a face as a pencil draws them, along its landmarks."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from core.contracts import FloatArray
from faces.fitting import landmarks as lm

#: The ridge and the base of the nose, the irises by centre and rim, the outline without the forehead, by MediaPipe's mesh.
_NOSE = ((193, 122, 196, 236, 198, 131), (64, 98, 97, 2, 326, 327, 294))
_IRISES = ((468, 469), (473, 474))
_JAW = (127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454, 356)
#: Lines and how heavy each is.
LINES: tuple[tuple[tuple[int, ...], float], ...] = (
    *((line, 1.0) for line in (lm.RIGHT_EYE_UPPER, lm.LEFT_EYE_UPPER)),
    *((line, 0.6) for line in (lm.RIGHT_EYE_LOWER, lm.LEFT_EYE_LOWER)),
    *((line, 1.2) for line in (lm.RIGHT_BROW_UPPER, lm.RIGHT_BROW_LOWER, lm.LEFT_BROW_UPPER, lm.LEFT_BROW_LOWER)),
    *((line, 0.6) for line in _NOSE),
    (_JAW, 0.9),
    (lm.LIPS_OUTER_UPPER, 0.9),
    (lm.LIPS_OUTER_LOWER, 0.9),
    (lm.LIPS_INNER_UPPER, 0.9),
    (lm.LIPS_INNER_LOWER, 0.9),
)
#: Points are given to the painter in parts of a pixel.
_PARTS = 4


def draw_face_lines(faces: Sequence[FloatArray], width: int, height: int, line_px: float) -> FloatArray:
    """A field (H, W) float32 in [0, 1]: the lines of faces (478, 2 or 3), as heavy as `line_px`, softened at their rims.

    Lines are painted at twice the size, where a pixel's width is fine enough to tell them apart.
    """
    sheet = np.zeros((2 * height, 2 * width), np.uint8)
    for points in faces:
        across = float(np.linalg.norm(points[454, :2] - points[234, :2]))
        heavy = line_px * float(np.clip(across / 180.0, 0.5, 1.5))
        for line, weight in LINES:
            thick = max(1, round(2.0 * heavy * weight))
            cv2.polylines(sheet, [_fixed(points[list(line)])], False, 255, thick, cv2.LINE_AA, _PARTS)
        for centre, rim in _IRISES:
            radius = float(np.linalg.norm(points[rim, :2] - points[centre, :2]))
            place = _fixed(points[[centre]])[0, 0]
            cv2.circle(
                sheet, (int(place[0]), int(place[1])), round(2 * radius * 0.7 * (1 << _PARTS)), 255, -1, cv2.LINE_AA, _PARTS
            )
    small = cv2.resize(sheet, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small.astype(np.float32) / 255.0, (0, 0), 0.6), np.float32)


def _fixed(points: FloatArray) -> np.ndarray:
    """Points (N, 2 or 3) for the painter at twice the size, (N, 1, 2)."""
    return np.rint((2.0 * points[:, None, :2] - 0.5) * (1 << _PARTS)).astype(np.int32)
