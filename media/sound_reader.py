"""Reads the sound of songs: how long it truly is, and its samples block by block."""

from __future__ import annotations

import functools
import re
import struct
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.contracts import FloatArray
from core.errors import InputError
from core.messages import Message, message
from core.timebase import samples_to_seconds
from media import ffmpeg_args
from media.downmix import one_channel
from media.ffmpeg_run import FfmpegError, ffmpeg_path, last_line, read_from
from media.file_kinds import HEAD_BYTES, kind_of
from media.media_files import ACCEPTED_SONGS, check_media_file

#: Shortest song, and shortest excerpt of one, that becomes a film.
MIN_SONG_S = 0.5
#: Head of a Sun AU stream: magic, bytes before the sound, bytes of sound, encoding, rate, channels.
AU_HEADER = struct.Struct(">4s5I")
AU_BYTES_PER_SAMPLE, AU_SAMPLE = 4, ">f4"
READ_BYTES = 1 << 20
FLOAT_BYTES = 4


@dataclass(frozen=True)
class AudioInfo:
    """What a sound file truly holds.

    duration_s: counted in decoded samples, because headers are often wrong. sample_rate_hz, channels: the file's own.
    codec: ffmpeg's name of it, for example `mp3`, `aac` or `pcm_s16le`. peak: its loudest sample; full scale is 1, which float
    files and lossy codecs may exceed.
    """

    duration_s: float
    sample_rate_hz: int
    channels: int
    codec: str
    peak: float = 1.0


def probe_audio(path: Path) -> AudioInfo:
    """Decode the sound of the file `path` once and count it.

    Raises InputError where the file can't be read, holds no sound, or less than 0.5 s of it.
    """
    info = count_audio(path)
    if info.duration_s < MIN_SONG_S:
        raise InputError("media.song_too_short", name=path.name, length=info.duration_s, least=MIN_SONG_S)
    return info


def count_audio(path: Path) -> AudioInfo:
    """What `probe_audio` tells, for sounds of any length above zero; a file is decoded once as long as it stays the same."""
    check_media_file(path, "song", ACCEPTED_SONGS)
    status = path.stat()
    return _count_audio(path.absolute(), status.st_mtime_ns, status.st_size)


