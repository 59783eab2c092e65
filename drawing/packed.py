"""Pixels of four bytes as one number, so that compiled loops sample and mix all four channels at once.

A packed pixel is a uint32 with red in its lowest byte, then green, blue and alpha. For arithmetic it is spread over four lanes
of 16 bits of a uint64, from the lowest: red, blue, green, alpha.

Numba's caches are kept by the file of the loop that calls these: whoever changes them here clears those.
"""

from __future__ import annotations

import sys

import numba
import numpy as np
import numpy.typing as npt

from core.contracts import ByteArray

PackedArray = npt.NDArray[np.uint32]

#: The low byte of each lane, and half of one level where lanes hold 256ths.
LANES = np.uint64(0x00FF00FF00FF00FF)
HALF = np.uint64(0x0080008000800080)
_SEVEN, _EIGHT, _TWENTY_FOUR, _WHOLE = np.uint64(7), np.uint64(8), np.uint64(24), np.uint64(256)
_FOUR, _TWELVE, _SIXTEENTHS, _SIXTEEN, _ONE = np.uint64(4), np.uint64(12), np.uint64(15), np.uint64(16), np.uint64(1)


def packed(pixels: ByteArray) -> PackedArray:
    """(h, w, 4) uint8 as (h, w) uint32; a view where the pixels lie one after the other."""
    whole = np.ascontiguousarray(pixels).view(np.uint32)[..., 0]
    return whole if sys.byteorder == "little" else whole.byteswap()


@numba.njit(cache=True, inline="always")
def spread(pixel: np.uint32) -> np.uint64:
    """A packed pixel's bytes, each in a lane of its own."""
    wide = np.uint64(pixel)
    return (wide | (wide << _TWENTY_FOUR)) & LANES


@numba.njit(cache=True, inline="always")
def mixed(below: np.uint64, above: np.uint64, cover: np.uint64) -> np.uint64:
    """Lanes of `above` laid over those of `below`; cover: 0 to 255, which is all."""
    weight = cover + (cover >> _SEVEN)
    return ((below * (_WHOLE - weight) + above * weight + HALF) >> _EIGHT) & LANES


@numba.njit(cache=True, inline="always")
def sampled(picture: PackedArray, width: np.uint64, x: np.int64, y: np.int64) -> np.uint64:
    """Lanes of a bilinear sample, to a sixteenth of a pixel, of a packed picture given as one row after the other.

    x, y: 65536ths of a pixel, at least 0 and before the last column and row.
    """
    right, down = np.uint64(x) >> _TWELVE, np.uint64(y) >> _TWELVE
    upper = (down >> _FOUR) * width + (right >> _FOUR)
    lower = upper + width
    right, down = right & _SIXTEENTHS, down & _SIXTEENTHS
    last = right * down
    second, third = _SIXTEEN * right - last, _SIXTEEN * down - last
    first = _WHOLE - last - second - third
    above = spread(picture[upper]) * first + spread(picture[upper + _ONE]) * second
    below = spread(picture[lower]) * third + spread(picture[lower + _ONE]) * last
    return ((above + below + HALF) >> _EIGHT) & LANES
