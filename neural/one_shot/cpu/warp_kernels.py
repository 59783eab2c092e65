"""Compiled: a feature volume is moved to where a flow says, with trilinear interpolation and zeros outside."""

from __future__ import annotations

import numba
import numpy as np

from core.contracts import FloatArray
from core.kernels import kernel


@kernel(
    "(float32[:, :, :, ::1], float32[:, :, :, ::1], float32[:, :, :, ::1])",
    parallel=True,
    fastmath=True,
)
def warp_volume(volume: FloatArray, flow: FloatArray, out: FloatArray) -> None:
    """Fill `out` (H, W, D, C) with `volume` (D, H, W, C) read at `flow` (D, H, W, 3).

    The flow is x, y, z from -1 to 1 between the outer faces of the volume.
    """
    depth, height, width, channels = volume.shape
    for y in numba.prange(height):
        for x in range(width):
            for z in range(depth):
                px = ((flow[z, y, x, 0] + 1) * width - 1) / 2
                py = ((flow[z, y, x, 1] + 1) * height - 1) / 2
                pz = ((flow[z, y, x, 2] + 1) * depth - 1) / 2
                x0, y0, z0 = np.floor(px), np.floor(py), np.floor(pz)
                for c in range(channels):
                    out[y, x, z, c] = 0
                for corner in range(8):
                    dx, dy, dz = corner & 1, (corner >> 1) & 1, corner >> 2
                    cx, cy, cz = x0 + dx, y0 + dy, z0 + dz
                    if 0 <= cx < width and 0 <= cy < height and 0 <= cz < depth:
                        share = np.float32((1 - abs(px - cx)) * (1 - abs(py - cy)) * (1 - abs(pz - cz)))
                        i, j, k = int(cz), int(cy), int(cx)
                        for c in range(channels):
                            out[y, x, z, c] += share * volume[i, j, k, c]