@functools.lru_cache(maxsize=16)
def _count_audio(path: Path, changed_ns: int, size_bytes: int) -> AudioInfo:
    """The time and size of the file are part of the key, so that a changed file is read anew."""
    sound_bytes, sample_rate_hz, channels, peak = 0, 0, 0, 0.0
    try:
        with read_from(ffmpeg_args.probe_sound_arguments(ffmpeg_path(), path)) as run:
            header = run.stdout.read(AU_HEADER.size)
            if len(header) == AU_HEADER.size:
                _, header_bytes, _, _, sample_rate_hz, channels = AU_HEADER.unpack(header)
                run.stdout.read(header_bytes - AU_HEADER.size)
            while chunk := run.stdout.read(READ_BYTES):
                sound_bytes += len(chunk)
                peak = max(peak, float(samples_of(chunk).max(initial=0.0)))
            run.wait()
            log = run.log()
    except FfmpegError as error:
        raise InputError(unreadable_song(path, error)) from error
    if sound_bytes == 0:
        raise InputError("media.song_without_decodable_sound", name=path.name, accepted=ACCEPTED_SONGS)
    duration_s = samples_to_seconds(sound_bytes // (AU_BYTES_PER_SAMPLE * channels), sample_rate_hz)
    codec = re.search(r"Stream #0:\d+.*?: Audio: (\w+)", log)
    return AudioInfo(duration_s, sample_rate_hz, channels, codec[1] if codec else "unknown", peak)


def samples_of(chunk: bytes) -> FloatArray:
    """The sizes of the AU stream's samples (n,), 0 for what is no number; a sample that is cut at the end is left out."""
    values = np.abs(np.frombuffer(chunk[: len(chunk) // AU_BYTES_PER_SAMPLE * AU_BYTES_PER_SAMPLE], AU_SAMPLE).astype(np.float32))
    return np.where(np.isfinite(values), values, np.float32(0.0))


def unreadable_song(path: Path, error: FfmpegError) -> Message:
    """What is said of a song that ffmpeg could not decode, which names what the file is instead where that can be told."""
    with path.open("rb") as file:
        kind = kind_of(file.read(HEAD_BYTES))
    if kind is not None and kind.family not in ("sound", "film"):
        return message("media.file_is_no_song", name=path.name, kind=kind.called, accepted=ACCEPTED_SONGS)
    if "matches no streams" in error.log:
        return message("media.song_without_sound", name=path.name, accepted=ACCEPTED_SONGS)
    if "whitelist" in error.log or "Invalid data found" in error.log or "moov atom not found" in error.log:
        return message("media.song_damaged", name=path.name, accepted=ACCEPTED_SONGS)
    return message("media.song_unreadable", name=path.name, reason=last_line(error.log), accepted=ACCEPTED_SONGS)


def excerpt_duration_s(path: Path, start_s: float = 0.0, duration_s: float | None = None) -> float:
    """Length in seconds of the excerpt of the song that begins at `start_s` and lasts `duration_s`, at most up to its end.

    Raises InputError where less than 0.5 s is left, and as `probe_audio` does.
    """
    song_s = probe_audio(path).duration_s
    rest_s = song_s - start_s
    if rest_s < MIN_SONG_S:
        latest_s = song_s - MIN_SONG_S
        raise InputError("media.start_behind_the_end", length=song_s, start=start_s, latest=latest_s)
    excerpt_s = rest_s if duration_s is None else min(rest_s, duration_s)
    if excerpt_s < MIN_SONG_S:
        raise InputError("media.excerpt_too_short", length=excerpt_s, least=MIN_SONG_S)
    return excerpt_s


def read_audio_blocks(
    path: Path,
    sample_rate_hz: int,
    channels: int,
    block_samples: int,
    start_s: float = 0.0,
    duration_s: float | None = None,
) -> Iterator[FloatArray]:
    """Decode the sound of `path`, resampled and mixed to `channels` (1 or 2), in blocks of one length.

    start_s, duration_s: the excerpt, cut to the sample; it ends early where the song does. Two channels or more become one by
    `downmix.one_channel`, so that a voice whose sides are opposite is heard.
    Yields float32 (n, channels), finite, in [-1, 1] but for the overshoot of lossy codecs, of resampling and of float files; n is
    `block_samples`, less in the last block, which is never empty. Closing the iterator early ends ffmpeg.
    Raises InputError where the file can't be read.
    """
    source_channels = count_audio(path).channels
    decoded_channels = 2 if channels == 1 and source_channels > 1 else channels
    sound = ffmpeg_args.sound_filter(sample_rate_hz, decoded_channels, source_channels, start_s, duration_s)
    with closing(_decoded(path, sound, decoded_channels, block_samples)) as blocks:
        if decoded_channels == channels:
            yield from blocks
        else:
            yield from in_blocks(one_channel(blocks, sample_rate_hz), block_samples)


def _decoded(path: Path, sound: str, channels: int, block_samples: int) -> Generator[FloatArray]:
    """Blocks as ffmpeg gives them through the filter `sound`, which has so many channels."""
    frame_bytes = FLOAT_BYTES * channels
    try:
        with read_from(ffmpeg_args.read_sound_arguments(ffmpeg_path(), path, sound)) as run:
            while chunk := run.stdout.read(block_samples * frame_bytes):
                block = np.frombuffer(chunk, "<f4").astype(np.float32).reshape(-1, channels)
                if not np.isfinite(block).all():  # a float WAV can hold anything
                    block[~np.isfinite(block)] = 0.0
                yield block
    except FfmpegError as error:
        raise InputError(unreadable_song(path, error)) from error


def in_blocks(pieces: Iterable[FloatArray], block_samples: int) -> Iterator[FloatArray]:
    """The same sound in blocks of `block_samples`, but for the last."""
    waiting: list[FloatArray] = []
    count = 0
    for piece in pieces:
        waiting.append(piece)
        count += len(piece)
        if count >= block_samples:
            sound = np.concatenate(waiting)
            whole = count - count % block_samples
            yield from np.split(sound[:whole], whole // block_samples)
            waiting, count = [sound[whole:]], count - whole
    if count:
        yield np.concatenate(waiting)


def read_audio(
    path: Path, sample_rate_hz: int, channels: int, start_s: float = 0.0, duration_s: float | None = None
) -> FloatArray:
    """The excerpt as one float32 array (n, channels), otherwise as `read_audio_blocks`; for short pieces, as memory grows."""
    blocks = list(read_audio_blocks(path, sample_rate_hz, channels, sample_rate_hz * 10, start_s, duration_s))
    return np.concatenate(blocks) if blocks else np.zeros((0, channels), np.float32)
