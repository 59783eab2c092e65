"""Where an opening between lips or lids lies in the inlay, and how much of each pixel it covers."""

from __future__ import annotations

import math

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray


def opening_cover(upper: FloatArray, lower: FloatArray, left: int, top: int, width: int, height: int) -> ByteArray:
    """Antialiased cover (height, width) uint8 of the area between two curves (N, 2) that share their ends."""
    cover = np.zeros((height, width), np.uint8)
    outline = np.concatenate([upper, lower[::-1]]) - np.array([left, top], np.float32)
    cv2.fillPoly(cover, [np.rint(outline * 16).astype(np.int32)], 255, lineType=cv2.LINE_AA, shift=4)
    return cover


#: Left, top, right and bottom in pixels of the inlay; what is at right and bottom is not in it.
Box = tuple[int, int, int, int]


def box_around(points: FloatArray, shape: tuple[int, ...], left: int, top: int, margin: int) -> Box | None:
    """Whole-pixel box of points within the inlay, in inlay pixels, or None where it lies outside."""
    (least_x, least_y), (most_x, most_y) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    x0, y0 = max(0, math.floor(least_x - margin - left)), max(0, math.floor(least_y - margin - top))
    x1 = min(shape[1], math.ceil(most_x + margin + 1 - left))
    y1 = min(shape[0], math.ceil(most_y + margin + 1 - top))
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def inverted(matrix: FloatArray) -> FloatArray:
    """The inverse (2, 2) float32 of a matrix, without NumPy's way through LAPACK, which takes ten times as long."""
    (a, b), (c, d) = matrix.tolist()
    determinant = a * d - b * c
    return np.array([[d / determinant, -b / determinant], [-c / determinant, a / determinant]], np.float32)
