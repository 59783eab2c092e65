"""Drawn faces: whether one is, and whether its mouth lies where the tracker, which was made for people, believes it."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from core.contracts import ByteArray, Face, FloatArray
from faces.fitting import landmarks as lm
from faces.picture_style import is_drawing
from lipsync.mesh_lips.warping import polygon

#: Reach of a head around its face, in face widths.
HEAD = 0.5
#: Skin is told between these distances from the lips, in eye spans; what differs from it by more, in Lab, is no skin.
SKIN_FROM, SKIN_TO, NO_SKIN = 0.06, 0.2, 12.0
#: The part of the lips' outline that must be filled with something else than skin, in the middle of the frames looked at.
LEAST_FILLED = 0.5
#: So many frames are looked at.
LOOKS = 8


def is_drawn(picture: ByteArray, face: Face) -> bool:
    """Whether the face in a picture (H, W, 3) is drawn, with flat colours between hard lines."""
    left, top, right, bottom = face.box
    margin = HEAD * (right - left)
    rows = slice(max(0, int(top - margin)), max(1, round(bottom + margin)))
    columns = slice(max(0, int(left - margin)), max(1, round(right + margin)))
    outline = cv2.convexHull(face.landmarks[:, :2].astype(np.float32))
    figure = cv2.fillConvexPoly(np.zeros(picture.shape[:2], np.uint8), np.rint(outline).astype(np.int32), 255)
    return is_drawing(np.ascontiguousarray(picture[rows, columns]), np.ascontiguousarray(figure[rows, columns]))


def mouth_is_there(seen: Iterable[tuple[ByteArray, FloatArray]]) -> bool:
    """Whether, in most of some frames (H, W, 3) with their landmarks (478, 3), lips are seen where the landmarks have them."""
    parts = [filled(frame, landmarks) for frame, landmarks in seen]
    return bool(parts) and float(np.median(parts)) >= LEAST_FILLED


def filled(frame: ByteArray, landmarks: FloatArray) -> float:
    """The part of the lips' outline, 0 to 1, in which a frame (H, W, 3) shows something else than the skin around."""
    points = np.asarray(landmarks, np.float32)[:, :2]
    span = float(np.linalg.norm(points[lm.RIGHT_EYE_OUTER] - points[lm.LEFT_EYE_OUTER]))
    outline = points[[*lm.LIPS_OUTER_UPPER, *lm.LIPS_OUTER_LOWER[::-1]]]
    left, top = np.maximum((outline.min(axis=0) - SKIN_TO * span).astype(int), 0)
    right, bottom = (outline.max(axis=0) + SKIN_TO * span).astype(int) + 1
    cut = frame[top:bottom, left:right]
    lips = polygon(outline, left, top, (cut.shape[0], cut.shape[1])) > 0.5
    apart = cv2.distanceTransform((~lips).astype(np.uint8), cv2.DIST_L2, 3) / span
    skin = (apart > SKIN_FROM) & (apart < SKIN_TO)
    if not lips.any() or not skin.any():
        return 0.0
    lab = cv2.cvtColor(np.ascontiguousarray(cut, np.float32) / 255, cv2.COLOR_RGB2LAB)
    return float((np.linalg.norm(lab[lips] - np.median(lab[skin], axis=0), axis=1) > NO_SKIN).mean())
