"""Lays a head over another: the similarity transform between two sets of points, and pictures moved by it."""

from __future__ import annotations

import cv2
import numpy as np

from core.contracts import FloatArray

#: Landmarks that sit on bone: eye corners, nose bridge, temples, forehead. Neither lips, jaw nor lids move them.
RIGID_POINTS = (33, 133, 362, 263, 168, 6, 197, 195, 127, 356, 10, 151)
#: Side of the square into which every head is laid, and the width of the face in it, in pixels.
HEAD_SIDE_PX = 320
HEAD_FACE_PX = 160.0
#: Where the middle of the face's box comes to lie in the square: (x, y).
HEAD_CENTRE = (160.0, 165.0)


def similarity_transform(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Rotation, one scale and shift that bring points (N, 2) nearest to others (N, 2): a (2, 3) matrix for [x, y, 1].

    Least squares by Umeyama, "Least-squares estimation of transformation parameters between two point patterns" (1991).
    """
    source, target = np.asarray(source, np.float64), np.asarray(target, np.float64)
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    from_centre, to_centre = source - source_mean, target - target_mean
    left, stretch, right = np.linalg.svd(to_centre.T @ from_centre / len(source))
    flip = np.array([1.0, np.sign(np.linalg.det(left) * np.linalg.det(right))])
    rotation = left @ np.diag(flip) @ right
    scale = float((stretch * flip).sum() / from_centre.var(axis=0).sum())
    return np.hstack([scale * rotation, (target_mean - scale * rotation @ source_mean)[:, None]])


def warp(image: np.ndarray, matrix: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The picture moved by `matrix` (2, 3) into a picture of `size` (width, height), without aliasing where it shrinks."""
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale < 0.6:
        factor = min(1.0, scale * 1.25)
        height, width = image.shape[:2]
        small = cv2.resize(image, (max(1, round(width * factor)), max(1, round(height * factor))), interpolation=cv2.INTER_AREA)
        exact = np.array([width / small.shape[1], height / small.shape[0]])
        shift = 0.5 * exact - 0.5
        matrix = np.hstack([matrix[:, :2] * exact, (matrix[:, :2] @ shift + matrix[:, 2])[:, None]])
        image = small
    return np.asarray(cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def head_layout(landmarks: FloatArray) -> np.ndarray:
    """Where the points (478, 2) of a reference face lie in the head square: upright as in the picture, face 160 px wide."""
    points = landmarks[:, :2].astype(np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    return (points - (low + high) / 2) * (HEAD_FACE_PX / (high[0] - low[0])) + np.array(HEAD_CENTRE)


def to_head(landmarks: FloatArray, layout: np.ndarray) -> np.ndarray:
    """Matrix (2, 3) that lays a picture with these landmarks onto the layout by the points on bone."""
    return similarity_transform(landmarks[list(RIGID_POINTS), :2], layout[list(RIGID_POINTS)])


def luma(image: np.ndarray) -> np.ndarray:
    """Brightness (H, W) float32 in [0, 255] of a picture (H, W, 3) uint8 RGB (ITU-R BT.601 weights)."""
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)).astype(np.float32)
