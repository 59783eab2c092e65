"""Pixels of four bytes as one number, so that compiled loops sample and mix all four channels at once.

A packed pixel is a uint32 with red in its lowest byte, then green, blue and alpha. For arithmetic it is spread over four lanes
of 16 bits of a uint64, from the lowest: red, blue, green, alpha.

Numba's caches are kept by the file of the loop that calls these: whoever changes them here clears those.
"""

from __future__ import annotations

import sys
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from core.contracts import ByteArray

PackedArray = npt.NDArray[np.uint32]

#: The low byte of each lane, and half of one level where lanes hold 256ths.
LANES = np.uint64(0x00FF00FF00FF00FF)
HALF = np.uint64(0x0080008000800080)
_SEVEN, _EIGHT, _TWENTY_FOUR, _WHOLE = np.uint64(7), np.uint64(8), np.uint64(24), np.uint64(256)
_FOUR, _TWELVE, _SIXTEENTHS = np.uint64(4), np.uint64(12), np.uint64(15)
#: Bytes that a processor fetches at once, and of one packed pixel.
LINE_BYTES, PIXEL_BYTES = np.uint64(64), np.uint64(4)


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
def laid_over(below: np.uint32, above: np.uint32) -> np.uint32:
    """A packed pixel laid over another by its own alpha; the result's alpha means nothing."""
    cover = np.uint64(above >> np.uint32(24))
    weight = cover + (cover >> _SEVEN)
    lanes = ((spread(below) * (_WHOLE - weight) + spread(above) * weight + HALF) >> _EIGHT) & LANES
    return np.uint32(lanes | lanes >> _TWENTY_FOUR)


@intrinsic
def _between(typing_context: Any, upper: Any, lower: Any, right: Any, down: Any) -> tuple[Any, Any]:
    """The pixel between two that lie beside each other in memory and the two at `lower`; right, down: sixteenths, 0 to 15.

    upper, lower: addresses. Written in LLVM's own words, for it does not find by itself that all eight channels of two pixels can
    be multiplied at once; 255 times 256 is the most there is, which just goes into 16 bits.
    """

    def written(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        byte, half, word = ir.IntType(8), ir.IntType(16), ir.IntType(32)
        eight_bytes, eight = ir.VectorType(byte, 8), ir.VectorType(half, 8)
        anything = ir.Constant(eight, ir.Undefined)

        def order(*places: int) -> Any:
            return ir.Constant(ir.VectorType(word, 8), list(places))

        def two_pixels(address: Any) -> Any:
            return builder.zext(builder.load(builder.inttoptr(address, eight_bytes.as_pointer()), align=4), eight)

        def everywhere(number: Any) -> Any:
            first = builder.insert_element(anything, builder.trunc(number, half), word(0))
            return builder.shuffle_vector(first, anything, order(*[0] * 8))

        def both(number: Any) -> tuple[Any, Any]:
            return everywhere(builder.sub(number.type(16), number)), everywhere(number)

        (left, right_), (above, below) = both(arguments[2]), both(arguments[3])
        columns = builder.add(builder.mul(two_pixels(arguments[0]), above), builder.mul(two_pixels(arguments[1]), below))
        weighed = builder.mul(columns, builder.shuffle_vector(left, right_, order(0, 1, 2, 3, 12, 13, 14, 15)))
        total = builder.add(weighed, builder.shuffle_vector(weighed, weighed, order(4, 5, 6, 7, 0, 1, 2, 3)))
        rounded = builder.lshr(builder.add(total, ir.Constant(eight, [128] * 8)), ir.Constant(eight, [8] * 8))
        return builder.trunc(builder.bitcast(builder.trunc(rounded, eight_bytes), ir.IntType(64)), word)

    return types.uint32(types.uint64, types.uint64, types.uint64, types.uint64), written


@numba.njit(cache=True, inline="always")
def sampled(picture: PackedArray, width: np.uint64, x: np.int64, y: np.int64) -> np.uint32:
    """A bilinear sample, to a sixteenth of a pixel, of a packed picture given as one row after the other; packed, too.

    x, y: 65536ths of a pixel, at least 0 and before the last column and row.
    """
    right, down = np.uint64(x) >> _TWELVE, np.uint64(y) >> _TWELVE
    first = (down >> _FOUR) * width + (right >> _FOUR)
    upper = np.uint64(picture.ctypes.data) + first * PIXEL_BYTES
    return _between(upper, upper + width * PIXEL_BYTES, right & _SIXTEENTHS, down & _SIXTEENTHS)


@intrinsic
def _fetch(typing_context: Any, address: Any) -> tuple[Any, Any]:
    """LLVM's `prefetch`: the processor may begin to bring what lies at this address; any address will do."""

    def written(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        function = ir.FunctionType(ir.VoidType(), [pointer, number, number, number])
        fetch = builder.module.declare_intrinsic("llvm.prefetch", [pointer], function)
        # For reading, to be kept in every cache, and data rather than instructions.
        builder.call(fetch, [builder.inttoptr(arguments[0], pointer), number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(types.uintp), written


@numba.njit(cache=True, inline="always")
def fetch_ahead(picture: PackedArray, first: np.uint64, pixels: np.uint64) -> None:
    """Have the processor fetch so many pixels of a packed picture from that one on, which may lie outside; nobody waits."""
    address = np.uint64(picture.ctypes.data) + first * PIXEL_BYTES
    end = address + pixels * PIXEL_BYTES
    while address <= end:
        _fetch(address)
        address += LINE_BYTES
