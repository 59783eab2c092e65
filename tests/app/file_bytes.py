"""Files made byte by byte: PNG, FLAC and WAV, whatever they claim, and the boxes of MP4."""

from __future__ import annotations

import struct
import zlib


def png(width, height, data=b"", extra=b""):
    """A PNG of grey pixels; `data` compressed, whatever the size says; `extra` whole chunks before it."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + extra + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def crc(data, bits, polynomial):
    """FLAC's checksums."""
    value, top, mask = 0, 1 << (bits - 1), (1 << bits) - 1
    for byte in data:
        value ^= byte << (bits - 8)
        for _ in range(8):
            value = ((value << 1) ^ polynomial if value & top else value << 1) & mask
    return value


def coded(number):
    """A number as UTF-8 would write it, as FLAC's frames do."""
    return chr(number).encode("utf-8", "surrogatepass")


def flac_of_silence(seconds, rate_hz=8000, claimed_s=None, frames=None):
    """A real FLAC file of so many seconds of silence: 65535 samples take 12 bytes."""
    block, total = 65535, int((claimed_s or seconds) * rate_hz)
    info = (
        struct.pack(">HH", block, block)
        + bytes(6)
        + ((rate_hz << 44) | (0 << 41) | (15 << 36) | total).to_bytes(8, "big")
        + bytes(16)
    )
    out = [b"fLaC\x80" + len(info).to_bytes(3, "big") + info]
    for number in range(-(-int(seconds * rate_hz) // block) if frames is None else frames):
        head = b"\xff\xf8\x74\x08" + coded(number) + struct.pack(">H", block - 1)  # 0x7: size in 16 bits; 0x4: 8 kHz; 16 bits
        frame = head + bytes([crc(head, 8, 0x07)]) + b"\x00\x00\x00"  # one subframe: constant, 0
        out.append(frame + struct.pack(">H", crc(frame, 16, 0x8005)))
    return b"".join(out)


def wav(seconds, rate_hz=8000, claimed_bytes=None, channels=1, bits=16, code=1, data=None):
    """A WAV file; its header says `claimed_bytes` where given."""
    data = bytes(int(seconds * rate_hz) * channels * bits // 8) if data is None else data
    rate = rate_hz * channels * bits // 8
    form = struct.pack("<HHIIHH", code, channels, rate_hz, rate & 0xFFFFFFFF, max(1, channels * bits // 8) & 0xFFFF, bits)
    size = len(data) if claimed_bytes is None else claimed_bytes
    return (
        b"RIFF"
        + struct.pack("<I", min(size + 36, 2**32 - 1))
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + form
        + b"data"
        + struct.pack("<I", size)
        + data
    )


def box(name, data):
    return struct.pack(">I", len(data) + 8) + name + data
