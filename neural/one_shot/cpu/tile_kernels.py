"""Compiled transforms of Winograd's convolution F(4x4, 3x3): 36 products make 16 pixels, where the direct way takes 144.

Lavin, Gray, "Fast Algorithms for Convolutional Neural Networks" (CVPR 2016). A picture is cut into tiles of 4x4 pixels, each seen
with one pixel around it; the products themselves are matrix products, made elsewhere. Arrays are float32, channels last: pictures
(N, H, W, C), transformed tiles (36, N x tile rows x tile columns, C).
"""

from __future__ import annotations

import numba
import numpy as np

from core.contracts import FloatArray
from core.kernels import kernel

TILE = 4
#: Values of a transformed tile.
POINTS = 36
#: Channels worked on at a time: a tile of them stays in the first-level cache.
CHUNK = 64

#: The transform of the 3x3 kernels.
KERNEL_TRANSFORM = np.array(
    [
        [1 / 4, 0, 0],
        [-1 / 6, -1 / 6, -1 / 6],
        [-1 / 6, 1 / 6, -1 / 6],
        [1 / 24, 1 / 12, 1 / 6],
        [1 / 24, -1 / 12, 1 / 6],
        [0, 0, 1],
    ]
)


@kernel(
    "(float32[:, :, :, ::1], int64, float32[:, :, ::1], int64, int64, int64)",
    parallel=True,
    fastmath=True,
)
def tiles_of(pictures: FloatArray, first_channel: int, tiles: FloatArray, first_row: int, rows: int, first_tile: int) -> None:
    """Fill `tiles` (36, T, K) from `first_tile` on with the transformed tiles of `pictures` (N, H, W, C); outside there is zero.

    Takes K channels from `first_channel` and, of every picture, `rows` rows of tiles from `first_row`.
    """
    count, height, width = pictures.shape[:3]
    channels, columns = tiles.shape[2], (width + 3) // 4
    for job in numba.prange(count * rows):
        picture, row = job // rows, first_row + job % rows
        patch = np.empty((6, 6, CHUNK), np.float32)
        half = np.empty((6, 6, CHUNK), np.float32)
        for column in range(columns):
            for first in range(0, channels, CHUNK):
                size = min(CHUNK, channels - first)
                for i in range(6):
                    for j in range(6):
                        y, x = 4 * row + i - 1, 4 * column + j - 1
                        if 0 <= y < height and 0 <= x < width:
                            for c in range(size):
                                patch[i, j, c] = pictures[picture, y, x, first_channel + first + c]
                        else:
                            for c in range(size):
                                patch[i, j, c] = 0
                _transform(patch, half, size)
                _transform(half, patch, size)
                for i in range(6):
                    for j in range(6):
                        for c in range(size):
                            tiles[6 * i + j, first_tile + job * columns + column, first + c] = patch[i, j, c]


@numba.njit(cache=True, fastmath=True, inline="always")
def _transform(patch: FloatArray, out: FloatArray, size: int) -> None:
    """One side of the input transform; rows and columns change places, so that twice of it is the whole."""
    for j in range(6):
        for c in range(size):
            d0, d1, d2 = patch[0, j, c], patch[1, j, c], patch[2, j, c]
            d3, d4, d5 = patch[3, j, c], patch[4, j, c], patch[5, j, c]
            even, odd = d4 - np.float32(4) * d2, d3 - np.float32(4) * d1
            near, far = d4 - d2, np.float32(2) * (d3 - d1)
            out[j, 0, c] = np.float32(4) * d0 - np.float32(5) * d2 + d4
            out[j, 1, c] = even + odd
            out[j, 2, c] = even - odd
            out[j, 3, c] = near + far
            out[j, 4, c] = near - far
            out[j, 5, c] = np.float32(4) * d1 - np.float32(5) * d3 + d5


@numba.njit(cache=True, fastmath=True, inline="always")
def _tile_back(products: FloatArray, tile: int, first: int, size: int, half: FloatArray, out: FloatArray) -> None:
    """The 4x4 pixels `out` (4, 4, CHUNK) of one tile's products (36, T, C), channels from `first`."""
    for j in range(6):
        for c in range(size):
            m0, m1, m2 = products[j, tile, first + c], products[6 + j, tile, first + c], products[12 + j, tile, first + c]
            m3, m4, m5 = products[18 + j, tile, first + c], products[24 + j, tile, first + c], products[30 + j, tile, first + c]
            near, near_odd, far, far_odd = m1 + m2, m1 - m2, m3 + m4, m3 - m4
            half[0, j, c] = m0 + near + far
            half[1, j, c] = near_odd + np.float32(2) * far_odd
            half[2, j, c] = near + np.float32(4) * far
            half[3, j, c] = near_odd + np.float32(8) * far_odd + m5
    for i in range(4):
        for c in range(size):
            m0, m1, m2, m3, m4, m5 = half[i, 0, c], half[i, 1, c], half[i, 2, c], half[i, 3, c], half[i, 4, c], half[i, 5, c]
            near, near_odd, far, far_odd = m1 + m2, m1 - m2, m3 + m4, m3 - m4
            out[i, 0, c] = m0 + near + far
            out[i, 1, c] = near_odd + np.float32(2) * far_odd
            out[i, 2, c] = near + np.float32(4) * far
            out[i, 3, c] = near_odd + np.float32(8) * far_odd + m5


