"""How sharp a frame is, told by what no mouth moves, and mouths of other frames made as sharp as that.

A head that moves fast is blurred, and a mouth out of a calm frame would be sharper than the face around it.
"""

from __future__ import annotations

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray

#: Landmarks whose box is looked at: the inner ends of the brows and the nose's wings.
STILL_PLACES = (107, 336, 129, 358)
#: Detail is told in two bands, finer than these blurs, in pixels; each is changed by no more than so much.
SIGMAS, LEAST_GAIN, MOST_GAIN = (1.0, 2.5), 0.2, 1.5
#: What bending takes away from the finest detail.
BENT = 1.3
#: The least side of the box in pixels.
LEAST_SIDE_PX = 8


def detail_of(frame: ByteArray, landmarks: FloatArray) -> FloatArray:
    """(2,) mean fine and middling detail, in levels, between brows and nose of a face (478, 3); NaN where it is too small."""
    points = np.asarray(landmarks)[list(STILL_PLACES), :2]
    left, top = np.maximum(np.floor(points.min(axis=0)), 0).astype(int)
    right, bottom = np.ceil(points.max(axis=0)).astype(int) + 1
    cut = frame[top:bottom, left:right]
    if min(cut.shape[:2]) < LEAST_SIDE_PX:
        return np.full(len(SIGMAS), np.nan, np.float32)
    picture = cv2.cvtColor(np.ascontiguousarray(cut), cv2.COLOR_RGB2GRAY).astype(np.float32)
    return np.array([np.abs(band).mean() for band in bands(picture)], np.float32)


def bands(picture: FloatArray) -> list[FloatArray]:
    """The fine and the middling detail of a picture (h, w) or (h, w, 3)."""
    result = []
    for sigma in SIGMAS:
        smooth = np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)
        result.append(picture - smooth)
        picture = smooth
    return result


def as_sharp(picture: FloatArray, has: FloatArray, wanted: FloatArray) -> FloatArray:
    """A picture (h, w, 3) that was bent out of a frame with detail `has` (2,), as sharp as one with `wanted` (2,)."""
    gains = np.nan_to_num(wanted / np.maximum(has, 1e-3), nan=1.0) * (BENT, 1.0)
    for gain, band in zip(np.clip(gains, LEAST_GAIN, MOST_GAIN), bands(picture), strict=True):
        if abs(gain - 1) > 0.01:
            picture = picture + (gain - 1) * band
    return np.asarray(picture, np.float32)
