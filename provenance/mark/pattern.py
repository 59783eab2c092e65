"""The mark's carrier: a tile of chips that is repeated over the picture, some known to every finder, the others bearing bits."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from core.contracts import FloatArray
from provenance.mark.code import CODE_BITS

#: Chips along a tile's side, and over a picture's shorter side.
TILE, CHIPS = 64, 120
#: The smallest chip, in pixels of the film as it is made.
LEAST_CHIP_PX = 3.0
#: The part of the chips by which a tile is found.
KNOWN_PART = 0.3
SEED = 0x42454C43


@cache
def tile_signs() -> npt.NDArray[np.int8]:
    """The chips' signs before bits turn them, (TILE, TILE), -1 and 1."""
    signs = 2 * np.random.default_rng(SEED).integers(0, 2, (TILE, TILE)) - 1
    return np.asarray(signs, np.int8)


@cache
def tile_bits() -> npt.NDArray[np.int16]:
    """Which bit each chip bears (TILE, TILE), 0 to CODE_BITS - 1; -1: none, it is known."""
    generator = np.random.default_rng(SEED + 1)
    known = round(KNOWN_PART * TILE * TILE)
    bits = np.full(TILE * TILE, -1, np.int16)
    bits[known:] = np.arange(TILE * TILE - known) % CODE_BITS
    return generator.permutation(bits).reshape(TILE, TILE)


def chip_px(width: int, height: int) -> float:
    """A chip's side in pixels of a film that is made in that size."""
    return max(LEAST_CHIP_PX, min(width, height) / CHIPS)


def lattice(width: int, height: int) -> tuple[int, int]:
    """Rows and columns of the chips that cover such a film."""
    chip = chip_px(width, height)
    return int(np.ceil(height / chip)), int(np.ceil(width / chip))


def spread(tile: npt.NDArray[np.generic], rows: int, columns: int) -> npt.NDArray[np.generic]:
    """The tile (TILE, TILE) repeated from the upper left corner on, (rows, columns)."""
    return np.tile(tile, (-(-rows // TILE), -(-columns // TILE)))[:rows, :columns]


def turned(code: npt.NDArray[np.int8]) -> FloatArray:
    """The tile (TILE, TILE) with its chips turned by the bits -1 and 1 (CODE_BITS,)."""
    bits = tile_bits()
    return np.where(bits < 0, tile_signs(), tile_signs() * code[np.maximum(bits, 0)]).astype(np.float32)