@kernel(
    "(float32[:, :, ::1], float32[::1], float64, float32[:, :, :, ::1], int64, int64)",
    parallel=True,
    fastmath=True,
)
def pixels_of(products: FloatArray, bias: FloatArray, slope: float, pictures: FloatArray, first_row: int, rows: int) -> None:
    """Fill `rows` tile rows of `pictures` (N, H, W, C) from `first_row` on, from their products (36, T, C).

    `bias` (C,) is added, and a leaky ReLU follows (slope 1: none).
    """
    count, height, width, channels = pictures.shape
    columns = (width + 3) // 4
    leak = np.float32(slope)
    for job in numba.prange(count * rows):
        picture, row = job // rows, first_row + job % rows
        half = np.empty((4, 6, CHUNK), np.float32)
        out = np.empty((4, 4, CHUNK), np.float32)
        for column in range(columns):
            for first in range(0, channels, CHUNK):
                size = min(CHUNK, channels - first)
                _tile_back(products, job * columns + column, first, size, half, out)
                for i in range(min(4, height - 4 * row)):
                    for j in range(min(4, width - 4 * column)):
                        for c in range(size):
                            value = out[i, j, c] + bias[first + c]
                            pictures[picture, 4 * row + i, 4 * column + j, first + c] = max(value, leak * value)


@kernel(
    "(float32[:, :, ::1], float32[::1], float32[:, :, :, ::1], int64, int64)",
    parallel=True,
    fastmath=True,
)
def halved_pixels_of(products: FloatArray, bias: FloatArray, pictures: FloatArray, first_row: int, rows: int) -> None:
    """Like `pixels_of` through a ReLU, each 2x2 pixels averaged: `pictures` is (N, H/2, W/2, C)."""
    count, height, width, channels = pictures.shape
    columns = (width + 1) // 2
    zero, quarter = np.float32(0), np.float32(0.25)
    for job in numba.prange(count * rows):
        picture, row = job // rows, first_row + job % rows
        half = np.empty((4, 6, CHUNK), np.float32)
        out = np.empty((4, 4, CHUNK), np.float32)
        for column in range(columns):
            for first in range(0, channels, CHUNK):
                size = min(CHUNK, channels - first)
                _tile_back(products, job * columns + column, first, size, half, out)
                for i in range(min(2, height - 2 * row)):
                    for j in range(min(2, width - 2 * column)):
                        for c in range(size):
                            b = bias[first + c]
                            total = max(out[2 * i, 2 * j, c] + b, zero) + max(out[2 * i, 2 * j + 1, c] + b, zero)
                            total += max(out[2 * i + 1, 2 * j, c] + b, zero) + max(out[2 * i + 1, 2 * j + 1, c] + b, zero)
                            pictures[picture, 2 * row + i, 2 * column + j, first + c] = quarter * total


@kernel(
    "(float32[:, :, ::1], float32[::1], float32[:, :, ::1], float32[::1], float32[::1], float64, float32[:, :, ::1], "
    "int64, int64)",
    parallel=True,
    fastmath=True,
)
def steered_pixels_of(
    products: FloatArray,
    bias: FloatArray,
    x: FloatArray,
    mean: FloatArray,
    scale: FloatArray,
    slope: float,
    out: FloatArray,
    first_row: int,
    rows: int,
) -> None:
    """SPADE at the end of the convolution that makes its gains and offsets, which are never stored.

    products: (36, T, 2C), gains and then offsets, or (36, T, C), gains alone; bias of the same length, with the 1 that belongs to
    the gain. x: (h, w, C), stretched to out (H, W, C) by repeating pixels; mean, scale: (C,) of x. Fills `rows` tile rows of out
    from `first_row` on with leaky ReLU((x - mean) scale gain + offset).
    """
    height, width, channels = out.shape
    columns, stretch = (width + 3) // 4, height // x.shape[0]
    shifted = bias.shape[0] > channels
    leak = np.float32(slope)
    for job in numba.prange(rows):
        row = first_row + job
        half = np.empty((4, 6, CHUNK), np.float32)
        gain = np.empty((4, 4, CHUNK), np.float32)
        offset = np.zeros((4, 4, CHUNK), np.float32)
        still = np.zeros(CHUNK, np.float32)
        for column in range(columns):
            for first in range(0, channels, CHUNK):
                size = min(CHUNK, channels - first)
                _tile_back(products, job * columns + column, first, size, half, gain)
                if shifted:
                    _tile_back(products, job * columns + column, channels + first, size, half, offset)
                    for c in range(size):
                        still[c] = bias[channels + first + c]
                for i in range(min(4, height - 4 * row)):
                    for j in range(min(4, width - 4 * column)):
                        y, z = (4 * row + i) // stretch, (4 * column + j) // stretch
                        for c in range(size):
                            k = first + c
                            normal = (x[y, z, k] - mean[k]) * scale[k]
                            value = normal * (gain[i, j, c] + bias[k]) + offset[i, j, c] + still[c]
                            out[4 * row + i, 4 * column + j, k] = max(value, leak * value)
