"""Opens a film as source of frames: finds out, before anything long is done, what its pictures need and how many there are."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from core.errors import InputError
from core.messages import Message, message
from media import film_source_args
from media.ffmpeg_run import FfmpegError, ffmpeg_path, read_from
from media.film_reader import packet_times, read_ppm, unreadable_film
from media.film_source import FilmSource
from media.film_source_args import Pictures
from media.media_files import ACCEPTED_FILMS, check_media_file

#: Rates that films have; a measured one this near to one of them, as a part of it, is that one.
USUAL_RATES = tuple(Fraction(rate) for rate in ("24000/1001", "24", "25", "30000/1001", "30", "48", "50", "60000/1001", "60"))
NEAR_A_RATE, NEAR_WHERE_IT_VARIES = 4e-4, 0.015
#: With fewer frames a second nothing could speak: such a film gets `SLOW_FILMS_RATE`. A faster one than `MOST_FPS` gets that.
LEAST_FPS, SLOW_FILMS_RATE, MOST_FPS = 10, Fraction(25), Fraction(60)
#: A film's rate varies where a frame lasts this much longer or shorter than the usual one, as a part of it.
VARYING = 0.2
#: Containers that know where each picture lies.
SEEKABLE = ("mov,mp4", "matroska")
#: What ffmpeg says of a stream of pictures, of the sound, and of the fields that it saw.
PICTURES_LINE = re.compile(r"Stream #0:\d+.*?: Video: [^\n]*")
COLOURS = re.compile(r", \w+\((?P<colours>[^)]*)\), ")
SOUND_LINE = re.compile(r"Stream #0:\d+.*?: Audio: .*?, \d+ Hz, (?P<layout>[^,\n]+)")
FIELDS = re.compile(r"Multi frame detection: TFF: *(\d+) *BFF: *(\d+) *Progressive: *(\d+)")
INTERLACED_WORDS = ("top first", "bottom first", "top coded first", "bottom coded first")


@dataclass(frozen=True)
class Outline:
    """What a film's packets and head tell. begin_s, end_s: of the pictures, in the file's own time. intervals_s: between them."""

    begin_s: float
    end_s: float
    intervals_s: tuple[float, ...]
    colours: str
    sound_channels: int
    seekable: bool


def open_film(path: Path, start_s: float = 0.0, duration_s: float | None = None) -> FilmSource:
    """Look at a film, or at a part of it: all its packets, the first second of its pictures, and no more.

    start_s: of the part, at least 0; it begins with the nearest frame. duration_s: how long it is at most; None: to the end.
    Raises InputError, in one sentence, for what is no film, has no pictures, can't be decoded or ends before `start_s`.
    """
    check_media_file(path, "film", ACCEPTED_FILMS)
    try:
        outline = outline_of(path)
        rate, varies = rate_of(outline.intervals_s)
        pictures = Pictures(rate, is_interlaced(path, outline.colours), outline.colours)
        first, count = part_of(outline, rate, start_s, duration_s)
        begin_s = outline.begin_s + float(first / rate)
        shown = shown_size(path, pictures, begin_s if outline.seekable else outline.begin_s)
    except FfmpegError as error:
        raise InputError(unreadable_film(path, error)) from error
    even = tuple(side + side % 2 for side in shown)
    return FilmSource(
        path=path,
        start_s=float(first / rate),
        fps=float(rate),
        width=even[0],
        height=even[1],
        count=count,
        sound_channels=outline.sound_channels,
        notes=tuple(notes_on(pictures, varies, shown)),
        pictures=pictures,
        begin_s=begin_s,
        shown=shown,
        seekable=outline.seekable,
    )


def outline_of(path: Path) -> Outline:
    """Read the film's packets. Raises InputError where none of them is a picture's."""
    with read_from(film_source_args.list_packets_arguments(ffmpeg_path(), path)) as run:
        time_base, times, lengths = packet_times(run.stdout)
        run.wait()
        log = run.log().partition("Stream mapping:")[0]
    shown = [index for index, time in enumerate(times) if time >= 0]  # what an edit list cuts off lies before 0
    lines = [line for line in PICTURES_LINE.findall(log) if "attached pic" not in line]
    if not shown or not lines:
        raise InputError("media.film_without_pictures", name=path.name, accepted=ACCEPTED_FILMS)
    last = max(shown, key=lambda index: times[index])
    stamps = sorted({times[index] for index in shown})
    intervals = [float(interval * time_base) for interval in np.diff(stamps).tolist()]
    length_s = float(lengths[last] * time_base) or (statistics.median(intervals) if intervals else 1 / float(SLOW_FILMS_RATE))
    colours, sound = COLOURS.search(lines[0]), SOUND_LINE.search(log)
    return Outline(
        begin_s=float(stamps[0] * time_base),
        end_s=float(stamps[-1] * time_base) + length_s,
        intervals_s=tuple(intervals),
        colours=colours["colours"] if colours else "",
        sound_channels=0 if sound is None else 1 if sound["layout"].strip() == "mono" else 2,
        seekable=any(f"Input #0, {container}" in log for container in SEEKABLE),
    )


def rate_of(intervals_s: Sequence[float]) -> tuple[Fraction, bool]:
    """Frames a second that suit a film with these times between its pictures, and whether they vary.

    A varying one gets the rate that most of it has; no time stamps but the pictures' own count, since headers are often wrong.
    """
    if not intervals_s:
        return SLOW_FILMS_RATE, False
    usual_s = statistics.median(intervals_s)
    common = [interval for interval in intervals_s if abs(interval - usual_s) <= VARYING * usual_s]
    if sum(common) <= 0:  # none is like another, as in a film of three pictures, or a damaged head says that no time goes by
        return SLOW_FILMS_RATE, len(set(intervals_s)) > 1
    varies = len(common) < len(intervals_s)
    measured = len(common) / sum(common)
    if measured < LEAST_FPS:
        return SLOW_FILMS_RATE, varies
    near = min(USUAL_RATES, key=lambda rate: abs(float(rate) - measured))
    tolerance = NEAR_WHERE_IT_VARIES if varies else NEAR_A_RATE
    rate = near if abs(float(near) / measured - 1) <= tolerance else Fraction(measured).limit_denominator(1001)
    return min(rate, MOST_FPS), varies


def is_interlaced(path: Path, colours: str) -> bool:
    """Whether the film's frames hold two fields each, by what it says of itself and what its first frames show.

    A film that says so, and shows no sign of it, as still pictures and films told wrongly do, is believed unless it shows whole
    frames. One that says that it is progressive is believed at once.
    """
    told = any(words in colours for words in INTERLACED_WORDS)
    if not told and "progressive" in colours:
        return False
    with read_from(film_source_args.look_for_fields_arguments(ffmpeg_path(), path)) as run:
        run.wait()
        found = FIELDS.findall(run.log())
    upper, lower, whole = (int(count) for count in found[-1]) if found else (0, 0, 0)
    return upper + lower > whole or (told and whole == 0)


def part_of(outline: Outline, rate: Fraction, start_s: float, duration_s: float | None) -> tuple[int, int]:
    """First frame of a part of the film, and how many it has, at least one. Raises InputError where it begins behind the end."""
    total = max(1, round((outline.end_s - outline.begin_s) * rate))
    first = round(start_s * rate)
    if first >= total:
        raise InputError("media.film_start_behind_the_end", length=outline.end_s - outline.begin_s, start=start_s)
    wanted = total - first if duration_s is None else max(1, round(duration_s * rate))
    return first, min(wanted, total - first)


def shown_size(path: Path, pictures: Pictures, begin_s: float) -> tuple[int, int]:
    """Width and height in pixels of the frames, upright and in square pixels, by the first of them."""
    with read_from(film_source_args.first_picture_arguments(ffmpeg_path(), path, pictures, begin_s)) as run:
        picture = read_ppm(run.stdout)
        run.wait()
    if picture is None:
        raise InputError("media.film_without_pictures", name=path.name, accepted=ACCEPTED_FILMS)
    return picture.shape[1], picture.shape[0]


def notes_on(pictures: Pictures, varies: bool, shown: tuple[int, int]) -> list[Message]:
    """What was done to the film's pictures, where a person would wonder."""
    notes = []
    if varies:
        notes.append(message("media.film_rate_made_constant", fps=float(pictures.rate)))
    if pictures.interlaced:
        notes.append(message("media.film_deinterlaced"))
    if pictures.hdr:
        notes.append(message("media.film_tone_mapped"))
    if shown[0] % 2 or shown[1] % 2:
        notes.append(message("media.film_made_even", width=shown[0], height=shown[1]))
    return notes
