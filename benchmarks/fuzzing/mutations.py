"""Spoils files, by their structure and by the byte, the same way for the same number."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from benchmarks.fuzzing.seeds import GIVEN_SHARES, SHARES, Seed
from benchmarks.fuzzing.structure import Part, parts_of

#: A spoilt file is cut there, in bytes: what counts is what is in it.
MOST_BYTES = 200_000
MOST_MISTAKES = 4
#: Of ten files so many are spoilt by their structure first, and one in so many is given as it is.
BY_STRUCTURE, WHOLE = 6, 60
Spoil = Callable[[bytearray, random.Random], bytearray]


def extreme(value: int, size: int, dice: random.Random) -> int:
    """A number of so many bytes that programs stumble over, near to nothing, to all, to a half, or to what it was."""
    top = (1 << (8 * size)) - 1
    among = (0, 1, 2, 7, top, top - 1, top - 8, top >> 1, (top >> 1) + 1, value + 1, value - 1, value * 2, value // 2, value + 8)
    return dice.choice((*among, dice.randrange(top + 1))) & top


def put(data: bytearray, at: int, size: int, value: int, order: str) -> None:
    """A number in its place."""
    data[at : at + size] = value.to_bytes(size, order)  # type: ignore[arg-type]


def other_size(data: bytearray, part: Part, parts: Sequence[Part], dice: random.Random) -> bytearray:
    """The part says another length; where it says none, a number at its beginning changes."""
    at, size, order = part.size or (part.start, min(4, part.end - part.start), "big")
    if at + size <= len(data):
        value = int.from_bytes(data[at : at + size], order)  # type: ignore[arg-type]
        put(data, at, size, extreme(value, size, dice), order)
    return data


def other_name(data: bytearray, part: Part, parts: Sequence[Part], dice: random.Random) -> bytearray:
    """The part is of another type: another part's, or one that there is not."""
    if part.name is not None:
        at, size = part.name
        other = dice.choice(parts)
        name = bytes(data[other.name[0] : sum(other.name)]) if other.name is not None else b""
        data[at : at + size] = name if len(name) == size and dice.random() < 0.7 else dice.randbytes(size)
    return data


def other_number(data: bytearray, part: Part, parts: Sequence[Part], dice: random.Random) -> bytearray:
    """A number in the content, at a place where counts and offsets stand, changes."""
    size, order = dice.choice((1, 2, 4, 4, 8)), dice.choice(("big", "little"))
    room = min(part.end, len(data)) - part.body - size
    if room >= 0:
        at = part.body + dice.randrange(min(room, 64) + 1)
        put(data, at, size, extreme(int.from_bytes(data[at : at + size], order), size, dice), order)  # type: ignore[arg-type]
    return data


def gone(data: bytearray, part: Part, parts: Sequence[Part], dice: random.Random) -> bytearray:
    """The part is missing."""
    del data[part.start : part.end]
    return data


def doubled(data: bytearray, part: Part, parts: Sequence[Part], dice: random.Random) -> bytearray:
    """The part comes again, some times or very often."""
    content = bytes(data[part.start : part.end])
    data[part.end : part.end] = content * dice.choice((1, 1, 2, 5, 60))
    return data


def swapped(data: bytearray, part: Part, parts: Sequence[Part], dice: random.Random) -> bytearray:
    """Two parts change places."""
    first, second = sorted((part, dice.choice(parts)), key=lambda each: each.start)
    if first.end <= second.start:
        one, other = bytes(data[first.start : first.end]), bytes(data[second.start : second.end])
        data[second.start : second.end] = one
        data[first.start : first.end] = other
    return data


def nested(data: bytearray, part: Part, parts: Sequence[Part], dice: random.Random) -> bytearray:
    """A part stands in another one, or in itself, up to a depth that recursion would feel."""
    inner = bytes(data[part.start : part.end])[:3000]
    for _ in range(dice.choice((1, 1, 2, 40))):
        at = min(len(data), part.body)
        data[at:at] = inner
        if part.size is not None and len(data) < MOST_BYTES:
            place, size, order = part.size
            value = int.from_bytes(data[place : place + size], order) + len(inner)  # type: ignore[arg-type]
            put(data, place, size, value & ((1 << (8 * size)) - 1), order)
    return data


