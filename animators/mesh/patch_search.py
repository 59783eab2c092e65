"""The inner loops of the scene's fill, compiled: PatchMatch search, voting, and shifts taken to full size.

Method: PatchMatch (Barnes et al., SIGGRAPH 2009) with 7x7 patches; voting as in Wexler, Shechtman and Irani (PAMI 2007). A field
(H, W, 2) holds for each pixel the row and column of the source patch's middle, -1 where there is none.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from core.contracts import FloatArray
from core.kernels import kernel

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int32]

#: Strips of rows that are searched side by side.
PARTS = 4
#: Pixels from a patch's middle to its border.
HALF = 3
#: Numbers of a pixel in `_framed` lines, and their bytes.
CHANNELS, PIXEL_BYTES = 4, 16


@numba.njit(cache=True)
def _hash(a: int, b: int, c: int) -> int:
    value = (a * 73856093) ^ (b * 19349663) ^ (c * 83492791)
    value = (value ^ (value >> 13)) & 0x7FFFFFFF
    value = (value * 1274126177) & 0x7FFFFFFF
    return (value ^ (value >> 16)) & 0x7FFFFFFF


@numba.njit(cache=True)
def _framed(values: FloatArray) -> FloatArray:
    """(H, W, 3) in lines (H + 6, 4 (W + 6)) of four numbers a pixel, the last 0, in a frame of zeros half a patch wide."""
    height, width, channels = values.shape
    lines = np.zeros((height + 2 * HALF, 4 * (width + 2 * HALF)), np.float32)
    for y in range(height):
        for x in range(width):
            for c in range(channels):
                lines[y + HALF, 4 * (x + HALF) + c] = values[y, x, c]
    return lines


@intrinsic
def _row_cost(typing_context: Any, target: Any, source: Any, weight: Any) -> tuple[Any, Any]:
    """Sum of weighted squared differences over one row of a patch; addresses of three `_framed` rows' pixels.

    Written in LLVM's own words: by itself it takes one number after the other, in three times the time.
    """

    def written(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        number, word, wide = ir.FloatType(), ir.IntType(32), ir.IntType(64)
        pixel = ir.VectorType(number, CHANNELS)

        def pixel_at(row: Any, k: int) -> Any:
            address = builder.add(row, wide(PIXEL_BYTES * k))
            return builder.load(builder.inttoptr(address, pixel.as_pointer()), align=4)

        total = ir.Constant(pixel, [0.0] * CHANNELS)
        for k in range(2 * HALF + 1):
            target_pixel, source_pixel, weight_pixel = (pixel_at(row, k) for row in arguments)
            difference = builder.fsub(target_pixel, source_pixel)
            total = builder.fadd(total, builder.fmul(weight_pixel, builder.fmul(difference, difference)))
        first, *others = (builder.extract_element(total, word(c)) for c in range(CHANNELS))
        return reduce(builder.fadd, others, first)

    return types.float32(types.uint64, types.uint64, types.uint64), written


@numba.njit(cache=True, inline="always")
def _patch_cost(lines: FloatArray, weights: FloatArray, y: int, x: int, sy: int, sx: int, limit: float) -> np.float32:
    """Sum of squared differences of two 7x7 patches of `_framed` lines by the first one's weights; ends early above `limit`."""
    line = np.uint64(4 * lines.shape[1])
    first = np.uint64(y) * line + np.uint64(PIXEL_BYTES * x)
    target, weight = np.uint64(lines.ctypes.data) + first, np.uint64(weights.ctypes.data) + first
    source = np.uint64(lines.ctypes.data) + np.uint64(sy) * line + np.uint64(PIXEL_BYTES * sx)
    total = np.float32(0)
    for _ in range(2 * HALF + 1):
        total += _row_cost(target, source, weight)
        if total > limit:
            return total
        target, source, weight = target + line, source + line, weight + line
    return total


@numba.njit(cache=True)
def _try_around(
    lines: FloatArray,
    weights: FloatArray,
    y: int,
    x: int,
    best: float,
    by: int,
    bx: int,
    source_ok: BoolArray,
    sources: IntArray,
    seed: int,
) -> tuple[float, int, int]:
    """One source drawn anywhere, then ever closer to the best one so far; (cost, row, column) of the best."""
    height, width = source_ok.shape
    radius = max(height, width)
    trial = 0
    while radius >= 1:
        first = _hash(seed + trial, y, x)
        if trial == 0:
            cy, cx = sources[first % sources.shape[0]]
        else:
            cy = by + first % (2 * radius + 1) - radius
            cx = bx + _hash(seed + trial + 7, x, y) % (2 * radius + 1) - radius
        if 3 <= cy < height - 3 and 3 <= cx < width - 3 and source_ok[cy, cx]:
            value = _patch_cost(lines, weights, y, x, cy, cx, best)
            if value < best:
                best, by, bx = value, cy, cx
        radius //= 2
        trial += 1
    return best, by, bx


