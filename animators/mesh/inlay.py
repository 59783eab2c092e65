"""Where an opening between lips or lids lies in the inlay, and how much of each pixel it covers."""

from __future__ import annotations

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
    x0, y0 = np.floor(points.min(axis=0) - margin - (left, top)).astype(int)
    x1, y1 = np.ceil(points.max(axis=0) + margin + 1 - (left, top)).astype(int)
    x0, y0 = max(0, int(x0)), max(0, int(y0))
    x1, y1 = min(shape[1], int(x1)), min(shape[0], int(y1))
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None
