"""What the pages draw, worked out of the rows: waveforms, frames around faces, tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from flask_babel import LazyString, format_decimal, gettext

from app.models import Film, FoundFace, Picture
from app.services.key_points import points_words
from app.services.options import FilmOptions
from app.texts import CREDITS, ENGINES, IN_BETWEEN, LIPS, POSES, PREPROCESS, SIDES, STYLES, clock
from app.wording import kept_in_words

#: Signs of an option's value in one line with others.
LONGEST_VALUE = 40
DEFAULTS: dict[str, Any] = {"expressiveness": 1.0, "head_motion": 1.0, "fps": 25.0, "seed": 0, "height": None, "label": False}


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


def verdict_rows(film: Film) -> list[dict[str, Any]]:
    """The quality report's demands, in the person's language."""
    rows = (film.metrics or {}).get("verdicts") or []
    return [
        {
            "name": verdict_words(row, "name"),
            "value": "" if row["value"] is None else format_decimal(round(float(row["value"]), 2)),
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


def engine_name(name: str) -> str:
    """The engine's name for people; its own where the pages know no other."""
    return str(ENGINES.get(name, name))


def option_rows(settings: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """Every option of a film: its name, its value, whether it differs from the default."""
    height = settings.get("height")
    values = {
        "height": (gettext("Height"), gettext("%(height)s px", height=height) if height else gettext("the picture's own")),
        "expressiveness": (gettext("Expressiveness"), format_decimal(settings.get("expressiveness", 1.0))),
        "head_motion": (gettext("Head motion"), format_decimal(settings.get("head_motion", 1.0))),
        "fps": (gettext("Frames per second"), format_decimal(settings.get("fps", 25.0))),
        "seed": (gettext("Take"), str(settings.get("seed", 0))),
        "label": (gettext("Visible label"), gettext("yes") if settings.get("label") else gettext("no")),
    }
    rows = [(title, value, settings.get(name, DEFAULTS[name]) != DEFAULTS[name]) for name, (title, value) in values.items()]
    return emotion_rows(settings) + rows + engine_rows(settings)


def engine_rows(settings: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """Those of its options that were changed and speak of one engine, or of networks around it, as `option_rows`."""
    options, default = FilmOptions.from_mapping(settings), FilmOptions()
    words = {
        "restore": (gettext("Restored share of the face"), format_decimal(options.restore)),
        "in_between": (gettext("Frames in between"), str(IN_BETWEEN.get(options.in_between, options.in_between))),
        "allow_animals": (gettext("An animal may sing"), gettext("yes") if options.allow_animals else gettext("no")),
        "turn_back": (gettext("Lies as the picture did"), gettext("yes") if options.turn_back else gettext("no")),
        "frame": (gettext("Frame of the face"), ", ".join(f"{edge:.0f}" for edge in options.frame or ())),
        "size": (gettext("Pixels of the head"), str(options.size)),
        "preprocess": (gettext("What the film shows"), str(PREPROCESS.get(options.preprocess, options.preprocess))),
        "pose": (gettext("What moves the head"), str(POSES.get(options.pose, options.pose))),
        "pose_style": (gettext("Manner of the head"), str(options.pose_style)),
        "yaw": (gettext("Turn to the side, in degrees"), ", ".join(format_decimal(turn) for turn in options.yaw)),
        "pitch": (gettext("Nod, in degrees"), ", ".join(format_decimal(turn) for turn in options.pitch)),
        "roll": (gettext("Tip to the shoulder, in degrees"), ", ".join(format_decimal(turn) for turn in options.roll)),
    }
    return [(*words[name], True) for name in words if getattr(options, name) != getattr(default, name)]


def emotion_rows(settings: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """Those of its options that speak of emotion, as `option_rows`; none for films that were made before there were any."""
    options, rows = FilmOptions.from_mapping(settings), []
    if "style" in settings:
        rows.append((gettext("Emotion"), str(STYLES.get(options.style, options.style)), options.style != "auto"))
    if "intensity" in settings:
        curve = points_words(options.intensity) or gettext("as the song asks")
        rows.append((gettext("Intensity over time"), curve, bool(options.intensity)))
    if "lips" in settings:
        rows.append((gettext("Lips"), str(LIPS.get(options.lips, options.lips)), options.lips != FilmOptions.lips))
    return rows


def how_made(film: Film) -> str:
    """In one line: song, picture, part, and what differs from the defaults."""
    parts = [film.song.title, film.picture.title, part_words(film.settings)]
    options = [f"{title} {shortened(value)}" for title, value, differs in option_rows(film.settings) if differs]
    return " · ".join(parts + options)


def shortened(value: str) -> str:
    """The value in a line of its own length: of many key points, the first."""
    between = ";" if ";" in value else ","
    return value if len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE].rpartition(between)[0] + " …"


def film_facts(film: Film) -> list[tuple[str, str]]:
    """How the film was made, line by line."""
    rows = [
        (gettext("Song"), film.song.title),
        (gettext("Part"), part_words(film.settings)),
        (gettext("Picture"), film.picture.title),
    ]
    if len(film.picture.faces_as(film.picture.drawing and not film.settings.get("face"))) > 1 and film.settings.get("face"):
        rows.append((gettext("Face"), str(film.settings["face"])))
    engine = str((film.report or film.settings).get("engine", "auto"))
    rows.append((gettext("Engine"), engine_name(engine)))
    if engine in CREDITS:
        rows.append((gettext("Built on"), str(CREDITS[engine])))
    rows += [(title, value) for title, value, _ in option_rows(film.settings)]
    if film.report:
        rows.append((gettext("Size"), f"{film.report['width']} × {film.report['height']}"))
        rows.append((gettext("Length"), clock(round(float(film.report["duration_s"]), 1))))
        rows.append((gettext("Time it took"), clock(round(float(film.report["seconds"]["total"])))))
    return rows
