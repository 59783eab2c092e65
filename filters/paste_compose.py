"""Puts a square into its picture by the fields of `paste_fields`: one pass, on torch's device or by numba on the CPU.

Both ways compute the same: each pixel of the picture under the square takes the mask's share of the square's colour, read by
cubic interpolation where the displacement leads, plus the tone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numba
import numpy as np

from core.contracts import ByteArray, FloatArray
from core.kernels import kernel
from drawing.cubic import keys_weight
from filters.paste_fields import FIELDS

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Composer(Protocol):
    """Makes the part of the picture under the square."""

    def compose(self, square: ByteArray, fields: FloatArray) -> ByteArray:
        """The part (h, w, 3) uint8 for a square (S, S, 3) uint8 and its fields (G, G, 6) float32."""
        ...


def make_composer(part: ByteArray, to_square: FloatArray, device: torch.device | None) -> Composer:
    """part: (h, w, 3) uint8 of the picture. to_square: matrix (2, 3) from its pixels to places in the square, 0 to 1 across it.
    device: torch's; None: by numba.
    """
    return CpuComposer(part, to_square) if device is None else TorchComposer(part, to_square, device)


def whole_shrink(to_square: FloatArray, side_px: int) -> int:
    """How many pixels of a square of that side come to one of the picture, rounded down: so many are averaged first."""
    return max(1, int(np.sqrt(abs(np.linalg.det(to_square[:, :2]))) * side_px + 1e-6))


class CpuComposer:
    """See `Composer`; every core that numba may use works."""

    def __init__(self, part: ByteArray, to_square: FloatArray) -> None:
        self._part = np.ascontiguousarray(part)
        self._matrix = to_square.astype(np.float32)

    def compose(self, square: ByteArray, fields: FloatArray) -> ByteArray:
        """See `Composer`."""
        side = square.shape[0]
        factor = whole_shrink(self._matrix, side)
        colours = square.astype(np.float32)
        if factor > 1:
            colours = averaged(colours, factor)
        result = np.empty_like(self._part)
        compose_rows(self._part, colours, np.ascontiguousarray(fields), self._matrix, result)
        return result


def averaged(colours: FloatArray, factor: int) -> FloatArray:
    """Squares (S, S, 3) with each `factor` x `factor` pixels averaged; what is left over at the far borders is cut."""
    count = colours.shape[0] // factor
    blocks = colours[: count * factor, : count * factor].reshape(count, factor, count, factor, 3)
    return np.ascontiguousarray(blocks.mean(axis=(1, 3)))


@kernel(
    "(uint8[:, :, ::1], float32[:, :, ::1], float32[:, :, ::1], float32[:, ::1], uint8[:, :, ::1])",
    parallel=True,
)
def compose_rows(part: ByteArray, colours: FloatArray, fields: FloatArray, matrix: FloatArray, result: ByteArray) -> None:
    """Fill `result` (h, w, 3) uint8; see `make_composer` for the rest. colours: (S, S, 3) float32 in [0, 255]."""
    height, width = part.shape[:2]
    side, grid = colours.shape[0], fields.shape[0]
    for y in numba.prange(height):
        at = np.empty(FIELDS, np.float32)
        across, along = np.empty(4, np.float32), np.empty(4, np.float32)
        for x in range(width):
            u = matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]
            v = matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]
            gx = min(max(u * grid - np.float32(0.5), np.float32(0)), np.float32(grid - 1))
            gy = min(max(v * grid - np.float32(0.5), np.float32(0)), np.float32(grid - 1))
            x0, y0 = int(gx), int(gy)
            x1, y1 = min(x0 + 1, grid - 1), min(y0 + 1, grid - 1)
            fx, fy = gx - x0, gy - y0
            for k in range(FIELDS):
                upper = fields[y0, x0, k] * (1 - fx) + fields[y0, x1, k] * fx
                lower = fields[y1, x0, k] * (1 - fx) + fields[y1, x1, k] * fx
                at[k] = upper * (1 - fy) + lower * fy
            mask = at[2] if 0 <= u <= 1 and 0 <= v <= 1 else np.float32(0)
            if mask <= 0:
                for c in range(3):
                    result[y, x, c] = part[y, x, c]
                continue
            sx = (u + at[0]) * side - np.float32(0.5)
            sy = (v + at[1]) * side - np.float32(0.5)
            left, top = int(np.floor(sx)), int(np.floor(sy))
            for k in range(4):
                across[k] = keys_weight(abs(sx - (left + k - 1)))
                along[k] = keys_weight(abs(sy - (top + k - 1)))
            for c in range(3):
                colour = np.float32(0)
                for j in range(4):
                    row = min(max(top + j - 1, 0), side - 1)
                    line = np.float32(0)
                    for i in range(4):
                        line += across[i] * colours[row, min(max(left + i - 1, 0), side - 1), c]
                    colour += along[j] * line
                mixed = part[y, x, c] * (1 - mask) + mask * min(max(colour + at[3 + c], np.float32(0)), np.float32(255))
                result[y, x, c] = np.uint8(mixed + np.float32(0.5))


class TorchComposer:
    """See `Composer`; on torch's device."""

    def __init__(self, part: ByteArray, to_square: FloatArray, device: torch.device) -> None:
        import torch

        self._matrix, self._device = to_square, device
        height, width = part.shape[:2]
        matrix = to_square.astype(np.float32)
        x = torch.arange(width, dtype=torch.float32, device=device)
        y = torch.arange(height, dtype=torch.float32, device=device)[:, None]
        places = [float(row[0]) * x + (float(row[1]) * y + float(row[2])) for row in matrix]
        self._places = torch.stack(places, dim=-1)
        inside = (self._places >= 0) & (self._places <= 1)
        self._inside = inside.all(dim=-1)
        self._part = torch.from_numpy(np.ascontiguousarray(part)).to(device).permute(2, 0, 1).float()

    def compose(self, square: ByteArray, fields: FloatArray) -> ByteArray:
        """See `Composer`."""
        import torch

        with torch.inference_mode():
            colours = planes(square, self._device)
            factor = whole_shrink(self._matrix, square.shape[0])
            if factor > 1:
                colours = torch.nn.functional.avg_pool2d(colours, factor)
            at = read(planes(fields, self._device), self._places, "bilinear")
            shown = read(colours, self._places + at[:2].permute(1, 2, 0), "bicubic")
            mask = torch.where(self._inside, at[2], 0.0)
            mixed = self._part * (1 - mask) + mask * (shown + at[3:]).clamp(0, 255)
            return np.ascontiguousarray((mixed + 0.5).to(torch.uint8).permute(1, 2, 0).cpu().numpy())


def planes(array: ByteArray | FloatArray, device: torch.device) -> Tensor:
    """(H, W, C) as (1, C, H, W) float32 on the device."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(array)).to(device).permute(2, 0, 1)[None].float()


def read(source: Tensor, places: Tensor, mode: str) -> Tensor:
    """What `source` (1, C, S, S) shows at places (h, w, 2), 0 to 1 across it: (C, h, w)."""
    from torch.nn import functional

    grid = (places * 2 - 1)[None]
    return functional.grid_sample(source, grid, mode=mode, padding_mode="border", align_corners=False)[0]
