"""Masks made larger, and filled outlines."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from core.contracts import ByteArray, FloatArray

#: Outlines are filled to a sixteenth of a pixel.
SUBPIXEL_BITS = 4
#: Radius in pixels from which on distances are quicker than a disc laid at every pixel.
LARGE_RADIUS_PX = 6


def disc(radius_px: int) -> ByteArray:
    """A disc of that radius for OpenCV's morphology, (2 r + 1, 2 r + 1) uint8."""
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius_px + 1, 2 * radius_px + 1)))


def dilated(mask: npt.NDArray[Any], radius_px: int) -> npt.NDArray[Any]:
    """A mask (h, w), of bool, uint8 or float32, made larger by a disc; of the same type."""
    if mask.dtype != np.bool_:
        return np.asarray(cv2.dilate(mask, disc(radius_px)))
    if radius_px < LARGE_RADIUS_PX:
        return np.asarray(cv2.dilate(mask.astype(np.uint8), disc(radius_px)).astype(bool))
    if not mask.any():
        return mask
    return np.asarray(cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5) <= radius_px)


def eroded(mask: npt.NDArray[np.bool_], radius_px: int) -> npt.NDArray[np.bool_]:
    """A mask (h, w) made smaller by a disc; beyond the picture's border it goes on as it pleases."""
    return ~dilated(~mask, radius_px)


def filled_hull(points: FloatArray, side_px: int) -> ByteArray:
    """The convex hull of points (N, 2) in a square, (side_px, side_px) uint8, 255 inside and smooth at its border."""
    mask = np.zeros((side_px, side_px), np.uint8)
    hull = cv2.convexHull(points.astype(np.float32))
    corners = np.rint(hull * 2**SUBPIXEL_BITS).astype(np.int32)
    cv2.fillConvexPoly(mask, corners, 255, cv2.LINE_AA, SUBPIXEL_BITS)
    return mask
