"""Emotion over a film's time as a person sees and edits it: key points of the intensity, and the curve and styles in effect.

A key point says how strongly the performer feels at one moment: a time in seconds from the film's first frame and an intensity
from 0 (calm) to 1 (all that the voice has). Between two points the intensity runs in a straight line; before the first and after
the last it is held. No points at all: the curve is the one found in the song.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np

from core.contracts import Emotion, FloatArray, Points, StyledSection
from core.errors import InputError

StyleChoice = Literal["auto", "neutral", "happy", "sad", "angry", "surprised"]

#: More key points than this are no longer edited by hand: two a second for eight minutes.
MOST_POINTS = 1000
#: Bytes of a file of key points; a thousand points take a fiftieth of it.
MOST_FILE_BYTES = 1_000_000
#: Distance in seconds of the values in a report.
REPORT_STEP_S = 0.5
#: How far, in intensity, a curve told by key points may lie from the curve itself.
POINT_TOLERANCE = 0.03
#: Name of the film's metadata that hold its emotion.
EMOTION_TAG = "emotion"
#: Bars of a sparkline, and those for a terminal that knows ASCII alone.
BARS, ASCII_BARS = "▁▂▃▄▅▆▇█", "_.-:=+*#"
NAME = "the intensity (--intensity)"


def check_points(points: Iterable[Sequence[float]]) -> Points:
    """The points as pairs of numbers. Raises `InputError` where one is no pair, out of range or order, or they are too many."""
    checked: list[tuple[float, float]] = []
    for number, point in enumerate(points, start=1):
        if number > MOST_POINTS:
            raise InputError("motion.too_many_key_points", count=MOST_POINTS)
        try:
            time_s, value = (float(part) for part in point)
        except (TypeError, ValueError) as error:
            raise InputError("motion.key_point_no_pair", number=number) from error
        if not (math.isfinite(time_s) and time_s >= 0):
            raise InputError("motion.key_point_before_the_start", number=number, time=time_s)
        if not 0 <= value <= 1:
            raise InputError("motion.key_point_out_of_range", number=number, value=value)
        if checked and time_s <= checked[-1][0]:
            raise InputError("motion.key_points_go_back", time=time_s, before=checked[-1][0])
        checked.append((time_s, value))
    return tuple(checked)


def check_within(points: Points, duration_s: float, fps: float) -> None:
    """Raises `InputError` where a key point lies beyond the end of a film of `duration_s`; one frame more is let pass."""
    if points and points[-1][0] > duration_s + 1.0 / fps:
        raise InputError("motion.key_point_beyond_the_end", time=points[-1][0], end=duration_s)


def parse_points(text: str) -> Points:
    """Points from `SECONDS:VALUE,SECONDS:VALUE`; nothing gives none. Raises `InputError`. Opens no file, whatever the text."""
    points = []
    for part in text.replace("\n", ",").split(","):
        if not part.strip():
            continue
        try:
            time_s, value = part.split(":")
            points.append((float(time_s), float(value)))
        except ValueError as error:
            raise InputError("motion.key_point_unreadable", text=part.strip()[:40]) from error
    return check_points(points)


def points_of_argument(argument: str) -> Points:
    """Points from a command line's word: `parse_points`, or `@FILE` for a file that `read_points` reads. Raises `InputError`."""
    return read_points(Path(argument[1:])) if argument.startswith("@") else parse_points(argument)


def read_points(path: Path) -> Points:
    """Points from a CSV file with the columns time in seconds and value; a line of titles may stand first.

    Raises `InputError` where the file can't be read or a line holds no point.
    """
    try:
        if path.stat().st_size > MOST_FILE_BYTES:
            raise InputError("motion.key_point_file_too_large", path=path, most=MOST_POINTS)
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise InputError("motion.key_point_file_unreadable", path=path, reason=error.strerror) from error
    except UnicodeDecodeError as error:
        raise InputError("motion.key_point_file_no_text", path=path) from error
    points = []
    separator = ";" if lines and ";" in lines[0] else "\t" if lines and "\t" in lines[0] else ","
    for number, row in enumerate(csv.reader(lines, delimiter=separator), start=1):
        if not any(cell.strip() for cell in row):
            continue
        try:
            time_s, value = (float(cell) for cell in row)
        except ValueError as error:
            if number == 1 and len(row) == 2 and not any(character.isdigit() for character in "".join(row)):
                continue
            raise InputError("motion.key_point_line_unreadable", number=number, path=path) from error
        points.append((time_s, value))
    return check_points(points)


