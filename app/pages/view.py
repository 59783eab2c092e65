"""What the pages draw, worked out of the rows: waveforms, frames around faces, tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from flask_babel import LazyString, format_decimal, gettext

from app.found_faces import FoundFace
from app.models import Picture, Work
from app.option_words import engine_credit, engine_name, said, value_words
from app.services.options import film_options
from app.texts import SIDES, clock
from app.wording import kept_in_words
from pipeline.film_settings import all_options, shared_options, value_of

#: How a measured value is written: to the hundredth, its thousands joined as in what is wanted of it.
VALUE_FORMAT = "0.##"
#: Signs of an option's value in one line with others.
LONGEST_VALUE = 40


def wave_path(peaks: Sequence[float], points: int) -> str:
    """An SVG path of the waveform in a box `points` wide and 100 high; the loudest peak fills it."""
    if not peaks:
        return f"M0 50H{points}"
    loudest = max(max(peaks), 1e-6)
    edges = [round(index * len(peaks) / points) for index in range(points + 1)]
    spans = [peaks[start : max(end, start + 1)] for start, end in pairwise(edges)]
    heights = [max(0.8, 47 * max(span, default=0.0) / loudest) for span in spans]
    upper = "".join(f"L{index} {50 - height:.1f}" for index, height in enumerate(heights))
    lower = "".join(f"L{index} {50 + heights[index]:.1f}" for index in range(len(heights) - 1, -1, -1))
    return f"M0 50{upper}L{points} 50{lower}Z"


@dataclass(frozen=True)
class DrawnFace:
    """A face's frame in the picture's pixels. text: size of its number. side: where it is. reason: why it can't sing.

    advice: what would make its film better. animal: whether it is most likely an animal's.
    """

    number: int
    x: float
    y: float
    width: float
    height: float
    text: float
    ok: bool
    side: str | LazyString
    reason: str | None
    advice: str | None
    animal: bool


def drawn_faces(picture: Picture, drawing: bool | None = None) -> list[DrawnFace]:
    """The faces of the picture, from left to right, as what it was found to be, or as what somebody says that it is."""
    return [drawn_face(picture, face) for face in picture.faces_as(picture.drawing if drawing is None else drawing)]


def drawn_face(picture: Picture, face: FoundFace) -> DrawnFace:
    """One face, its box clipped to the picture."""
    left, top, right, bottom = (min(1.0, max(0.0, float(edge))) for edge in face["box"])
    middle = (left + right) / 2
    reason, advice = face.get("reason"), face.get("advice")
    return DrawnFace(
        number=int(face["number"]),
        x=round(left * picture.width, 1),
        y=round(top * picture.height, 1),
        width=round((right - left) * picture.width, 1),
        height=round((bottom - top) * picture.height, 1),
        text=round(max(picture.height * 0.04, (right - left) * picture.width * 0.14), 1),
        ok=bool(face["ok"]),
        side=SIDES[0] if middle < 0.36 else SIDES[2] if middle > 0.64 else SIDES[1],
        reason=kept_in_words(reason) or None,
        advice=kept_in_words(advice) or None,
        animal=face.get("animal", False),
    )


def verdict_rows(film: Work) -> list[dict[str, Any]]:
    """The quality report's demands, in the person's language."""
    rows = (film.metrics or {}).get("verdicts") or []
    return [
        {
            "name": verdict_words(row, "name"),
            "value": "" if row["value"] is None else format_decimal(float(row["value"]), VALUE_FORMAT),
            "wanted": verdict_words(row, "wanted"),
            "passed": row["passed"],
            "reason": verdict_words(row, "reason"),
        }
        for row in rows
    ]


def verdict_words(row: Mapping[str, Any], name: str) -> str:
    """What a demand says of itself; a report of an earlier program has its English sentences alone."""
    return kept_in_words(row.get("messages", row).get(name))


def part_words(settings: dict[str, Any]) -> str:
    """Which part of the song a film takes."""
    start_s, duration_s = float(settings.get("start_s") or 0.0), settings.get("duration_s")
    if not start_s and duration_s is None:
        return gettext("the whole song")
    if duration_s is None:
        return gettext("from %(start)s on", start=clock(start_s))
    return gettext("%(start)s to %(end)s", start=clock(start_s), end=clock(start_s + float(duration_s)))


def option_rows(settings: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """The options of a film: its name, its value, whether it differs from the default.

    Those of one engine alone, and rare ones, only where they were changed; none that the film was ordered without knowing.
    """
    options, shared, rows = film_options(settings), shared_options(), []
    for each in all_options():
        if not each.option.label or each.name == "engine" or not each.on_pages:
            continue
        value = value_of(options, each)
        if value != each.default or (each in shared and not each.option.rare and each.name in settings):
            rows.append((said(each.option.label), value_words(each, value), value != each.default))
    return rows


def how_made(film: Work) -> str:
    """In one line: song, picture, part, and what differs from the defaults."""
    parts = [film.song.title, film.picture.title, part_words(film.options)]
    options = [f"{title} {shortened(value)}" for title, value, differs in option_rows(film.options) if differs]
    return " · ".join(parts + options)


def shortened(value: str) -> str:
    """The value in a line of its own length: of many key points, the first."""
    between = ";" if ";" in value else ","
    return value if len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE].rpartition(between)[0] + " …"


def film_facts(film: Work) -> list[tuple[str, str]]:
    """How the film was made, line by line."""
    rows = [
        (gettext("Song"), film.song.title),
        (gettext("Part"), part_words(film.options)),
        (gettext("Picture"), film.picture.title),
    ]
    if len(film.picture.faces_as(film.picture.drawing and not film.options.get("face"))) > 1 and film.options.get("face"):
        rows.append((gettext("Face"), str(film.options["face"])))
    engine = str((film.report or film.options).get("engine", "auto"))
    rows.append((gettext("Engine"), engine_name(engine)))
    if credit := engine_credit(engine):
        rows.append((gettext("Based on"), credit))
    rows += [(title, value) for title, value, _ in option_rows(film.options)]
    if film.report:
        rows.append((gettext("Size"), f"{film.report['width']} × {film.report['height']}"))
        rows.append((gettext("Length"), clock(round(float(film.report["duration_s"]), 1))))
        rows.append((gettext("Time it took"), clock(round(float(film.report["seconds"]["total"])))))
    return rows
