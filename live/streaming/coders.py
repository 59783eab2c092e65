"""Pictures and sound of a feed, coded for streams and films, packet by packet and without delay.

A packet keeps its place in the feed's time. A picture comes out as it goes in; the
coders of sound hold some milliseconds back, as their kinds do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import av
import numpy as np
from av.video.frame import PictureType, VideoFrame

from live.feed import RATE_HZ, Picture, SoundBlock
from media.film_colours import planes_of, to_film_colours

PictureKind = Literal["h264", "vp8"]
SoundKind = Literal["aac", "opus"]
Kind = PictureKind | SoundKind
PICTURE_KINDS: tuple[PictureKind, ...] = ("h264", "vp8")
#: The clock of pictures in streams.
PICTURE_HZ = 90_000
#: How long a stream goes on without a picture that a newcomer could begin with, in seconds, if nobody asks for one.
KEY_INTERVAL_S = 2.0
BT709, LIMITED = 1, 1


@dataclass(frozen=True)
class Coded:
    """A packet of one kind. time: its place in the feed's time, in the kind's own clock, `PICTURE_HZ` or `RATE_HZ`. key: whether
    one can begin with it."""

    kind: Kind
    time: int
    key: bool
    data: bytes

    @property
    def at_s(self) -> float:
        """Its place in the feed's time, in seconds."""
        return self.time / (PICTURE_HZ if self.kind in PICTURE_KINDS else RATE_HZ)


@dataclass(frozen=True)
class CodingSettings:
    """h264_quality: x264's constant quality, 18 (hard to tell from the pictures) to 28 (rough). most_bps: most bits of pictures a
    second, in any second. aac_bps, opus_bps: bits of sound a second."""

    h264_quality: int = 22
    most_bps: int = 2_500_000
    aac_bps: int = 128_000
    opus_bps: int = 64_000
    #: x264's effort; at these sizes it takes a millisecond a picture.
    preset: str = "veryfast"
    #: libvpx's haste, 0 to 16.
    vp8_haste: int = 8
    threads: int = 1


class PictureCoder:
    """Pictures of one size, H.264 of the baseline that every browser knows in BT.709, or VP8."""

    def __init__(self, kind: PictureKind, size: tuple[int, int], fps: float, settings: CodingSettings) -> None:
        """size: (width, height) in pixels, both even."""
        self.kind, self._size = kind, size
        self._planes = planes_of(size[1], size[0])
        self._wants_key = True
        self.context: Any = av.CodecContext.create("libx264" if kind == "h264" else "libvpx", "w")
        self.context.width, self.context.height = size
        self.context.pix_fmt = "yuv420p"
        self.context.time_base = Fraction(1, PICTURE_HZ)
        self.context.framerate = Fraction(fps).limit_denominator(1001)
        self.context.gop_size = max(1, round(KEY_INTERVAL_S * fps))
        self.context.thread_count = settings.threads
        self.context.options = dict(self._h264(settings) if kind == "h264" else self._vp8(settings))
        if kind == "h264":
            self.context.colorspace = self.context.color_primaries = self.context.color_trc = BT709
            self.context.color_range = LIMITED
        else:
            self.context.bit_rate = settings.most_bps // 2
        self.context.open()
        if kind == "h264":  # the first call in a process loads compiled code, which takes a while
            to_film_colours(np.zeros((size[1], size[0], 3), np.uint8), self._planes)

    @staticmethod
    def _h264(settings: CodingSettings) -> Mapping[str, str]:
        bounds = {"maxrate": str(settings.most_bps), "bufsize": str(settings.most_bps)}
        quality = {"crf": str(settings.h264_quality), "preset": settings.preset, "tune": "zerolatency"}
        # a picture that was asked for as a beginning is one that decoders may begin with
        return {**quality, **bounds, "profile": "baseline", "sc_threshold": "0", "forced-idr": "1"}

    @staticmethod
    def _vp8(settings: CodingSettings) -> Mapping[str, str]:
        rate = {"bufsize": str(settings.most_bps // 2), "maxrate": str(settings.most_bps), "qmin": "4", "qmax": "48"}
        haste = {"cpu-used": f"-{settings.vp8_haste}", "deadline": "realtime", "lag-in-frames": "0", "error-resilient": "1"}
        return {**rate, **haste, "static-thresh": "1"}

    def want_key(self) -> None:
        """The next picture is one that a newcomer can begin with."""
        self._wants_key = True

    def code(self, picture: Picture) -> list[Coded]:
        """The packets of one picture."""
        frame = self._frame(picture)
        frame.pts = round(picture.at_s * PICTURE_HZ)
        frame.time_base = Fraction(1, PICTURE_HZ)
        if self._wants_key:
            frame.pict_type, self._wants_key = PictureType.I, False
        return [self._coded(packet) for packet in self.context.encode(frame)]

    def _frame(self, picture: Picture) -> VideoFrame:
        width, height = self._size
        if self.kind == "vp8":  # whose colours are BT.601's
            return VideoFrame.from_ndarray(picture.frame, format="rgb24").reformat(format="yuv420p", dst_colorspace="ITU601")
        to_film_colours(np.ascontiguousarray(picture.frame), self._planes)
        return VideoFrame.from_ndarray(self._planes.reshape(height * 3 // 2, width), format="yuv420p")

    def _coded(self, packet: av.Packet) -> Coded:
        assert packet.pts is not None
        return Coded(self.kind, packet.pts, packet.is_keyframe, bytes(packet))


class SoundCoder:
    """Sound as AAC, which every player of films knows, or Opus for calls; mono."""

    def __init__(self, kind: SoundKind, settings: CodingSettings) -> None:
        self.kind = kind
        self.context: Any = av.CodecContext.create("aac" if kind == "aac" else "libopus", "w")
        self.context.sample_rate = RATE_HZ
        self.context.layout = "mono"
        self.context.time_base = Fraction(1, RATE_HZ)
        self._format = "fltp" if kind == "aac" else "s16"
        self.context.format = self._format
        self.context.bit_rate = settings.aac_bps if kind == "aac" else settings.opus_bps
        if kind == "opus":
            self.context.options = {"application": "voip", "frame_duration": "20"}
        self.context.open()
        # the coder's own frames, whatever the length of blocks
        self._resampler = av.AudioResampler(self._format, "mono", RATE_HZ, self.context.frame_size)

    def code(self, block: SoundBlock) -> list[Coded]:
        """The packets that are whole with this block."""
        frame = av.AudioFrame.from_ndarray(block.samples[None], format="s16", layout="mono")
        frame.sample_rate, frame.time_base = RATE_HZ, Fraction(1, RATE_HZ)
        frame.pts = round(block.at_s * RATE_HZ)
        return [self._coded(packet) for whole in self._resampler.resample(frame) for packet in self.context.encode(whole)]

    def finish(self) -> list[Coded]:
        """What is held back."""
        return [self._coded(packet) for packet in self.context.encode(None)]

    def _coded(self, packet: av.Packet) -> Coded:
        assert packet.pts is not None
        return Coded(self.kind, packet.pts, True, bytes(packet))
