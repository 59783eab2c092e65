"""What a picture does not show of a head and a body: how far they bulge to the viewer and away, and the colours behind.

A silhouette is blown up as if it were a balloon: at the outline it is flat, and a circle's section deep at the middle. Source of
the idea: Igarashi, Matsuoka & Tanaka, "Teddy: a sketching interface for 3D freeform design" (1999).
"""

from __future__ import annotations

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray

#: Alpha from which a sheet is seen.
SEEN = 0.5
#: Longer side in pixels of the picture of what nobody sees in the portrait.
BEHIND_PX = 256


def roundness(alpha: FloatArray) -> tuple[FloatArray, float]:
    """How far (H, W) in pixels a silhouette bulges at each place, and its largest distance to the outline.

    What the picture's borders cut is no outline, but for the upper one, where heads end.
    """
    mask = (alpha > SEEN).astype(np.uint8)
    margin = max(mask.shape)
    wide = cv2.copyMakeBorder(mask, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
    wide[:margin] = 0
    distance = cv2.distanceTransform(wide, cv2.DIST_L2, 5)[margin:-margin, margin:-margin]
    largest = max(float(distance.max()), 1.0)
    bulge = np.sqrt(np.maximum(distance * (2 * largest - distance), 0)).astype(np.float32)
    soft = cv2.GaussianBlur(bulge, (0, 0), max(1.0, 0.12 * largest))
    return np.asarray(np.minimum(soft, 1.6 * bulge) * (mask > 0), np.float32), largest


def outline_distance(alpha: FloatArray) -> FloatArray:
    """(H, W) pixels from each place that is seen to the next that is not."""
    return np.asarray(cv2.distanceTransform((alpha > SEEN).astype(np.uint8), cv2.DIST_L2, 5), np.float32)


def sampled(field: FloatArray, places: FloatArray) -> FloatArray:
    """Values (V,) of a field (H, W) at places (V, 2 or 3); beyond the border those on it."""
    at = np.ascontiguousarray(places[None, :, :2], np.float32)
    return np.asarray(cv2.remap(field, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0], np.float32)


def behind(colours: ByteArray, alpha: FloatArray, known: FloatArray) -> ByteArray:
    """A small picture (h, w, 4) of a silhouette's back: the colours of where it is `known` (H, W), 0 to 1, carried on inwards."""
    height, width = alpha.shape
    scale = min(1.0, BEHIND_PX / max(height, width))
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    weight = cv2.resize(known.astype(np.float32), size, interpolation=cv2.INTER_AREA)[..., None]
    small = cv2.resize(colours, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    filled, sure = small * weight, weight
    for sigma in (1.5, 3.0, 6.0, 12.0, 24.0, 48.0, 96.0):
        near = cv2.GaussianBlur(weight, (0, 0), sigma)[..., None]
        mean = cv2.GaussianBlur(small * weight, (0, 0), sigma) / np.maximum(near, 1e-6)
        more = (1 - sure) * np.clip(near * 4, 0, 1)
        filled, sure = filled + more * mean, sure + more
    picture = np.clip(filled / np.maximum(sure, 1e-6), 0, 255)
    seen = cv2.resize(alpha.astype(np.float32), size, interpolation=cv2.INTER_AREA)[..., None] * 255
    return np.rint(np.concatenate([picture, seen], axis=2)).astype(np.uint8)
