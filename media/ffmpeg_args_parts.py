"""Argument lists for films that are encoded in parts and joined without encoding again; see `media/ffmpeg_args.py`.

A part is an MPEG transport stream: streams of that kind that follow each other are one (ISO/IEC 13818-1), and each says at which
time its pictures are shown. x264 closes its groups of pictures, so that no picture of a part needs one of another.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from media.ffmpeg_args import (
    FILM_PIXELS,
    FilmJob,
    FilmSettings,
    file_url,
    film_sound_arguments,
    frame_rate,
    global_arguments,
    input_arguments,
    raw_frames_arguments,
    subtitle_arguments,
    video_arguments,
)

#: Where the first picture of a film lies in the parts' time, so that nothing that is decoded before it lies before 0.
BEGIN_S = 10
#: Ticks a second of the joined film's time at least, as ffmpeg has them where it encodes.
LEAST_TICKS_HZ = 10_000


def part_arguments(ffmpeg: str, target: Path, size: tuple[int, int], fps: float, first: int, settings: FilmSettings) -> list[str]:
    """Take frames in a film's colours from stdin, of which the first is the film's frame `first`; write them as one part."""
    rate = frame_rate(fps)
    begin_us = round(1_000_000 * (BEGIN_S + first / rate))
    return [
        *global_arguments(ffmpeg),
        *raw_frames_arguments(*size, rate, "pipe:0", FILM_PIXELS),
        *["-map", "0:v:0", "-map_metadata", "-1", *video_arguments(rate, settings, FILM_PIXELS)],
        *["-muxdelay", "0", "-muxpreload", "0", "-avoid_negative_ts", "disabled", "-output_ts_offset", f"{begin_us}us"],
        *["-f", "mpegts", "-y", file_url(target)],
    ]


def joined_arguments(ffmpeg: str, target: Path, job: FilmJob, settings: FilmSettings) -> list[str]:
    """Take a film's parts, one after the other, from stdin and the excerpt of the song, if any; write the film that
    `film_arguments` would, with the pictures as they are coded."""
    sound = job.song is not None
    return [
        *global_arguments(ffmpeg),
        *["-f", "mpegts", "-i", "pipe:0"],
        *(input_arguments(job.song) if job.song is not None else []),
        *(["-f", "srt", "-i", file_url(job.subtitles)] if job.subtitles is not None else []),
        *["-map", "0:v:0", *(["-map", "1:a:0"] if sound else []), "-map_metadata", "-1", "-map_chapters", "-1"],
        *(subtitle_arguments(2 if sound else 1) if job.subtitles is not None else []),
        *["-c:v", "copy", "-video_track_timescale", str(ticks_hz(frame_rate(job.fps)))],
        *(film_sound_arguments(job, settings) if sound else []),
        *[part for key, value in job.metadata.items() for part in ("-metadata", f"{key}={value}")],
        *["-movflags", "+faststart+use_metadata_tags", "-f", "mp4", "-y", file_url(target)],
    ]


def ticks_hz(rate: Fraction) -> int:
    """Ticks a second in which every frame lasts a whole number of them."""
    ticks = rate.numerator
    while ticks < LEAST_TICKS_HZ:
        ticks *= 2
    return ticks
