"""The intensity of a film or a song as the pages draw it: a line over the waveform, and the same in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import format_decimal, gettext

from app.models import Song, Work
from app.option_words import style_name
from app.pages.view import wave_path
from app.texts import clock
from pipeline.film_option_kinds import points_json

#: Width of the drawing, in units of its own; it is 100 high.
WIDTH = 400
Points = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Curve:
    """A drawing as paths and lines of SVG, each empty where there is nothing to draw.

    wave: the sound of the part. automatic: the song's own curve, where another one is in effect. learned: that of the trained
    network that performs, likewise. effective: the curve in effect.
    duration_s: of the part. words: the curve in effect, for who does not see it. own: the song's own curve, for the script.
    """

    duration_s: float
    wave: str
    automatic: str = ""
    effective: str = ""
    words: str = ""
    own: Mapping[str, Any] | None = None
    learned: str = ""


def curve_of_film(film: Work) -> Curve | None:
    """The curve in effect in a film that is there; None for films that were made before there were any."""
    if film.emotion is None:
        return None
    emotion, duration_s = film.emotion, film_length_s(film)
    start_s = float(film.options.get("start_s") or 0.0)
    values, step_s, points = emotion["intensity"], float(emotion["step_s"]), emotion["points"]
    learned = emotion.get("learned", ())
    return Curve(
        duration_s,
        wave_of_part(film.song, start_s, duration_s),
        line_of_values(emotion["automatic"], step_s, duration_s) if points or learned else "",
        line_of_points(points, duration_s) if points else line_of_values(values, step_s, duration_s),
        words_of(values, step_s),
        learned=line_of_values(learned, step_s, duration_s) if points else "",
    )


def curve_of_order(
    song: Song, start_s: float, duration_s: float, known: Mapping[str, Any] | None, points: Points, is_learned: bool = False
) -> Curve:
    """What is known of the curve before the film: the song's own, where somebody asked for it, and the key points of the form.

    is_learned: whether a trained network performs, whose own curve is in effect then.
    """
    wave = wave_of_part(song, start_s, duration_s)
    effective = line_of_points(points, duration_s)
    if known is None:
        return Curve(duration_s, wave, effective=effective)
    values, step_s = known["automatic"], float(known["step_s"])
    learned = known.get("learned", ())
    own = {"step_s": step_s, "values": values, "points": points_json(known["automatic_points"])}
    own |= {"learned": learned, "learned_points": points_json(known.get("learned_points", ()))}
    line = line_of_values(values, step_s, duration_s)
    told = line_of_values(learned, step_s, duration_s) if is_learned else ""
    if effective:
        return Curve(duration_s, wave, line, effective, own=own, learned=told)
    if told:
        return Curve(duration_s, wave, line, told, words_of(learned, step_s), own)
    return Curve(duration_s, wave, effective=line, words=words_of(values, step_s), own=own)


def film_length_s(film: Work) -> float:
    """Length of the part that the film takes, in seconds."""
    start_s, duration_s = float(film.options.get("start_s") or 0.0), film.options.get("duration_s")
    return float(duration_s) if duration_s else film.song.duration_s - start_s


def wave_of_part(song: Song, start_s: float, duration_s: float) -> str:
    """SVG path of the waveform of a part of the song."""
    peaks, scale = song.waveform, len(song.waveform) / song.duration_s
    first = min(int(start_s * scale), max(len(peaks) - 1, 0))
    return wave_path(peaks[first : max(first + 1, round((start_s + duration_s) * scale))], WIDTH)


def place(time_s: float, value: float, duration_s: float) -> str:
    """A point of the drawing."""
    return f"{WIDTH * min(time_s / duration_s, 1.0):.1f},{100 - 100 * value:.1f}"


def line_of_values(values: Sequence[float], step_s: float, duration_s: float) -> str:
    """The points of an SVG polyline through values `step_s` seconds apart."""
    return " ".join(place(number * step_s, value, duration_s) for number, value in enumerate(values))


def line_of_points(points: Points, duration_s: float) -> str:
    """The points of an SVG polyline through key points, held before the first and after the last."""
    if not points:
        return ""
    held = [(0.0, points[0][1]), *points, (duration_s, points[-1][1])]
    return " ".join(place(time_s, value, duration_s) for time_s, value in held)


def words_of(values: Sequence[float], step_s: float) -> str:
    """The curve in a sentence."""
    if not values:
        return ""
    low, high = format_decimal(round(min(values), 2)), format_decimal(round(max(values), 2))
    return gettext(
        "From %(low)s to %(high)s, strongest at %(time)s.", low=low, high=high, time=clock(values.index(max(values)) * step_s)
    )


def style_parts(sections: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Begin, end and style of the parts of a film, those that follow one another in the same style as one."""
    joined: list[tuple[float, float, str]] = []
    for section in sections:
        start_s, stop_s, style = float(section["start_s"]), float(section["stop_s"]), str(section["style"])
        if joined and joined[-1][2] == style:
            start_s = joined.pop()[0]
        joined.append((start_s, stop_s, style))
    return [(clock(start_s), clock(stop_s), style_name(style)) for start_s, stop_s, style in joined]
