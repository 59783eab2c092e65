"""The number as bits that bear errors: a checksum of 16 bits, then the convolutional code of rate 1/3 and constraint length 7.

The code's generators (133, 145, 175 octal) are those of Larsen's table of best codes (1973); decoding is Viterbi's, on soft
values.
"""

from __future__ import annotations

import binascii

import numpy as np
import numpy.typing as npt

from core.contracts import FloatArray

NUMBER_BITS, CHECK_BITS = 48, 16
MESSAGE_BITS = NUMBER_BITS + CHECK_BITS
GENERATORS, MEMORY = (0o133, 0o145, 0o175), 6
STATES = 1 << MEMORY
#: Bits of one coded number: each of the message, and those that bring the coder back to rest, three times.
CODE_BITS = len(GENERATORS) * (MESSAGE_BITS + MEMORY)
#: The checksum begins with this, so that another program's marks don't pass it.
CHECK_START = 0xBE1C

Bits = npt.NDArray[np.int8]


def check_of(number: int) -> int:
    """The checksum of a number, 16 bits (CRC-CCITT)."""
    return binascii.crc_hqx(number.to_bytes(NUMBER_BITS // 8, "big"), CHECK_START)


def outputs() -> Bits:
    """What the coder says, as -1 and 1, in each state for a 0 and a 1 (STATES, 2, 3); the newest bit is the highest."""
    said = np.empty((STATES, 2, len(GENERATORS)), np.int8)
    for state in range(STATES):
        for bit in (0, 1):
            register = bit << MEMORY | state
            said[state, bit] = [2 * ((register & each).bit_count() & 1) - 1 for each in GENERATORS]
    return said


SAID = outputs()


def coded(number: int) -> Bits:
    """The number (0 to 2**48 - 1) as -1 and 1 (CODE_BITS,). Raises ValueError for one out of range."""
    if not 0 <= number < 1 << NUMBER_BITS:
        raise ValueError(f"{number} has more than {NUMBER_BITS} bits.")
    message = number << CHECK_BITS | check_of(number)
    bits = [message >> place & 1 for place in reversed(range(MESSAGE_BITS))] + [0] * MEMORY
    state, said = 0, []
    for bit in bits:
        said.append(SAID[state, bit])
        state = (bit << MEMORY | state) >> 1
    return np.concatenate(said)


def decoded(soft: FloatArray) -> int | None:
    """The number most likely behind soft values (CODE_BITS,), above 0 for a 1; None where its checksum does not fit."""
    steps = np.asarray(soft, np.float64).reshape(-1, len(GENERATORS))
    gains = np.einsum("sbg,tg->tsb", SAID.astype(np.float64), steps)
    score = np.full(STATES, -np.inf)
    score[0] = 0.0
    after = np.arange(STATES)
    bit, before = after >> (MEMORY - 1), (after << 1 & (STATES - 1))
    came = np.empty((len(steps), STATES), np.int64)
    for step, gain in enumerate(gains):
        first, second = score[before] + gain[before, bit], score[before | 1] + gain[before | 1, bit]
        came[step] = np.where(second > first, before | 1, before)
        score = np.maximum(first, second)
    state, bits = 0, []
    for row in came[::-1]:
        bits.append(state >> (MEMORY - 1))
        state = int(row[state])
    message = int("".join(map(str, bits[::-1][:MESSAGE_BITS])), 2)
    number = message >> CHECK_BITS
    return number if message & (1 << CHECK_BITS) - 1 == check_of(number) else None
