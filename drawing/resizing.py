"""Pictures at another size."""

from __future__ import annotations

import numpy as np
from PIL import Image

from core.contracts import ByteArray


def resized(pixels: ByteArray, height: int, width: int) -> ByteArray:
    """The picture (H, W, 3) or alpha (H, W) uint8 at another size, by Lanczos' filter, which also averages where it shrinks."""
    if pixels.shape[:2] == (height, width):
        return pixels
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))
