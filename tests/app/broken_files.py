"""Files that nobody should be able to do harm with: more than 200, of every kind, most of them made byte by byte."""

from __future__ import annotations

import gzip
import io
import random
import struct
import tarfile
import zipfile
import zlib
from dataclasses import dataclass

import numpy as np
from PIL import Image

from tests.app.file_bytes import box, chunk, flac_of_silence, png, wav
from tests.app.right_files import pictures, sounds

#: What a refusal may be.
EMPTY, WRONG_KIND, UNUSABLE = (422,), (415,), (422,)


EITHER = (415, 422)


@dataclass(frozen=True)
class Broken:
    """A file to be refused: as a song or picture, under which name, with which statuses."""

    label: str
    kind: str
    name: str
    data: bytes
    statuses: tuple[int, ...] = EITHER


# --- what is none of these -----------------------------------------------------------------------------------------


def archive_zip(name):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "text")
    return file.getvalue()


def archive_tar():
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("../../etc/cron.d/x"), io.BytesIO())
    return file.getvalue()


def picture_as(name):
    file = io.BytesIO()
    Image.new("RGB", (100, 100)).save(file, name)
    return file.getvalue()


def foreign_files():
    """Files of other kinds: name -> bytes."""
    return {
        "a.ico": picture_as("ICO"),
        "a.ppm": picture_as("PPM"),
        "a.tga": picture_as("TGA"),
        "a.pcx": picture_as("PCX"),
        "a.eps": picture_as("EPS"),
        "a.pdf": picture_as("PDF"),
        "a.jp2": b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(100),
        "a.psd": b"8BPS\x00\x01" + bytes(100),
        "a.zip": archive_zip("song.mp3"),
        "a.docx": archive_zip("word/document.xml"),
        "a.tar": archive_tar(),
        "a.tar.gz": gzip.compress(archive_tar()),
        "bomb.gz": gzip.compress(bytes(5_000_000)),
        "a.rar": b"Rar!\x1a\x07\x01\x00" + bytes(100),
        "a.7z": b"7z\xbc\xaf\x27\x1c" + bytes(100),
        "a.xz": b"\xfd7zXZ\x00" + bytes(100),
        "a.exe": b"MZ\x90\x00" + bytes(60) + b"PE\x00\x00" + bytes(100),
        "a.so": b"\x7fELF\x02\x01\x01" + bytes(100),
        "a.class": b"\xca\xfe\xba\xbe\x00\x00\x00\x34" + bytes(100),
        "a.wasm": b"\x00asm\x01\x00\x00\x00" + bytes(50),
        "a.sh": b"#!/bin/sh\nrm -rf /\n",
        "a.py": b"import os\nos.system('true')\n",
        "a.html": b"<!doctype html><script>alert(1)</script>",
        "a.php": b"<?php system($_GET['c']); ?>",
        "a.json": b'{"song": true}',
        "a.txt": b"nur Text, kein Lied\n" * 20,
        "a.mid": b"MThd\x00\x00\x00\x06\x00\x01\x00\x01\x00\x60MTrk\x00\x00\x00\x04\x00\xff\x2f\x00",
        "a.ttf": b"\x00\x01\x00\x00\x00\x0a\x00\x80" + bytes(100),
        "a.sqlite": b"SQLite format 3\x00" + bytes(100),
        "a.srt": b"1\n00:00:00,000 --> 00:00:02,000\nla la\n",
        "a.pyc": b"\xa7\r\r\n" + bytes(60),
    }


SECRET = "/etc/passwd"


