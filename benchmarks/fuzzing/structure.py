"""Where the parts of a file lie, by its own structure: boxes, chunks, elements, pages, segments, packets, frames.

One walk for each family, as their standards have it: ISO 14496-12, RIFF and AIFF, PNG, EBML (RFC 8794), Ogg (RFC 3533), FLAC
(RFC 9639), JPEG (ITU T.81), GIF 89a, TIFF 6.0, MPEG-2 systems, ASF, FLV, ADTS and MPEG audio. A file that is damaged already is
walked as far as it goes.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

#: Parts that are looked at, of a file.
MOST_PARTS = 400


@dataclass(frozen=True)
class Part:
    """start, end: of the whole part. body: where its content begins. size: (place, bytes, "big" or "little") of its own length,
    where it says one; name: (place, bytes) of what says its type."""

    start: int
    body: int
    end: int
    size: tuple[int, int, str] | None = None
    name: tuple[int, int] | None = None


def boxes(data: bytes, start: int = 0, end: int | None = None, depth: int = 0) -> Iterator[Part]:
    """Of ISO media and QuickTime, the inner ones of those that hold boxes too."""
    end = len(data) if end is None else end
    while start + 8 <= end:
        (size,) = struct.unpack_from(">I", data, start)
        stop = min(end, start + size) if size >= 8 else end
        yield Part(start, start + 8, stop, (start, 4, "big"), (start + 4, 4))
        if data[start + 4 : start + 8] in HOLDERS and depth < 12:
            skip = {b"meta": 12, b"stsd": 16, b"dref": 16, b"iprp": 8}.get(data[start + 4 : start + 8], 8)
            yield from boxes(data, start + skip, stop, depth + 1)
        start = stop


HOLDERS = {
    *(b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf", b"edts", b"udta", b"meta", b"ilst", b"moof", b"traf", b"mvex"),
    *(b"stsd", b"dref", b"iprp", b"ipco", b"iref", b"rmra", b"rmda"),
}


def chunks(data: bytes, order: str) -> Iterator[Part]:
    """Of RIFF ("little") and of FORM ("big"): name, length, content, even."""
    yield Part(0, 12, len(data), (4, 4, order), (8, 4))
    at = 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], order)  # type: ignore[arg-type]
        end = min(len(data), at + 8 + size + size % 2)
        yield Part(at, at + 8, end, (at + 4, 4, order), (at, 4))
        at = at + 12 if data[at : at + 4] == b"LIST" else end


def png_chunks(data: bytes) -> Iterator[Part]:
    """Length, name, content, checksum."""
    at = 8
    while at + 12 <= len(data):
        (size,) = struct.unpack_from(">I", data, at)
        end = min(len(data), at + 12 + size)
        yield Part(at, at + 8, end, (at, 4, "big"), (at + 4, 4))
        at = end


def elements(data: bytes, start: int = 0, end: int | None = None, depth: int = 0) -> Iterator[Part]:
    """Of EBML: an id and a length of 1 to 8 bytes each; the ids of masters have their elements walked too."""
    end = len(data) if end is None else end
    while start + 2 <= end:
        id_bytes = 9 - data[start].bit_length() if data[start] else 8
        place = start + id_bytes
        if place >= end or not data[place]:
            return
        size_bytes = 9 - data[place].bit_length()
        size = int.from_bytes(data[place : place + size_bytes], "big") & ((1 << (7 * size_bytes)) - 1)
        body = place + size_bytes
        stop = min(end, body + size)
        yield Part(start, body, stop, (place, size_bytes, "big"), (start, id_bytes))
        if data[start:place] in MASTERS and depth < 8:
            yield from elements(data, body, stop, depth + 1)
        start = max(stop, start + 2)


MASTERS = {
    bytes.fromhex(each)
    for each in (
        "1a45dfa3",
        "18538067",
        "114d9b74",
        "1549a966",
        "1654ae6b",
        "ae",
        "e0",
        "e1",
        "1f43b675",
        "a0",
        "1c53bb6b",
        "bb",
        "b7",
        "4dbb",
    )
}


def marked(mark: bytes, head: int, size: tuple[int, int, str] | None = None) -> Callable[[bytes], Iterator[Part]]:
    """A walk over parts that begin with a mark, such as Ogg's pages and frames of sound; size: place in the head and bytes."""

    def walk(data: bytes) -> Iterator[Part]:
        at = data.find(mark)
        while at >= 0:
            following = data.find(mark, at + len(mark))
            end = len(data) if following < 0 else following
            place = (at + size[0], size[1], size[2]) if size is not None and at + size[0] + size[1] <= len(data) else None
            yield Part(at, min(end, at + head), end, place, (at, len(mark)))
            at = following

    return walk


def flac_blocks(data: bytes) -> Iterator[Part]:
    """Metadata, and then the frames as one."""
    at = 4
    while at + 4 <= len(data):
        end = min(len(data), at + 4 + int.from_bytes(data[at + 1 : at + 4], "big"))
        yield Part(at, at + 4, end, (at + 1, 3, "big"), (at, 1))
        last = data[at] & 0x80
        at = end
        if last:
            break
    yield from marked(b"\xff\xf8", 6)(data[at:]) if at == 0 else (shifted(part, at) for part in marked(b"\xff\xf8", 6)(data[at:]))


