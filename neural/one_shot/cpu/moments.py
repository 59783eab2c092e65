"""Compiled: mean and spread of each channel, for instance norm."""

from __future__ import annotations

import numba
import numpy as np

from core.contracts import FloatArray
from core.kernels import kernel

#: What `torch.nn.functional.instance_norm` adds to the variance.
EPSILON = 1e-5
BANDS = 32


def mean_and_scale(picture: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and 1 / sqrt(variance + epsilon) of each channel, both (C,) float32, of a picture (H, W, C) float32.

    A picture whose pixels are repeated has the same ones.
    """
    height, width, channels = picture.shape
    sums = np.zeros((BANDS, 2, channels))
    _band_sums(picture.reshape(height * width, channels), sums)
    total = sums.sum(axis=0) / (height * width)
    variance = np.maximum(total[1] - total[0] ** 2, 0)
    # The sums were taken of differences to the first pixel, so that no digits are lost where the mean is large.
    return (total[0] + picture[0, 0]).astype(np.float32), (1 / np.sqrt(variance + EPSILON)).astype(np.float32)


@kernel(
    "(float32[:, ::1], float64[:, :, ::1])",
    parallel=True,
    fastmath=True,
)
def _band_sums(pixels: FloatArray, sums: FloatArray) -> None:
    """Fill `sums` (BANDS, 2, C) with sums, and sums of squares, of bands of `pixels` (P, C) less the first pixel."""
    count, channels = pixels.shape
    for band in numba.prange(BANDS):
        for p in range(band * count // BANDS, (band + 1) * count // BANDS):
            for c in range(channels):
                value = np.float64(pixels[p, c] - pixels[0, c])
                sums[band, 0, c] += value
                sums[band, 1, c] += value * value