def points_text(points: Iterable[tuple[float, float]]) -> str:
    """The points as `parse_points` reads them, to the hundredth."""
    return ",".join(f"{time_s:.2f}".rstrip("0").rstrip(".") + f":{value:.2f}" for time_s, value in points)


def few_points(values: Sequence[float], step_s: float, tolerance: float = POINT_TOLERANCE) -> Points:
    """Few key points whose straight lines stay within `tolerance` of `values`, which lie `step_s` apart.

    Ramer (1972), Douglas and Peucker (1973), with the distance measured in the value alone. They are never more than
    `MOST_POINTS`: for a film of many hours the tolerance grows.
    """
    if not values:
        return ()
    kept = _bends(values, tolerance)
    while len(kept) > MOST_POINTS:
        tolerance *= 1.5
        kept = _bends(values, tolerance)
    return tuple((round(index * step_s, 3), round(values[index], 2)) for index in sorted(kept))


def _bends(values: Sequence[float], tolerance: float) -> set[int]:
    """Indices of the values that are needed."""
    kept = {0, len(values) - 1}
    pieces = [(0, len(values) - 1)]
    while pieces:
        first, last = pieces.pop()
        rise = (values[last] - values[first]) / max(last - first, 1)
        away = [abs(values[k] - values[first] - rise * (k - first)) for k in range(first + 1, last)]
        if away and max(away) > tolerance:
            middle = first + 1 + away.index(max(away))
            kept.add(middle)
            pieces += [(first, middle), (middle, last)]
    return kept


def emotion_of_curves(
    style: str,
    sections: Iterable[tuple[float, float, str]],
    intensity: Sequence[float],
    automatic: Sequence[float],
    rate_hz: float,
    duration_s: float,
    points: Points,
) -> Emotion:
    """The report of curves at `rate_hz` values a second that cover `duration_s`; sections are (start_s, stop_s, style)."""
    told, found = (reported(curve, rate_hz, duration_s) for curve in (intensity, automatic))
    parts = tuple(
        StyledSection(round(start_s, 3), round(min(stop_s, duration_s), 3), name)
        for start_s, stop_s, name in sections
        if start_s < duration_s
    )
    return Emotion(style, parts, REPORT_STEP_S, told, found, points, few_points(found, REPORT_STEP_S))


def reported(curve: Sequence[float], rate_hz: float, duration_s: float) -> tuple[float, ...]:
    """The values of a curve at `rate_hz` that a report of `duration_s` tells, `REPORT_STEP_S` apart, the first at 0 s."""
    places = [round(step * REPORT_STEP_S * rate_hz) for step in range(int(duration_s / REPORT_STEP_S) + 1)]
    return tuple(round(float(curve[min(place, len(curve) - 1)]), 3) for place in places)


def value_at(points: Points, times_s: FloatArray) -> FloatArray:
    """The intensity (T,) that key points, of which there is one at least, tell of moments (T,) in seconds: straight lines between
    them, held before and after."""
    moments, values = np.asarray(points, dtype=np.float64).T
    return np.interp(times_s, moments, values).astype(np.float32)


def emotion_tag(emotion: Emotion) -> str:
    """The emotion in effect as JSON for a film's metadata: the style asked for, that of every section, the intensity."""
    sections = [[part.start_s, part.stop_s, part.style] for part in emotion.sections]
    points = emotion.points or few_points(emotion.intensity, emotion.step_s)
    return json.dumps({"style": emotion.style, "sections": sections, "intensity": points_text(points)})


def sparkline(values: Sequence[float], width: int = 72, bars: str = BARS) -> str:
    """A line of at most `width` of the `bars`, low to high, for values in [0, 1], each the mean of its part."""
    columns = min(width, len(values))
    edges = [round(column * len(values) / columns) for column in range(columns + 1)] if columns else [0]
    means = [sum(values[low:high]) / (high - low) for low, high in pairwise(edges)]
    return "".join(bars[min(len(bars) - 1, int(mean * len(bars)))] for mean in means)
