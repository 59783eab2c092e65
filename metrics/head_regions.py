"""Regions of the head square in which every head is laid: skin, the ring around the face, the head's contour."""

from __future__ import annotations

import cv2
import numpy as np

from metrics.alignment import HEAD_SIDE_PX

#: Face Landmarker points along the face's oval, clockwise from the forehead.
_RIGHT_HALF = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377)
_LEFT_HALF = (152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)
FACE_OVAL = (*_RIGHT_HALF, *_LEFT_HALF)
#: Points around the outer lips, and around either eye with its brow.
OUTER_LIPS = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
LEFT_EYE = (70, 63, 105, 66, 107, 133, 145, 33)
RIGHT_EYE = (300, 293, 334, 296, 336, 362, 374, 263)
PATCH_PX = 8


def filled(points: np.ndarray) -> np.ndarray:
    """The convex hull of points (N, 2) in the head square, (320, 320) bool."""
    mask = np.zeros((HEAD_SIDE_PX, HEAD_SIDE_PX), np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(points).astype(np.int32)), 1)
    return mask.astype(bool)


def grown(mask: np.ndarray, radius_px: int) -> np.ndarray:
    """The mask made larger by a disc."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius_px + 1, 2 * radius_px + 1))
    return np.asarray(cv2.dilate(mask.astype(np.uint8), disc)).astype(bool)


def skin_patches(layout: np.ndarray) -> list[tuple[slice, slice]]:
    """Squares of 8 x 8 pixels inside of the face's oval that touch neither eyes, brows nor lips, as (rows, columns)."""
    border = ~grown(~filled(layout[list(FACE_OVAL)]), 6)
    moving = [grown(filled(layout[list(points)]), 10) for points in (OUTER_LIPS, LEFT_EYE, RIGHT_EYE)]
    skin = border & ~moving[0] & ~moving[1] & ~moving[2]
    patches = []
    for top in range(0, HEAD_SIDE_PX, PATCH_PX):
        for left in range(0, HEAD_SIDE_PX, PATCH_PX):
            square = slice(top, top + PATCH_PX), slice(left, left + PATCH_PX)
            if skin[square].all():
                patches.append(square)
    return patches


def face_ring(layout: np.ndarray) -> np.ndarray:
    """All round the face, from its oval to 1.6 times the oval, (320, 320) bool: where a pasted face would have its border."""
    oval = layout[list(FACE_OVAL)]
    middle = oval.mean(axis=0)
    return filled(middle + 1.6 * (oval - middle)) & ~filled(oval)


def contour_band(matte: np.ndarray, layout: np.ndarray) -> np.ndarray:
    """A band along the person's outline from the crown to the chin, (320, 320) bool.

    matte: (320, 320) float in [0, 1], the person in the head square.
    """
    person = (matte > 0.5).astype(np.uint8)
    edge = cv2.morphologyEx(person, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).astype(bool)
    band = grown(edge, 6)
    band[int(layout[152, 1]) :] = False
    return band
