"""Finds the mark in the frames of any film, whatever its size and however it was cut, and reads the number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray
from provenance.mark.code import CODE_BITS, decoded
from provenance.mark.pattern import CHIPS, TILE, tile_bits, tile_signs

#: Samples along a chip.
FINE = 2
#: The smallest and the largest chip that is looked for, in pixels, and the step between sizes.
LEAST_PX, MOST_PX, STEP = 1.6, 16.0, 1.003
#: What is wider than so many chips is picture, not mark; levels beyond which a difference counts no more.
WIDE_CHIPS, MOST_LEVELS = 3.0, 3.0
#: How far above the others, in their standard deviations, the best place of the tile must stand to be read.
LEAST_PEAK = 5.0
SIDE = FINE * TILE


@dataclass(frozen=True)
class FoundMark:
    """A number that was found. chip_px: a chip's side in the pictures that were looked at.

    peak: how clearly its tile stood out, in standard deviations.
    """

    number: int
    chip_px: float
    peak: float


class MarkFinder:
    """Gathers frames of one size, and finds their mark."""

    def __init__(self) -> None:
        self._sums: dict[float, FloatArray] = {}
        self._count = 0

    def add(self, luma: ByteArray) -> None:
        """A frame's luma (H, W) uint8; all of one film have the same size."""
        light = luma.astype(np.float32)
        for scale in WIDTHS:
            side = odd(scale * min(luma.shape) / CHIPS * WIDE_CHIPS)
            detail = np.clip(light - cv2.blur(light, (side, side)), -MOST_LEVELS, MOST_LEVELS)
            self._sums[scale] = self._sums[scale] + detail if scale in self._sums else detail
        self._count += 1

    def found(self) -> FoundMark | None:
        """The number in the frames so far; None where there is none."""
        if not self._count:
            return None
        details = {scale: self._sums[scale] / self._count for scale in WIDTHS}
        shorter = min(details[WIDTHS[0]].shape)
        for chip in sizes(shorter):
            detail = details[min(WIDTHS, key=lambda scale: abs(np.log(scale * shorter / CHIPS / chip)))]
            if (found := looked_for(detail, chip)) is not None:
                return found
        return None


#: How wide the picture's own changes are taken out, against what an uncut film would need.
WIDTHS = (0.5, 1.0, 2.0)


def find_mark(frames: Iterable[ByteArray]) -> FoundMark | None:
    """The number in frames (H, W, 3) uint8 of one film; None where there is none."""
    finder = MarkFinder()
    for frame in frames:
        finder.add(np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8))
    return finder.found()


def odd(value: float) -> int:
    """The odd number next to it, at least 3."""
    return max(3, 2 * round((value - 1) / 2) + 1)


def sizes(shorter: int) -> Iterator[float]:
    """The chips' sizes that are tried in pictures whose shorter side has so many pixels: first as if they were never cut."""
    likely = shorter / CHIPS
    tried = [likely * STEP**step for step in range(-1000, 1001)]
    yield from sorted((size for size in tried if LEAST_PX <= size <= MOST_PX), key=lambda size: abs(np.log(size / likely)))


@cache
def known_spectrum() -> np.ndarray:
    """Conjugate spectrum of the tile's known chips, each `FINE` samples wide, (SIDE, SIDE)."""
    known = np.where(tile_bits() < 0, tile_signs(), 0).astype(np.float32)
    return np.conj(np.fft.rfft2(np.kron(known, np.ones((FINE, FINE), np.float32))))


def looked_for(detail: FloatArray, chip: float) -> FoundMark | None:
    """The number in a mean of details (H, W) where chips have that side; None where no tile is found, or it can't be read."""
    folded = fold(detail, chip)
    place, peak = best_place(folded)
    if peak < LEAST_PEAK:
        return None
    tile = np.roll(folded, (-place[0], -place[1]), (0, 1)).reshape(TILE, FINE, TILE, FINE).mean((1, 3))
    bits = tile_bits()
    borne = bits >= 0
    soft = np.asarray(np.bincount(bits[borne], (tile * tile_signs())[borne], CODE_BITS), np.float32)
    number = decoded(soft)
    return None if number is None else FoundMark(number, chip, peak)


def fold(detail: FloatArray, chip: float) -> FloatArray:
    """The picture's tiles on one another (SIDE, SIDE), each place weighed by how quiet it is."""
    rows, columns = round(detail.shape[0] * FINE / chip), round(detail.shape[1] * FINE / chip)
    how = cv2.INTER_AREA if chip > FINE else cv2.INTER_LINEAR
    fine = cv2.resize(detail, (columns, rows), interpolation=how)
    fine = fine - cv2.blur(fine, (2 * FINE + 1, 2 * FINE + 1))
    spread = np.sqrt(np.maximum(cv2.blur(fine * fine, (4 * FINE + 1, 4 * FINE + 1)), 0))
    quiet = fine / (spread + 0.3)
    high, wide = -(-rows // SIDE) * SIDE, -(-columns // SIDE) * SIDE
    padded = np.zeros((high, wide), np.float32)
    padded[:rows, :columns] = quiet
    return np.asarray(padded.reshape(high // SIDE, SIDE, wide // SIDE, SIDE).sum((0, 2)), np.float32)


def best_place(folded: FloatArray) -> tuple[tuple[int, int], float]:
    """Where the tile begins, in samples from the upper left corner, and how far that stands out in standard deviations."""
    likeness = np.fft.irfft2(np.fft.rfft2(folded) * known_spectrum(), (SIDE, SIDE))
    row, column = np.unravel_index(int(np.argmax(likeness)), likeness.shape)
    spread = float(likeness.std()) or 1.0
    return (int(row), int(column)), float((likeness[row, column] - likeness.mean()) / spread)
