"""Reads films: their frames one at a time, and what they are made of."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO

import numpy as np

from core.contracts import ByteArray
from core.errors import InputError
from core.messages import Message, message
from media import ffmpeg_args
from media.ffmpeg_run import FfmpegError, ffmpeg_path, last_line, read_from
from media.media_files import ACCEPTED_FILMS, check_media_file

VIDEO_LINE = re.compile(
    r"Stream #0:\d+.*?: Video: (?P<codec>\w+)(?: \((?P<profile>[^)]*)\))?.*?, (?P<format>\w+)(?:\((?P<colour>[^)]*)\))?, "
)
SIZE = re.compile(r", (\d+)x(\d+)[ ,\n]")
AUDIO_LINE = re.compile(r"Stream #0:\d+.*?: Audio: (?P<codec>\w+).*?, (?P<rate>\d+) Hz, (?P<layout>[^,\n]+)")


@dataclass(frozen=True)
class VideoInfo:
    """What a film is made of.

    width, height: in pixels, as stored. fps: mean frame rate. frames: counted packets. duration_s: of the pictures.
    constant_rate: whether all frames last equally long. profile, pixel_format, colours: ffmpeg's names ("High", "yuv420p",
    "tv, bt709, progressive"). audio_*: codec, rate and layout of the sound, "" and 0 where there is none.
    metadata: the file's own tags.
    """

    width: int
    height: int
    fps: float
    frames: int
    duration_s: float
    constant_rate: bool
    video_codec: str
    profile: str
    pixel_format: str
    colours: str
    audio_codec: str
    audio_sample_rate_hz: int
    audio_layout: str
    metadata: Mapping[str, str]


def probe_video(path: Path) -> VideoInfo:
    """Look at a film by its packets, without decoding it. Raises InputError where there are no pictures in it."""
    check_media_file(path, "film", ACCEPTED_FILMS)
    try:
        with read_from(ffmpeg_args.probe_video_arguments(ffmpeg_path(), path)) as run:
            time_base, times, lengths = packet_times(run.stdout)
            run.wait()
            log = run.log()
        with read_from(ffmpeg_args.metadata_arguments(ffmpeg_path(), path)) as run:
            metadata = parse_metadata(run.stdout.read().decode("utf-8", "replace"))
    except FfmpegError as error:
        raise InputError(unreadable_film(path, error)) from error
    source = log.partition("Stream mapping:")[0]
    video, audio = VIDEO_LINE.search(source), AUDIO_LINE.search(source)
    size = SIZE.search(source, video.end() - 2) if video else None
    if not times or video is None or size is None:
        raise InputError("media.film_without_pictures", name=path.name, accepted=ACCEPTED_FILMS)
    duration_s = float((max(times) + lengths[times.index(max(times))] - min(times)) * time_base)
    return VideoInfo(
        width=int(size[1]),
        height=int(size[2]),
        fps=len(times) / duration_s,
        frames=len(times),
        duration_s=duration_s,
        constant_rate=len(set(np.diff(sorted(times)).tolist())) <= 1,
        video_codec=video["codec"],
        profile=video["profile"] or "",
        pixel_format=video["format"],
        colours=video["colour"] or "",
        audio_codec=audio["codec"] if audio else "",
        audio_sample_rate_hz=int(audio["rate"]) if audio else 0,
        audio_layout=audio["layout"].strip() if audio else "",
        metadata=metadata,
    )


def packet_times(lines: IO[bytes]) -> tuple[Fraction, list[int], list[int]]:
    """Time base, presentation times and durations of the packets in ffmpeg's framecrc listing."""
    time_base, times, lengths = Fraction(1), [], []
    for line in lines:
        text = line.decode("ascii", "replace").strip()
        if text.startswith("#tb 0:"):
            time_base = Fraction(text.partition(":")[2].strip())
        elif text and not text.startswith("#"):
            _, _, shown, length, *_ = (part.strip() for part in text.split(","))
            times.append(int(shown))
            lengths.append(int(length))
    return time_base, times, lengths


def parse_metadata(text: str) -> dict[str, str]:
    """The tags in ffmpeg's `;FFMETADATA1` text, before its first section; a backslash there protects the character behind it."""
    tags: dict[str, str] = {}
    for line in re.split(r"(?<!\\)\n", text):
        if line.startswith("["):
            break
        key, separator, value = partition_unescaped(line)
        if separator and not line.startswith(";"):
            tags[re.sub(r"\\(.)", r"\1", key, flags=re.S)] = re.sub(r"\\(.)", r"\1", value, flags=re.S)
    return tags


def partition_unescaped(line: str) -> tuple[str, str, str]:
    """Split at the first `=` that no backslash protects."""
    found = re.match(r"((?:\\.|[^\\=])*)=(.*)", line, flags=re.S)
    return (found[1], "=", found[2]) if found else (line, "", "")


def read_frames(path: Path) -> Generator[ByteArray]:
    """Yield the frames of a film, (H, W, 3) uint8 RGB. Closing the iterator early ends ffmpeg. Raises InputError for no film."""
    check_media_file(path, "film", ACCEPTED_FILMS)
    try:
        with read_from(ffmpeg_args.read_frames_arguments(ffmpeg_path(), path)) as run:
            while (frame := read_ppm(run.stdout)) is not None:
                yield frame
    except FfmpegError as error:
        raise InputError(unreadable_film(path, error)) from error


def read_ppm(stream: IO[bytes]) -> ByteArray | None:
    """The next binary PPM picture as (H, W, 3) uint8, None at the end."""
    if stream.readline() != b"P6\n":
        return None
    width, height = (int(part) for part in stream.readline().split())
    stream.readline()
    pixels = stream.read(width * height * 3)
    if len(pixels) != width * height * 3:
        return None
    return np.frombuffer(bytearray(pixels), np.uint8).reshape(height, width, 3)


def unreadable_film(path: Path, error: FfmpegError) -> Message:
    """The sentence for a film that ffmpeg could not decode."""
    if "matches no streams" in error.log:
        return message("media.film_without_pictures", name=path.name, accepted=ACCEPTED_FILMS)
    return message("media.film_unreadable", name=path.name, reason=last_line(error.log), accepted=ACCEPTED_FILMS)
