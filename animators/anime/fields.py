"""What the networks answered to several poses, held small and mixed quickly.

A field (rows, columns, C) says of every pixel of a part of the canvas where it comes from (2 channels, source minus place in
canvas pixels) and what is painted over it (C - 2 channels: how much, and colours times how much). Only pixels that move, or are
painted on, in any of the poses are held, as whole numbers of steps too fine to be seen: what is read is what mixing costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from core.contracts import FloatArray
from core.kernels import kernel

Shorts = npt.NDArray[np.int16]
Places = npt.NDArray[np.int32]

#: Channels of the warp, which come first.
WARP = 2
#: Steps a canvas pixel of the warp (up to 127 pixels), and steps of paint between none and all.
WARP_STEPS, PAINT_STEPS = 256, 16384
#: Paint thinner than this is not seen.
FAINT = 1 / 2048
#: Pixels that one thread mixes at a time: their sums stay in its fastest memory.
_BLOCK = 512


@dataclass(frozen=True)
class Fields:
    """Answers to K poses.

    size: (rows, columns, C) of a field. warp_places: (N,) numbers, row by row, of the pixels that move in any of them; warps: (K,
    2 N) in steps. paint_places: (M,), paints: (K, (C - 2) M) likewise. The arrays may lie in files.
    """

    size: tuple[int, int, int]
    warp_places: Places
    warps: Shorts
    paint_places: Places
    paints: Shorts

    def __len__(self) -> int:
        return len(self.warps)

    def add_to(self, out: FloatArray, weights: FloatArray) -> None:
        """Add the answers, weighed by `weights` (K,) float32, to the field `out` (rows, columns, C) float32."""
        pixels = out.reshape(-1, out.shape[-1])
        add_weighted(self.warps, self.warp_places, weights * np.float32(1 / WARP_STEPS), 0, WARP, pixels)
        add_weighted(self.paints, self.paint_places, weights * np.float32(1 / PAINT_STEPS), WARP, self.size[2] - WARP, pixels)

    def save(self, folder: Path, name: str) -> None:
        """Write files into `folder` whose names begin with `name`."""
        np.save(folder / f"{name}_size.npy", np.array(self.size))
        for part in _ARRAYS:
            np.save(folder / f"{name}_{part}.npy", getattr(self, part))

    @classmethod
    def load(cls, folder: Path, name: str) -> Fields | None:
        """What `save` wrote, read from its files as it is needed; None where it wrote nothing of that name."""
        if not (folder / f"{name}_size.npy").exists():
            return None
        rows, columns, channels = (int(side) for side in np.load(folder / f"{name}_size.npy"))
        return cls((rows, columns, channels), *(_mapped(folder / f"{name}_{part}.npy") for part in _ARRAYS))


_ARRAYS = ("warp_places", "warps", "paint_places", "paints")


def packed(size: tuple[int, int, int], fields: Iterable[FloatArray]) -> Fields:
    """Hold `fields` (rows, columns, C) of that size, which come one by one."""
    steps: list[tuple[Shorts, Shorts]] = []
    moves, painted = np.zeros(size[:2], np.bool_), np.zeros(size[:2], np.bool_)
    for field in fields:
        warp = _in_steps(field[..., :WARP], WARP_STEPS)
        paint = _in_steps(np.where(np.abs(field[..., WARP:]) < FAINT, 0.0, field[..., WARP:]), PAINT_STEPS)
        moves |= warp.any(axis=-1)
        painted |= paint.any(axis=-1)
        steps.append((warp, paint))
    return Fields(
        size,
        np.flatnonzero(moves).astype(np.int32),
        _rows([warp[moves] for warp, _ in steps]),
        np.flatnonzero(painted).astype(np.int32),
        _rows([paint[painted] for _, paint in steps]),
    )


def _in_steps(values: FloatArray, steps: int) -> Shorts:
    return np.clip(np.rint(values * steps), -32767, 32767).astype(np.int16)


def _rows(values: Sequence[Shorts]) -> Shorts:
    return np.stack([each.ravel() for each in values]) if values else np.zeros((0, 0), np.int16)


def _mapped(path: Path) -> npt.NDArray[Any]:
    """An array in a file, of which only what is read comes into memory; mapped to be writable, as the compiled loop takes it."""
    header = np.load(path, mmap_mode="r")
    return (np.load(path, mmap_mode="c") if header.size else np.load(path)).view(np.ndarray)


@kernel("(int16[:, ::1], int32[::1], float32[::1], int64, int64, float32[:, ::1])", parallel=True, fastmath=True, nogil=True)
def add_weighted(values: Shorts, places: Places, weights: FloatArray, first: int, channels: int, out: FloatArray) -> None:
    """Add `weights` (K,) times `values` (K, channels * N) to the pixels `places` (N,) of `out` (pixels, C), from a channel on."""
    for block in numba.prange((places.shape[0] + _BLOCK - 1) // _BLOCK):
        begin = block * _BLOCK
        end = min(begin + _BLOCK, places.shape[0])
        total = np.zeros((end - begin) * channels, np.float32)
        for k in range(weights.shape[0]):
            weight = weights[k]
            if weight == 0.0:
                continue
            row = values[k, begin * channels : end * channels]
            for j in range(total.shape[0]):
                total[j] += weight * np.float32(row[j])
        for i in range(end - begin):
            for c in range(channels):
                out[places[begin + i], first + c] += total[i * channels + c]
