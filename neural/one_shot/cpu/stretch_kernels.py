"""Compiled transforms for a 3x3 convolution of a picture whose pixels were repeated: 9 products a pixel, whatever the stretch.

Along one axis, with weights a, b, c and neighbouring small pixels l, m, r, the convolution of the stretched picture gives
a l + (b + c) m at the first copy of m, (a + b + c) m in the middle, and (a + b) m + c r at the last copy. With s = a + b + c
these are s m + a (l - m), s m, and s m + c (r - m): three products. Arrays are float32, channels last.
"""

from __future__ import annotations

import numba
import numpy as np

from core.contracts import FloatArray
from core.kernels import kernel

#: Products of a small pixel: three along each axis.
POINTS = 9
#: How the kernel's three weights become the factors of (l - m), m and (r - m).
KERNEL_TRANSFORM = np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 1.0], [0.0, 0.0, 1.0]])


@kernel(
    "(float32[:, :, :, ::1], float32[:, :, ::1], int64)",
    parallel=True,
    fastmath=True,
)
def differences_of(pictures: FloatArray, values: FloatArray, first_place: int) -> None:
    """Fill `values` (9, P, C) from `first_place` on with each pixel's own value and its differences to its neighbours.

    pictures: (N, H, W, C); outside a picture there is zero.
    """
    count, height, width, channels = pictures.shape
    for job in numba.prange(count * height):
        picture, y = job // height, job % height
        # Three rows' values at the pixel's column and its two neighbours'; each column is read once and handed on.
        line = np.zeros((3, 3, channels), np.float32)
        for x in range(-1, width):
            for j in range(2):
                for i in range(3):
                    for c in range(channels):
                        line[j, i, c] = line[j + 1, i, c]
            inside = x + 1 < width
            for i in range(3):
                if inside and 0 <= y + i - 1 < height:
                    for c in range(channels):
                        line[2, i, c] = pictures[picture, y + i - 1, x + 1, c]
                else:
                    for c in range(channels):
                        line[2, i, c] = 0
            for c in range(channels):
                line[2, 0, c] -= line[2, 1, c]
                line[2, 2, c] -= line[2, 1, c]
            if x >= 0:
                place = first_place + job * width + x
                for i in range(3):
                    for c in range(channels):
                        middle = line[1, i, c]
                        values[3 * i, place, c] = line[0, i, c] - middle
                        values[3 * i + 1, place, c] = middle
                        values[3 * i + 2, place, c] = line[2, i, c] - middle


@kernel(
    "(float32[:, :, ::1], float32[::1], float64, float32[:, :, :, ::1], int64)",
    parallel=True,
    fastmath=True,
)
def stretched_of(products: FloatArray, bias: FloatArray, slope: float, pictures: FloatArray, stretch: int) -> None:
    """Fill `pictures` (N, H stretch, W stretch, C) from products (9, N x H x W, C), plus `bias` (C,), through a leaky ReLU."""
    count, tall, wide, channels = pictures.shape
    height, width = tall // stretch, wide // stretch
    leak = np.float32(slope)
    for job in numba.prange(count * height):
        picture, y = job // height, job % height
        for x in range(width):
            place = job * width + x
            for i in range(stretch):
                up = 0 if i == 0 else (2 if i == stretch - 1 else 1)
                for j in range(stretch):
                    side = 0 if j == 0 else (2 if j == stretch - 1 else 1)
                    row, column = y * stretch + i, x * stretch + j
                    for c in range(channels):
                        value = products[4, place, c] + bias[c]
                        if side != 1:
                            value += products[3 + side, place, c]
                        if up != 1:
                            value += products[3 * up + 1, place, c]
                            if side != 1:
                                value += products[3 * up + side, place, c]
                        pictures[picture, row, column, c] = max(value, leak * value)