def pointing_files():
    """Playlists, drawings and documents that name another file or address: name -> bytes."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="file://{SECRET}"/></svg>'
    entity = f'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file://{SECRET}">]><svg>&x;</svg>'
    laughs = '<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><svg>&b;</svg>'
    mpd = f'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>file://{SECRET}</BaseURL></MPD>'
    return {
        "list.m3u": f"#EXTM3U\n#EXTINF:10,x\nfile://{SECRET}\n".encode(),
        "list.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{SECRET}\n#EXT-X-ENDLIST\n".encode(),
        "net.m3u8": b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n",
        "bom.m3u8": b"\xef\xbb\xbf\r\n  #EXTM3U\n#EXTINF:9,\n/etc/hostname\n",
        "plain.m3u": f"{SECRET}\n".encode(),
        "list.pls": f"[playlist]\nFile1={SECRET}\nNumberOfEntries=1\n".encode(),
        "list.asx": f'<asx version="3.0"><entry><ref href="file://{SECRET}"/></entry></asx>'.encode(),
        "list.xspf": f'<?xml version="1.0"?><playlist><location>file://{SECRET}</location></playlist>'.encode(),
        "list.ffconcat": f"ffconcat version 1.0\nfile '{SECRET}'\n".encode(),
        "list.concat": f"file '{SECRET}'\nfile 'x.mp3'\n".encode(),
        "list.mpd": mpd.encode(),
        "list.sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=audio 9 RTP/AVP 0\n",
        "list.cue": f'FILE "{SECRET}" WAVE\n  TRACK 01 AUDIO\n'.encode(),
        "list.wpl": f'<?wpl version="1.0"?><smil><body><seq><media src="{SECRET}"/></seq></body></smil>'.encode(),
        "list.ffmeta": b";FFMETADATA1\ntitle=x\n",
        "subfile.url": f"subfile,,start,0,end,100,,:{SECRET}".encode(),
        "a.svg": svg.encode(),
        "entity.svg": entity.encode(),
        "laughs.svg": laughs.encode(),
        "note.svg": b"<!-- a note -->" + svg.encode(),
        "a.url": f"[InternetShortcut]\nURL=file://{SECRET}\n".encode(),
        "a.mvg": f"push graphic-context\nimage over 0,0 9,9 '{SECRET}'\n".encode(),
    }


# --- bombs: small files that claim to be large ---------------------------------------------------------------------


def bombs():
    """Pictures of very many pixels, or with very much beside them: name -> bytes."""
    jpeg = bytearray(pictures()["jpg"])
    frame = jpeg.index(b"\xff\xc0") + 5
    jpeg[frame : frame + 4] = struct.pack(">HH", 65500, 65500)
    webp = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (16383).to_bytes(3, "little") * 2
    heif = pictures()["heic"].replace(struct.pack(">II", 240, 200), struct.pack(">II", 60000, 60000))
    text = chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(50_000_000), 9))
    profile = chunk(b"iCCP", b"x\x00\x00" + zlib.compress(bytes(50_000_000), 9))
    return {
        "square.png": png(60_000, 60_000, bytes(1_000_000)),
        "largest.png": png(2**31 - 1, 2**31 - 1),
        "line.png": png(2**31 - 1, 1),
        "wide.png": png(800_000, 64, bytes(800_001 * 64)),
        "zero.png": png(0, 0),
        "text.png": png(100, 100, bytes(101 * 100), text),
        "profile.png": png(100, 100, bytes(101 * 100), profile),
        "huge.jpg": bytes(jpeg),
        "huge.webp": b"RIFF" + struct.pack("<I", 4 + len(webp)) + b"WEBP" + webp,
        "huge.heic": heif,
        "just over.png": png(8367, 8367, bytes(8368 * 8367)),
    }


def long_songs():
    """Songs that last too long, or only say so: name -> bytes."""
    ten_hours = 36_000
    return {
        "ten hours.flac": flac_of_silence(ten_hours),
        "fifteen minutes and a bit.flac": flac_of_silence(915),
        "says ten hours.flac": flac_of_silence(1, claimed_s=ten_hours, frames=0),
        "says ten hours.wav": wav(0.01, claimed_bytes=ten_hours * 16000),
        "says four gigabytes.wav": wav(0.01, claimed_bytes=2**32 - 1),
        "ten hours.wav named.mp3": flac_of_silence(ten_hours),
    }


def odd_sounds(folder):
    """Sounds that are none: name -> bytes."""
    not_numbers = np.full(16000, np.nan, "<f4").tobytes()
    return {
        "no channel.wav": wav(1, channels=0, data=bytes(100)),
        "no rate.wav": wav(1, rate_hz=0, data=bytes(100)),
        "no bits.wav": wav(1, bits=0, data=bytes(100)),
        "unknown coder.wav": wav(1, code=0x7777),
        "65535 channels.wav": wav(1, channels=65535, data=bytes(1000)),
        "no samples.wav": wav(0),
        "a moment.wav": wav(0.1),
        "a film without sound.mp4": sounds(folder)["mp4 without sound"],
        "reference.mov": reference_movie(),
        "only tags.mp3": b"ID3\x04\x00\x00\x00\x00\x0f\x76" + bytes(2038),
        "endless tag.mp3": b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + bytes(100),
        "deep.mp4": nested_boxes(),
        "not numbers.txt.wav": wav(0, data=not_numbers[:10], bits=32, code=3),
    }  # fmt: skip


def reference_movie():
    """QuickTime's way to point at another file."""
    target = b"url " + struct.pack(">I", len(SECRET) + 1) + SECRET.encode() + b"\x00"
    return box(b"ftyp", b"qt  " + bytes(4) + b"qt  ") + box(b"moov", box(b"rmra", box(b"rmda", box(b"rdrf", bytes(4) + target))))


def nested_boxes():
    data = b""
    for _ in range(2000):
        data = box(b"moov", data)
    return box(b"ftyp", b"isom" + bytes(4)) + data