def shifted(part: Part, by: int) -> Part:
    """The part of a file's rest, in the whole file."""
    name = None if part.name is None else (part.name[0] + by, part.name[1])
    return Part(part.start + by, part.body + by, part.end + by, None, name)


def segments(data: bytes) -> Iterator[Part]:
    """Of JPEG, up to the pixels and from mark to mark behind."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            at = data.find(b"\xff", at)
            if at < 0:
                return
        if at + 4 > len(data):
            return
        if data[at + 1] in (0, 0xFF) or 0xD0 <= data[at + 1] <= 0xD9:
            at += 2
            continue
        (size,) = struct.unpack_from(">H", data, at + 2)
        end = min(len(data), at + 2 + max(2, size))
        yield Part(at, at + 4, end, (at + 2, 2, "big"), (at + 1, 1))
        at = end


def tiff_entries(data: bytes) -> Iterator[Part]:
    """The rows of the directories: tag, type, count, value."""
    order = "little" if data[:2] == b"II" else "big"
    at, seen = int.from_bytes(data[4:8], order), 0  # type: ignore[arg-type]
    while 0 < at < len(data) - 2 and seen < 8:
        count = int.from_bytes(data[at : at + 2], order)  # type: ignore[arg-type]
        for row in range(count):
            start = at + 2 + 12 * row
            if start + 12 > len(data):
                return
            yield Part(start, start + 4, start + 12, (start + 4, 4, order), (start, 4))
        following = at + 2 + 12 * count
        at, seen = int.from_bytes(data[following : following + 4], order), seen + 1  # type: ignore[arg-type]


def fixed(size: int) -> Callable[[bytes], Iterator[Part]]:
    """Packets of one length, such as those of a transport stream."""

    def walk(data: bytes) -> Iterator[Part]:
        for at in range(0, len(data), size):
            yield Part(at, min(len(data), at + 4), min(len(data), at + size), None, (at, min(4, len(data) - at)))

    return walk


def objects(data: bytes) -> Iterator[Part]:
    """Of ASF: a GUID of 16 bytes and a length of 8; the header's own objects too."""
    at = 0
    while at + 24 <= len(data):
        size = int.from_bytes(data[at + 16 : at + 24], "little")
        end = min(len(data), at + size) if size >= 24 else len(data)
        yield Part(at, at + 24, end, (at + 16, 8, "little"), (at, 16))
        at = 30 if at == 0 else end


def flv_tags(data: bytes) -> Iterator[Part]:
    """Type, length of 3 bytes, time, stream, content, the length again."""
    at = 13
    while at + 11 <= len(data):
        end = min(len(data), at + 15 + int.from_bytes(data[at + 1 : at + 4], "big"))
        yield Part(at, at + 11, end, (at + 1, 3, "big"), (at, 1))
        at = end


def lines(data: bytes) -> Iterator[Part]:
    """Of texts, and of what has no structure that is known here."""
    at = 0
    for line in data.splitlines(keepends=True):
        yield Part(at, at, at + len(line))
        at += len(line)


#: By the first bytes, in this order.
WALKS: tuple[tuple[bytes, Callable[[bytes], Iterator[Part]]], ...] = (
    (b"RIFF", lambda data: chunks(data, "little")),
    (b"FORM", lambda data: chunks(data, "big")),
    (b"\x89PNG", png_chunks),
    (b"\x1a\x45\xdf\xa3", elements),
    (b"OggS", marked(b"OggS", 27, (26, 1, "big"))),
    (b"fLaC", flac_blocks),
    (b"\xff\xd8\xff", segments),
    (b"GIF8", marked(b"\x21\xf9", 8, (2, 1, "little"))),
    (b"II*\x00", tiff_entries),
    (b"MM\x00*", tiff_entries),
    (b"\x30\x26\xb2\x75", objects),
    (b"FLV", flv_tags),
    (b"G", fixed(188)),
    (b"\x00\x00\x01\xba", marked(b"\x00\x00\x01", 6, (4, 2, "big"))),
    (b"caff", marked(b"\x00\x00\x00\x00", 12)),
    (b"\x0b\x77", marked(b"\x0b\x77", 7)),
    (b"\x7f\xfe\x80\x01", marked(b"\x7f\xfe\x80\x01", 10)),
    (b"wvpk", marked(b"wvpk", 32, (4, 4, "little"))),
    (b"\x06\x0e\x2b\x34", marked(b"\x06\x0e\x2b\x34", 17)),
    (b"ID3", marked(b"\xff\xfb", 4)),
    (b"\xff\xf1", marked(b"\xff\xf1", 7)),
    (b"\xff", marked(b"\xff\xfb", 4)),
)


def parts_of(data: bytes) -> list[Part]:
    """The file's parts, at most `MOST_PARTS`, none of them empty."""
    walk: Callable[[bytes], Iterator[Part]] = lines
    if data[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free"):
        walk = boxes
    else:
        walk = next((each for beginning, each in WALKS if data.startswith(beginning)), lines)
    return [part for part in islice(walk(data), MOST_PARTS) if part.start < part.end <= len(data)]