def cut_within(data: bytearray, part: Part, parts: Sequence[Part], dice: random.Random) -> bytearray:
    """The file ends in the part."""
    return data[: dice.randrange(part.start, part.end + 1)]


OF_PARTS = (
    other_size,
    other_size,
    other_name,
    other_number,
    other_number,
    other_number,
    gone,
    doubled,
    swapped,
    nested,
    cut_within,
)


def by_structure(data: bytearray, dice: random.Random) -> bytearray:
    """One mistake in one part."""
    parts = parts_of(bytes(data))
    if not parts:
        return by_byte(data, dice)
    return dice.choice(OF_PARTS)(data, dice.choice(parts), parts, dice)


def by_byte(data: bytearray, dice: random.Random) -> bytearray:
    """Bits turned, numbers and noise put in, a stretch cut out, doubled, or made of zeros."""
    at = dice.randrange(len(data) + 1)
    length = min(len(data) - at, dice.choice((1, 2, 8, 100, 1000)))
    way = dice.randrange(6)
    if way == 0 and data:
        for _ in range(dice.choice((1, 1, 3, 20))):
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    elif way == 1:
        data[at : at + 4] = struct.pack(dice.choice(("<I", ">I")), extreme(0, 4, dice))
    elif way == 2:
        data[at : at + length] = dice.randbytes(length)
    elif way == 3:
        del data[at : at + length]
    elif way == 4:
        data[at:at] = bytes(data[at : at + length]) * dice.choice((1, 3, 30))
    else:
        data[at : at + length] = bytes(length)
    return data


def mended_sums(data: bytes) -> bytes:
    """The file with PNG's and Ogg's checksums right again, so that what was changed is read at all."""
    whole = bytearray(data)
    for part in parts_of(data):
        if data.startswith(b"\x89PNG") and part.end - part.start >= 12:
            content = whole[part.start + 4 : part.end - 4]
            whole[part.end - 4 : part.end] = struct.pack(">I", zlib.crc32(content))
        elif data.startswith(b"OggS") and part.end - part.start >= 27:
            whole[part.start + 22 : part.start + 26] = bytes(4)
            whole[part.start + 22 : part.start + 26] = struct.pack("<I", ogg_sum(whole[part.start : part.end]))
    return bytes(whole)


def ogg_sum(page: bytes | bytearray) -> int:
    """RFC 3533's checksum of a page."""
    value = 0
    for byte in page:
        value ^= byte << 24
        for _ in range(8):
            value = ((value << 1) ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
    return value


def spoilt(seeds: Sequence[Seed], run: int, number: int) -> Seed:
    """File `number` of the run: a seed, spoilt by up to `MOST_MISTAKES` mistakes, at times spliced with another one."""
    dice = random.Random(f"{run}:{number}")
    (group,) = dice.choices(list(SHARES), list(SHARES.values()))
    (given,) = dice.choices(list(GIVEN_SHARES), list(GIVEN_SHARES.values()))
    among = [each for each in seeds if each.group == group]
    seed = dice.choice([each for each in among if each.given == given] or among)
    if seed.whole and dice.randrange(WHOLE) == 0:
        return seed
    data = bytearray(seed.data)
    if dice.randrange(12) == 0:
        other = dice.choice(seeds).data
        data = data[: dice.randrange(len(data) + 1)] + other[dice.randrange(len(other) + 1) :]
    for _ in range(dice.randint(1, MOST_MISTAKES)):
        way: Spoil = by_structure if dice.randrange(10) < BY_STRUCTURE else by_byte
        data = way(data, dice)[:MOST_BYTES]
    whole = bytes(data)
    return replace(seed, data=mended_sums(whole) if dice.random() < 0.5 else whole)