@kernel(
    "(float32[:, :, ::1], float32[:, ::1], int32[::1, :], boolean[:, ::1], int32[::1, :], int32[:, :, ::1], "
    "float32[:, ::1], int64, int64)",
    parallel=True,
)
def search(
    image: FloatArray,
    weight: FloatArray,
    targets: IntArray,
    source_ok: BoolArray,
    sources: IntArray,
    field: IntArray,
    cost: FloatArray,
    passes: int,
    seed: int,
) -> None:
    """PatchMatch: better shifts by neighbours' shifts and by random trials around the best one.

    The rows are searched in `PARTS` strips, side by side; neighbours in another strip are not asked, so that the result is the
    same however many threads there are. targets: (N, 2) by rows.
    """
    height, width = source_ok.shape
    lines, weights = _framed(image), _framed(np.stack((weight, weight, weight), axis=-1))
    for part in numba.prange(PARTS):
        top, bottom = part * height // PARTS, (part + 1) * height // PARTS
        first, end = np.searchsorted(targets[:, 0], top), np.searchsorted(targets[:, 0], bottom)
        for index in range(first, end):
            y, x = targets[index]
            cost[y, x] = _patch_cost(lines, weights, y, x, field[y, x, 0], field[y, x, 1], 1e12)
        for step in range(passes):
            sign = 1 if step % 2 == 0 else -1
            for k in range(end - first):
                y, x = targets[first + k if sign > 0 else end - 1 - k]
                best = cost[y, x]
                by, bx = field[y, x]
                for side in range(2):
                    ny = y - sign if side == 0 else y
                    nx = x - sign if side == 1 else x
                    if ny < top or nx < 0 or ny >= bottom or nx >= width or field[ny, nx, 0] < 0:
                        continue
                    cy = field[ny, nx, 0] + (y - ny)
                    cx = field[ny, nx, 1] + (x - nx)
                    if cy < 3 or cx < 3 or cy >= height - 3 or cx >= width - 3 or not source_ok[cy, cx]:
                        continue
                    value = _patch_cost(lines, weights, y, x, cy, cx, best)
                    if value < best:
                        best, by, bx = value, cy, cx
                best, by, bx = _try_around(lines, weights, y, x, best, by, bx, source_ok, sources, seed + step * 31)
                cost[y, x] = best
                field[y, x, 0] = by
                field[y, x, 1] = bx
        for index in range(first, end):
            y, x = targets[index]
            cost[y, x] /= weight[max(0, y - HALF) : y + HALF + 1, max(0, x - HALF) : x + HALF + 1].sum()


@kernel(
    "(float32[:, :, ::1], boolean[:, ::1], int32[:, :, ::1], float32[:, ::1], float64)",
    parallel=True,
)
def vote(image: FloatArray, hole: BoolArray, field: IntArray, cost: FloatArray, scale: float) -> FloatArray:
    """New colours for the hole: mean of what the patches that cover a pixel would put there, better patches counting more."""
    height, width = hole.shape
    result = image.copy()
    worth = np.exp(-cost / np.float32(scale))
    near = np.exp(-(np.arange(-HALF, HALF + 1, dtype=np.float32) ** 2) / np.float32(8))
    for y in numba.prange(height):
        for x in range(width):
            if not hole[y, x]:
                continue
            mass = c0 = c1 = c2 = np.float32(0)
            for ty in range(max(0, y - HALF), min(height, y + HALF + 1)):
                for tx in range(max(0, x - HALF), min(width, x + HALF + 1)):
                    if field[ty, tx, 0] < 0:
                        continue
                    w = worth[ty, tx] * near[ty - y + HALF] * near[tx - x + HALF] + np.float32(1e-7)
                    source = image[field[ty, tx, 0] + y - ty, field[ty, tx, 1] + x - tx]
                    c0 += w * source[0]
                    c1 += w * source[1]
                    c2 += w * source[2]
                    mass += w
            if mass > 0:
                result[y, x, 0] = c0 / mass
                result[y, x, 1] = c1 / mass
                result[y, x, 2] = c2 / mass
    return result


@kernel(
    "(float32[:, :, ::1], boolean[:, ::1], boolean[:, ::1], int32[:, :, ::1], float64, float64)",
)
def apply_shifts(
    image: FloatArray, wanted: BoolArray, usable: BoolArray, field: IntArray, ratio_y: float, ratio_x: float
) -> FloatArray:
    """Full-size pixels by the coarse shifts, the four nearest coarse cells blended; (H, W, 4) with the weight found."""
    height, width = wanted.shape
    rows, columns = field.shape[:2]
    result = np.zeros((height, width, 4), np.float32)
    for y in range(height):
        for x in range(width):
            if not wanted[y, x]:
                continue
            fy = (y + 0.5) * ratio_y - 0.5
            fx = (x + 0.5) * ratio_x - 0.5
            base_y, base_x = int(np.floor(fy)), int(np.floor(fx))
            for dy in range(2):
                for dx in range(2):
                    cy, cx = base_y + dy, base_x + dx
                    if cy < 0 or cx < 0 or cy >= rows or cx >= columns or field[cy, cx, 0] < 0:
                        continue
                    w = (1 - abs(fy - cy)) * (1 - abs(fx - cx))
                    sy = y + int(np.rint((field[cy, cx, 0] - cy) / ratio_y))
                    sx = x + int(np.rint((field[cy, cx, 1] - cx) / ratio_x))
                    if sy < 0 or sx < 0 or sy >= height or sx >= width or not usable[sy, sx]:
                        continue
                    w = w * w + 1e-6
                    result[y, x, 0] += w * image[sy, sx, 0]
                    result[y, x, 1] += w * image[sy, sx, 1]
                    result[y, x, 2] += w * image[sy, sx, 2]
                    result[y, x, 3] += w
    return result
