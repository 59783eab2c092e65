"""Where the person is in the reference picture, so that background and head contour can be watched apart."""

from __future__ import annotations

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray
from neural.matting import MattingNetwork

#: The network was trained on pictures of this size.
NETWORK_PX = 512


def person_matte(image: ByteArray, threads: int = 2) -> FloatArray:
    """How much each pixel belongs to a person, (H, W) float32 in [0, 1], of a picture (H, W, 3) uint8 RGB.

    Raises `MissingError` where the weights can't be had.
    """
    return MattingNetwork(threads).matte(image, NETWORK_PX, enlarging=cv2.INTER_AREA, back=cv2.INTER_LINEAR)


def background_mask(matte: FloatArray, margin_px: float) -> np.ndarray:
    """Pixels (H, W) bool that are surely not the person and at least `margin_px` away, where a moving head never comes."""
    reach = 2 * round(margin_px) + 1
    person = (matte > 0.05).astype(np.uint8)
    return np.asarray(cv2.dilate(person, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))) == 0
