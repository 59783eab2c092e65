"""A song's length and waveform for the pages, in one pass that never holds the song."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import InputError
from core.timebase import samples_to_seconds
from media import ffmpeg_args
from media.ffmpeg_run import Ffmpeg, FfmpegError, ffmpeg_path, read_from
from media.media_files import ACCEPTED_SONGS, check_media_file
from media.sound_reader import AU_BYTES_PER_SAMPLE, AU_HEADER, MIN_SONG_S, READ_BYTES, samples_of, unreadable_song

MAX_PEAKS = 800
#: No song may bring more sound than the longest one in stereo at 192 kHz: samples a second, of all channels.
MOST_SAMPLES_PER_S = 2 * 192_000
#: Length of the stretches whose peaks are kept until the song's length is known.
STRETCH_S = 0.02


@dataclass(frozen=True)
class SongShape:
    """duration_s: counted in decoded samples. peaks: at most 800, 0 to 1, evenly spaced, the loudest 1 (all 0 for silence).

    container: ffmpeg's name of it, for example `mov,mp4,m4a,3gp,3g2,mj2`. has_pictures: whether it is a film; a cover is none.
    """

    duration_s: float
    peaks: tuple[float, ...]
    container: str
    has_pictures: bool


def read_shape(path: Path, max_duration_s: float) -> SongShape:
    """Decode the song once.

    Raises InputError where it can't be decoded, is shorter than 0.5 s, or longer than `max_duration_s`: then no more than that is
    decoded, however long it claims to be; and for more sound than the longest song has in stereo at 192 kHz, which is seen before
    anything is decoded where the file itself says how long it is.
    """
    check_media_file(path, "song", ACCEPTED_SONGS)
    try:
        with read_from(ffmpeg_args.probe_sound_arguments(ffmpeg_path(), path)) as run:
            frames, sample_rate_hz, stretches = count_and_shape(run, path, max_duration_s)
            run.wait()
            log = run.log()
    except FfmpegError as error:
        raise InputError(unreadable_song(path, error)) from error
    if frames == 0:
        raise InputError("media.song_without_decodable_sound", name=path.name, accepted=ACCEPTED_SONGS)
    duration_s = samples_to_seconds(frames, sample_rate_hz)
    if duration_s < MIN_SONG_S:
        raise InputError("media.song_too_short", name=path.name, length=duration_s, least=MIN_SONG_S)
    container = re.search(r"^Input #0, (\S+), from", log, re.MULTILINE)
    films = [line for line in re.findall(r"Stream #0:\d+.*?: Video: .*", log) if "(attached pic)" not in line]
    return SongShape(duration_s, as_peaks(stretches), container[1] if container else "", bool(films))


def count_and_shape(run: Ffmpeg, path: Path, max_duration_s: float) -> tuple[int, int, list[float]]:
    """Samples a channel, sample rate, and the loudest value of every stretch, 0 to 1, of the AU stream that ffmpeg writes."""
    header = run.stdout.read(AU_HEADER.size)
    if len(header) < AU_HEADER.size:
        return 0, 1, []
    _, header_bytes, _, _, sample_rate_hz, channels = AU_HEADER.unpack(header)
    run.stdout.read(header_bytes - AU_HEADER.size)
    most_frames = max_duration_s * MOST_SAMPLES_PER_S / channels
    if declared_s(run.log()) * sample_rate_hz > most_frames:
        raise too_much_sound(path, sample_rate_hz, channels, most_frames)
    frame_bytes = AU_BYTES_PER_SAMPLE * channels
    stretch_bytes = max(1, round(STRETCH_S * sample_rate_hz)) * frame_bytes
    block_bytes = max(1, READ_BYTES // stretch_bytes) * stretch_bytes
    frames, stretches = 0, []
    while block := run.stdout.read(block_bytes):
        frames += len(block) // frame_bytes
        if frames > max_duration_s * sample_rate_hz:
            raise InputError("media.song_too_long", name=path.name, count=max_duration_s / 60)
        if frames > most_frames:
            raise too_much_sound(path, sample_rate_hz, channels, most_frames)
        stretches += loudest(block, stretch_bytes)
    return frames, sample_rate_hz, stretches


def declared_s(log: str) -> float:
    """How long the file says that it lasts, in seconds, by what ffmpeg wrote when it opened it; 0 where it does not say."""
    found = re.search(r"^ *Duration: (\d+):(\d\d):(\d\d\.\d+)", log, re.MULTILINE)
    return 3600.0 * int(found[1]) + 60.0 * int(found[2]) + float(found[3]) if found else 0.0


def too_much_sound(path: Path, sample_rate_hz: int, channels: int, most_frames: float) -> InputError:
    """The error for a song that would take too long to decode."""
    most_s = samples_to_seconds(int(most_frames), sample_rate_hz)
    return InputError(
        "media.song_with_too_much_sound", name=path.name, channels=channels, rate_khz=sample_rate_hz / 1000, most_s=most_s
    )


def loudest(block: bytes, stretch_bytes: int) -> list[float]:
    """The loudest value of every stretch in a block of the AU stream; full scale is 1."""
    values = samples_of(block)
    starts = np.arange(0, len(values), stretch_bytes // AU_BYTES_PER_SAMPLE)
    return np.maximum.reduceat(values, starts).tolist() if len(values) else []


def as_peaks(stretches: list[float]) -> tuple[float, ...]:
    """At most 800 peaks of the stretches, scaled so that the loudest is 1."""
    values = np.asarray(stretches)
    starts = np.unique(np.linspace(0, len(values), min(MAX_PEAKS, len(values)), endpoint=False).astype(int))
    peaks = np.maximum.reduceat(values, starts)
    top = peaks.max()
    return tuple(np.round(peaks / top, 3).tolist()) if top > 0 else (0.0,) * len(peaks)
