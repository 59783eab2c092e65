"""Files that nobody may read, with content that is found again anywhere, and files made to have them read."""

from __future__ import annotations

import base64
import ctypes
import os
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

#: Of inotify(7): a file is opened, or read.
OPENED, READ = 0x20, 0x1
NON_BLOCKING = os.O_NONBLOCK


@dataclass(frozen=True)
class Canaries:
    """The folder with a text, a WAV and a picture, each of which holds the words."""

    folder: Path
    words: bytes

    @property
    def text(self) -> Path:
        """The one in plain words."""
        return self.folder / "canary.txt"

    @property
    def sound(self) -> Path:
        """The one that a decoder would play."""
        return self.folder / "canary.wav"

    @property
    def picture(self) -> Path:
        """The one that a decoder would show: PPM."""
        return self.folder / "canary.ppm"

    def make(self) -> None:
        """Write them."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.text.write_bytes(self.words * 20)
        data = self.words * 800
        form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8)
        self.sound.write_bytes(
            b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVE" + form + struct.pack("<4sI", b"data", len(data)) + data
        )
        pixels = (self.words * 700)[: 64 * 64 * 3]
        self.picture.write_bytes(b"P6 64 64 255\n" + pixels.ljust(64 * 64 * 3, b"."))

    def seen_in(self, content: bytes) -> bool:
        """Whether their words are in there, plain or as Base64 has them."""
        return self.words in content or base64.b64encode(self.words)[4:-4] in content


class Watch:
    """Tells of every opening of the canaries, by whomever (inotify, on Linux; elsewhere it sees nothing, and says so)."""

    def __init__(self, canaries: Canaries) -> None:
        self.works = sys.platform == "linux"
        self._handle = -1
        if self.works:
            library = ctypes.CDLL(None, use_errno=True)
            self._handle = int(library.inotify_init1(NON_BLOCKING))
            for path in (canaries.text, canaries.sound, canaries.picture):
                if library.inotify_add_watch(self._handle, os.fsencode(path), OPENED | READ) < 0:
                    raise OSError(ctypes.get_errno(), f"The file {path} can't be watched.")

    def opened(self) -> bool:
        """Whether one was opened or read since the last call."""
        if not self.works:
            return False
        try:
            return bool(os.read(self._handle, 65536))
        except BlockingIOError:
            return False

    def close(self) -> None:
        """Watch no longer."""
        if self._handle >= 0:
            os.close(self._handle)


def box(name: bytes, content: bytes) -> bytes:
    """A box of ISO media."""
    return struct.pack(">I", 8 + len(content)) + name + content


def referring_movies(path: bytes) -> dict[str, bytes]:
    """QuickTime films whose data lie in another file: a reference movie, data references by address and by alias."""
    address = b"url " + struct.pack(">I", len(path) + 1) + path + b"\x00"
    whole = box(b"ftyp", b"qt  " + bytes(4) + b"qt  ")
    reference = whole + box(b"moov", box(b"rmra", box(b"rmda", box(b"rdrf", bytes(4) + address))))
    # Version, and 150 bytes of a Macintosh alias of which nothing is needed; then its whole path, with its end.
    alias_body = bytes(154) + struct.pack(">HH", 2, len(path)) + path + bytes(len(path) % 2) + struct.pack(">HH", 0xFFFF, 0)
    entries = {"url": box(b"url ", bytes(4) + path + b"\x00"), "alis": box(b"alis", alias_body), "rsrc": box(b"rsrc", alias_body)}
    made = {"reference.mov": reference}
    for name, entry in entries.items():
        made[f"{name}.mov"] = whole + sound_track(box(b"dref", struct.pack(">II", 0, 1) + entry)) + box(b"mdat", bytes(4000))
    return made


def sound_track(dref: bytes) -> bytes:
    """A movie with one track of raw sound, 4000 bytes at the beginning of what the data reference names."""
    entry = bytes(6) + struct.pack(">H", 1) + bytes(8) + struct.pack(">HHHHI", 1, 16, 0, 0, 8000 << 16)
    stbl = b"".join(
        (
            box(b"stsd", struct.pack(">II", 0, 1) + box(b"twos", entry)),
            box(b"stts", struct.pack(">IIII", 0, 1, 2000, 1)),
            box(b"stsc", struct.pack(">IIIII", 0, 1, 1, 2000, 1)),
            box(b"stsz", struct.pack(">III", 0, 2, 2000)),
            box(b"stco", struct.pack(">III", 0, 1, 0)),
        )
    )
    minf = box(b"smhd", bytes(8)) + box(b"dinf", dref) + box(b"stbl", stbl)
    mdia = box(b"mdhd", struct.pack(">IIIIIHH", 0, 0, 0, 8000, 2000, 0, 0)) + box(b"hdlr", bytes(4) + b"mhlrsoun" + bytes(12))
    head = struct.pack(">IIIII", 0x0F, 0, 0, 1, 0) + struct.pack(">I", 2000) + bytes(60)
    track = box(b"trak", box(b"tkhd", head) + box(b"mdia", mdia + box(b"minf", minf)))
    movie = (
        struct.pack(">IIIIIIH", 0, 0, 0, 8000, 2000, 0x10000, 0x100) + bytes(10) + bytes(36) + bytes(24) + struct.pack(">I", 2)
    )
    return box(b"moov", box(b"mvhd", movie) + track)


def pointing_files(canaries: Canaries) -> dict[str, bytes]:
    """Playlists, drawings, subtitles and films that name a canary: name -> bytes."""
    made: dict[str, bytes] = {}
    for what, path in (("text", canaries.text), ("sound", canaries.sound), ("picture", canaries.picture)):
        address = f"file://{path}"
        hls = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXT-X-VERSION:3\n"
        svg = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="99" height="99">'
        entity = f'<!DOCTYPE svg [<!ENTITY x SYSTEM "{address}">]>'
        dash = '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT9S"><Period><AdaptationSet>'
        dash += "<Representation id='1'>"
        texts = {
            "list.m3u": f"#EXTM3U\n#EXTINF:10,x\n{address}\n",
            "list.m3u8": f"{hls}#EXTINF:9,\n{path}\n#EXT-X-ENDLIST\n",
            "concat.m3u8": f"{hls}#EXTINF:9,\nconcat:{path}|{path}\n#EXT-X-ENDLIST\n",
            "subfile.m3u8": f"{hls}#EXTINF:9,\nsubfile,,start,0,end,99,,:{path}\n#EXT-X-ENDLIST\n",
            "crypto.m3u8": f'{hls}#EXT-X-KEY:METHOD=AES-128,URI="{address}"\n#EXTINF:9,\ndata:,x\n#EXT-X-ENDLIST\n',
            "list.pls": f"[playlist]\nFile1={path}\nNumberOfEntries=1\n",
            "list.ffconcat": f"ffconcat version 1.0\nfile '{path}'\n",
            "list.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
            "list.mpd": f"{dash}<BaseURL>{address}</BaseURL></Representation></AdaptationSet></Period></MPD>",
            "list.asx": f'<asx version="3.0"><entry><ref href="{address}"/></entry></asx>',
            "image.svg": f'{svg}<image xlink:href="{address}" width="99" height="99"/></svg>',
            "entity.svg": f'<?xml version="1.0"?>{entity}{svg}<text>&x;</text></svg>',
            "style.svg": f'<?xml-stylesheet href="{address}"?>{svg}<style>@import url("{address}");</style></svg>',
            "subtitles.ass": f"[Script Info]\n[Fonts]\nfontname: {path}\n[Events]\nDialogue: 0,0:00:00.00,0:00:09.00,D,,x\n",
            "list.cue": f'FILE "{path}" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n',
            "a.mvg": f"push graphic-context\nimage over 0,0 9,9 '{path}'\n",
            "a.eps": f"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n({path}) run\n",
        }
        made |= {f"{what}.{name}": text.encode() for name, text in texts.items()}
        made |= {f"{what}.{name}": data for name, data in referring_movies(os.fsencode(path)).items()}
    return made
