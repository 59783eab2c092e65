"""The box of a face as Wav2Lip's and LipGAN's programs cut it: from brow to chin, ten pixels more below."""

from __future__ import annotations

import numpy as np

from core.contracts import FloatArray

#: What is added below, in the frame's pixels, whatever its size, as published: `--pads 0 10 0 0`.
BELOW_PX = 10
#: Landmarks of the forehead's top and of the brows; the published finder's boxes begin about midway between them.
FOREHEAD, BROWS, FOREHEAD_SHARE = 10, (105, 334), 0.5


def face_box(landmarks: FloatArray) -> FloatArray:
    """(4,) left, top, right, bottom in pixels, of landmarks (478, 3)."""
    points = landmarks[:, :2]
    left, right, bottom = points[:, 0].min(), points[:, 0].max(), points[:, 1].max()
    brows = float(points[list(BROWS), 1].mean())
    top = brows + FOREHEAD_SHARE * (float(points[FOREHEAD, 1]) - brows)
    return np.array([left, top, right, bottom + BELOW_PX], np.float32)