ODD_NAMES = (
    "../../../../etc/passwd",
    "..\\..\\windows\\system32\\x.mp3",
    "/etc/shadow",
    "C:\\Users\\x\\con.mp3",
    "con",
    "nul.mp3",
    "a\nb\r\nSet-Cookie: x=1.mp3",
    "a\x00b.mp3",
    "\x1b[31mred\x07.mp3",
    "\u202egpj.3pm",
    "-rf.mp3",
    "--output=x.mp3",
    "file:///etc/passwd",
    "http://127.0.0.1/x.mp3",
    "concat:a|b.mp3",
    "%2e%2e%2fetc%2fpasswd",
    "%s%n%d.mp3",
    "{name}.mp3",
    "'; DROP TABLE songs; --.mp3",
    "<script>alert(1)</script>.mp3",
    "$(touch x).mp3",
    "`touch x`.mp3",
    "песня о любви.mp3",
    "愛の歌.mp3",
    "أغنية.mp3",
    "🎵🎶.mp3",
    "e\u0301\u0301\u0301" * 30 + ".mp3",
    ".",
    "..",
    " ",
    ".mp3",
    "a" * 5000 + ".mp3",
)


def spoilt(folder):
    """Right files that were cut off or written over."""
    for ending, data in sounds(folder).items():
        for length in (4, 24, 60):
            yield Broken(f"sound cut at {length}", "song", f"cut.{ending}", data[:length])
        yield Broken("sound with nothing after its head", "song", f"zeros.{ending}", data[:60] + bytes(4000))
    for ending, data in pictures().items():
        for part in (12, len(data) // 3, len(data) - len(data) // 8):
            yield Broken(f"picture cut at {part}", "picture", f"cut.{ending}", data[:part])
        middle = len(data) // 2
        noise = random.Random(ending).randbytes(300)
        yield Broken("picture written over", "picture", f"over.{ending}", data[: middle - 150] + noise + data[middle + 150 :])
        yield Broken("picture with nothing after its head", "picture", f"zeros.{ending}", data[:40] + bytes(4000))
        yield Broken("picture without a face", "picture", f"noise.{ending}", data, UNUSABLE)


def pretending(folder):
    """Files that claim one type and are another."""
    for ending, data in pictures().items():
        yield Broken("picture named as a song", "song", f"{ending}.mp3", data, WRONG_KIND)
    for ending, data in sounds(folder).items():
        yield Broken("sound named as a picture", "picture", f"{ending}.png", data, WRONG_KIND)


#: How real files begin.
HEADS = {
    "song": (
        b"ID3\x03\x00",
        b"\xff\xfb\x90\x64",
        b"RIFF\x00\x10\x00\x00WAVEfmt ",
        b"fLaC",
        b"OggS\x00\x02",
        b"\x1a\x45\xdf\xa3",
        b"\x00\x00\x00\x20ftypM4A ",
        b"FORM\x00\x00\x10\x00AIFF",
        b"caff\x00\x01",
    ),
    "picture": (
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"RIFF\x00\x10\x00\x00WEBP",
        b"\x00\x00\x00\x20ftypheic",
        b"\x00\x00\x00\x20ftypavif",
    ),
}


def random_bytes():
    """Noise, plain and behind the beginnings of real files."""
    dice = random.Random(11)
    for kind, beginnings in HEADS.items():
        for head in beginnings:
            yield Broken(f"noise behind {head[:12]!r}", kind, "noise", head + dice.randbytes(3000))
        for length in (1, 2, 7, 100, 5000):
            yield Broken(f"{length} bytes of noise", kind, f"noise{length}", b"\x01" + dice.randbytes(length - 1))


# --- all of them ---------------------------------------------------------------------------------------------------


def broken_files(folder):
    """All of them; `folder`: for what ffmpeg writes."""
    made = [Broken("empty", "song", f"empty.{ending}", b"", EMPTY) for ending in ("mp3", "wav", "flac", "txt")]
    made += [Broken("empty", "picture", f"empty.{ending}", b"", EMPTY) for ending in ("png", "jpg", "heic", "txt")]
    made += spoilt(folder)
    made += pretending(folder)
    made += [
        Broken("of another kind", kind, name, data) for name, data in foreign_files().items() for kind in ("song", "picture")
    ]
    made += [
        Broken("points elsewhere", kind, name, data) for name, data in pointing_files().items() for kind in ("song", "picture")
    ]
    made += [Broken("bomb", "picture", name, data) for name, data in bombs().items()]
    made += [Broken("too long", "song", name, data) for name, data in long_songs().items()]
    made += [Broken("odd", "song", name, data) for name, data in odd_sounds(folder).items()]
    made += random_bytes()
    made += [Broken("odd name", "song", name, b"GIF89a" + bytes(50)) for name in ODD_NAMES]
    made += [
        Broken("small", "picture", name, png(*size, bytes((size[0] + 1) * size[1])))
        for name, size in (("1.png", (1, 1)), ("63.png", (63, 200)))
    ]
    return made
