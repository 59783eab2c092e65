"""Puts the mark into a film's frames on their way to the encoder: whole levels added to the luma, anew a few times a second.

How strong each chip is follows the picture around it: hidden the better, the livelier it is there. Bits that the picture itself
speaks against get more, those that it happens to say already get less.
"""

from __future__ import annotations

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray
from provenance.mark.code import CODE_BITS, coded
from provenance.mark.pattern import chip_px, lattice, spread, tile_bits, turned

#: Frames for which one mark is computed.
EVERY = 10
#: Levels of a chip in a flat picture, how much a level of liveliness adds, and the most.
BASE, LIVELY, MOST = 1.2, 0.28, 4.0
#: What the bits are to reach against the picture, in levels, and the range of a bit's own factor.
TARGET, LEAST_FACTOR, MOST_FACTOR = 1.9, 0.6, 1.7
#: How much of a new picture counts in the mean by which bits are weighed.
NEWS = 0.3
#: Spread of the rounding, so that parts of a level survive in the mean.
DITHER_SEED = 7


class FilmMark:
    """A `FrameMarker`: marks the luma of frames of one size, one after another."""

    def __init__(self, number: int, width: int, height: int) -> None:
        """number: 0 to 2**48 - 1. width, height: of the film in pixels."""
        self._rows, self._columns = lattice(width, height)
        chip = chip_px(width, height)
        self._size, self._spread_size = (width, height), (round(self._columns * chip), round(self._rows * chip))
        self._code = coded(number)
        self._pattern = np.asarray(spread(turned(self._code), self._rows, self._columns), np.float32)
        self._bits = np.asarray(spread(tile_bits(), self._rows, self._columns), np.intp)
        self._dither = np.random.default_rng(DITHER_SEED).random((height, width), np.float32) - np.float32(0.5)
        self._mean: FloatArray | None = None
        self._more = self._less = np.zeros((height, width), np.uint8)
        self._done = 0

    def mark(self, luma: ByteArray) -> None:
        """Mark a frame's luma (H, W) uint8 in its place."""
        if self._done % EVERY == 0:
            self._more, self._less = self._levels(luma)
        self._done += 1
        cv2.add(luma, self._more, luma)
        cv2.subtract(luma, self._less, luma)

    def _levels(self, luma: ByteArray) -> tuple[ByteArray, ByteArray]:
        """What is added to frames like this one, and taken off."""
        seen = self._chips_of(luma)
        self._mean = seen if self._mean is None else self._mean + NEWS * (seen - self._mean)
        detail = seen - cv2.blur(seen, (5, 5))
        lively = cv2.blur(np.abs(detail), (3, 3))
        strength = np.minimum(BASE + LIVELY * lively, MOST)
        chips = self._pattern * strength * self._factors(self._mean, strength)
        wide = cv2.resize(chips, self._spread_size, interpolation=cv2.INTER_LINEAR)
        width, height = self._size
        wide = cv2.copyMakeBorder(wide, 0, max(0, height - len(wide)), 0, max(0, width - wide.shape[1]), cv2.BORDER_REPLICATE)
        wide = wide[:height, :width]  # whole levels by the dithered floor: the conversion rounds, and cuts off below 0
        more = cv2.add(wide, self._dither, dtype=cv2.CV_8U)
        less = cv2.subtract(-self._dither, wide, dtype=cv2.CV_8U)
        return np.asarray(more, np.uint8), np.asarray(less, np.uint8)

    def _chips_of(self, luma: ByteArray) -> FloatArray:
        """The mean luma under each chip (rows, columns)."""
        pad = (max(0, self._spread_size[1] - self._size[1]), max(0, self._spread_size[0] - self._size[0]))
        if any(pad):
            luma = np.asarray(cv2.copyMakeBorder(luma, 0, pad[0], 0, pad[1], cv2.BORDER_REPLICATE), np.uint8)
        luma = luma[: self._spread_size[1], : self._spread_size[0]]
        return np.asarray(cv2.resize(luma, (self._columns, self._rows), interpolation=cv2.INTER_AREA), np.float32)

    def _factors(self, mean: FloatArray, strength: FloatArray) -> FloatArray:
        """How much each bit's chips are strengthened (rows, columns), by what the picture itself says of it."""
        detail = np.clip(mean - cv2.blur(mean, (5, 5)), -8, 8) * self._pattern
        borne = self._bits >= 0
        places = self._bits[borne]
        counts = np.maximum(np.bincount(places, minlength=CODE_BITS), 1)
        says = np.bincount(places, detail[borne], CODE_BITS) / counts
        own = np.bincount(places, strength[borne], CODE_BITS) / counts
        factors = np.clip((TARGET - says) / np.maximum(own, 1e-3), LEAST_FACTOR, MOST_FACTOR)
        return np.where(borne, factors[np.maximum(self._bits, 0)], 1.0).astype(np.float32)
