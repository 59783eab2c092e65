"""The boxes of an MP4 that is sent while it is made (ISO 14496-12): a head that tells what comes, then fragments.

Only what a stream of one H.264 track and one AAC track needs; times are the feed's own, so that a player's clock is the feed's.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from live.feed import RATE_HZ
from live.streaming.coders import PICTURE_HZ

PICTURES, SOUND = 1, 2
#: Flags of a sample: one that needs no other, and one that does and that none can begin with.
KEY_SAMPLE, OTHER_SAMPLE = 0x0200_0000, 0x0101_0000
SPS, PPS = 7, 8
#: Units of H.264's stream that a player needs: pictures.
SLICES = (1, 5)
#: No turning, no scaling.
MATRIX = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


@dataclass(frozen=True)
class Sample:
    """One picture or frame of sound: its data, how long it lasts in its track's clock, and whether a player may begin with it."""

    data: bytes
    duration: int
    key: bool = True


def box(kind: str, *parts: bytes) -> bytes:
    """A box with its length."""
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind.encode("ascii") + body


def full_box(kind: str, version: int, flags: int, *parts: bytes) -> bytes:
    """A box that tells its version."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def units_of(stream: bytes) -> list[bytes]:
    """The units of an H.264 stream, as coders give it with marks of three or four bytes before each."""
    pieces = stream.split(b"\x00\x00\x01")[1:]
    return [piece[:-1] if piece.endswith(b"\x00") and place < len(pieces) - 1 else piece for place, piece in enumerate(pieces)]


def parameter_sets(stream: bytes) -> tuple[bytes, bytes]:
    """What a decoder must know first, out of a picture that one can begin with. Raises ValueError for another."""
    found = {unit[0] & 0x1F: unit for unit in units_of(stream) if unit}
    if SPS not in found or PPS not in found:
        raise ValueError("The picture carries no parameter sets.")
    return found[SPS], found[PPS]


def picture_data(stream: bytes) -> bytes:
    """The picture as a sample: each unit with its length before it."""
    return b"".join(struct.pack(">I", len(unit)) + unit for unit in units_of(stream) if unit and unit[0] & 0x1F in SLICES)


def head(size: tuple[int, int], sets: tuple[bytes, bytes], sound_setup: bytes) -> bytes:
    """What every player gets first. size: (width, height) in pixels. sound_setup: AAC's own, of two to five bytes."""
    never = struct.pack(">IIII", 0, 0, 1000, 0)
    movie = full_box("mvhd", 0, 0, never, struct.pack(">iH10x", 0x10000, 0x100), MATRIX, bytes(24), struct.pack(">I", 3))
    pictures = _track(PICTURES, PICTURE_HZ, "vide", full_box("vmhd", 0, 1, bytes(8)), _picture_entry(size, sets), size)
    sound = _track(SOUND, RATE_HZ, "soun", full_box("smhd", 0, 0, bytes(4)), _sound_entry(sound_setup), (0, 0))
    extends = box("mvex", *(full_box("trex", 0, 0, struct.pack(">IIIII", track, 1, 0, 0, 0)) for track in (PICTURES, SOUND)))
    return box("ftyp", b"iso6", bytes(4), b"iso6mp41") + box("moov", movie, pictures, sound, extends)


def _track(number: int, clock_hz: int, handler: str, header: bytes, entry: bytes, size: tuple[int, int]) -> bytes:
    shown = struct.pack(">II", size[0] << 16, size[1] << 16)
    volume = 0x100 if handler == "soun" else 0
    track = full_box("tkhd", 0, 3, struct.pack(">IIIII8xhhHH", 0, 0, number, 0, 0, 0, 0, volume, 0), MATRIX, shown)
    media = full_box("mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, clock_hz, 0, 0x55C4, 0))
    named = full_box("hdlr", 0, 0, bytes(4), handler.encode("ascii"), bytes(12), b"Belcanto\x00")
    here = box("dinf", full_box("dref", 0, 0, struct.pack(">I", 1), full_box("url ", 0, 1)))
    none_yet = [full_box(kind, 0, 0, bytes(count)) for kind, count in (("stts", 4), ("stsc", 4), ("stsz", 8), ("stco", 4))]
    table = box("stbl", full_box("stsd", 0, 0, struct.pack(">I", 1), entry), *none_yet)
    return box("trak", track, box("mdia", media, named, box("minf", header, here, table)))


def _picture_entry(size: tuple[int, int], sets: tuple[bytes, bytes]) -> bytes:
    sps, pps = sets
    setup = bytes([1, *sps[1:4], 0xFF, 0xE1]) + struct.pack(">H", len(sps)) + sps + b"\x01" + struct.pack(">H", len(pps)) + pps
    about = struct.pack(">6xH16xHHIIIH32sHh", 1, *size, 0x480000, 0x480000, 0, 1, b"", 24, -1)
    colours = box("colr", b"nclx", struct.pack(">HHHB", 1, 1, 1, 0))  # BT.709 in limited range
    return box("avc1", about, box("avcC", setup), colours)


def _sound_entry(setup: bytes) -> bytes:
    decoder = bytes([0x40, 0x15]) + bytes(11) + _descriptor(5, setup)
    stream = struct.pack(">HB", SOUND, 0) + _descriptor(4, decoder) + _descriptor(6, b"\x02")
    about = struct.pack(">6xH8xHHHHI", 1, 1, 16, 0, 0, RATE_HZ << 16)
    return box("mp4a", about, full_box("esds", 0, 0, _descriptor(3, stream)))


def _descriptor(tag: int, body: bytes) -> bytes:
    return bytes([tag, len(body)]) + body


def fragment(number: int, tracks: Sequence[tuple[int, int, Sequence[Sample]]]) -> bytes:
    """One fragment. number: counts from 1. tracks: (number, time of the first sample in the track's clock, samples) each."""
    told = [track for track in tracks if track[2]]
    length = len(_moof(number, told, [0] * len(told)))
    offsets, at = [], length + 8
    for _, _, samples in told:
        offsets.append(at)
        at += sum(len(sample.data) for sample in samples)
    data = box("mdat", *(sample.data for _, _, samples in told for sample in samples))
    return _moof(number, told, offsets) + data


def _moof(number: int, tracks: Sequence[tuple[int, int, Sequence[Sample]]], offsets: Sequence[int]) -> bytes:
    parts = [full_box("mfhd", 0, 0, struct.pack(">I", number))]
    for (track, begin, samples), offset in zip(tracks, offsets, strict=True):
        rows = b"".join(
            struct.pack(">III", sample.duration, len(sample.data), KEY_SAMPLE if sample.key else OTHER_SAMPLE)
            for sample in samples
        )
        run = full_box("trun", 0, 0x701, struct.pack(">Ii", len(samples), offset), rows)
        header = full_box("tfhd", 0, 0x02_0000, struct.pack(">I", track))  # offsets count from this fragment
        parts.append(box("traf", header, full_box("tfdt", 1, 0, struct.pack(">Q", begin)), run))
    return box("moof", *parts)
