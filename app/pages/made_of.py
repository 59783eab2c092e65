"""Of what a work was made and how, as the library and the work's page tell it; a song's film has `view.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext

from app.models import Asset, Clip, Picture, Work
from app.option_words import choice_words, said, value_words
from app.pages.view import how_made
from app.texts import clock
from core.errors import BelcantoError
from core.options import Declared
from core.work import WorkKind
from pipeline.engine_list import ENGINES
from pipeline.lips_list import LIPS
from pipeline.work_kinds import kind_named
from pipeline.works.song_to_film import SONG_TO_FILM

#: Begin and length of the part of an input, by its role: the options' names.
PARTS = {**dict.fromkeys(("film", "driving"), ("start_s", "duration_s")), "sound": ("sound_start_s", "sound_duration_s")}
#: Signs of an option's value in one line with others.
LONGEST_VALUE = 40
Rows = list[tuple[str, str]]


def made_of(work: Work) -> str:
    """In one line: of what, which part of it, and which options differ from the defaults."""
    if work.kind == SONG_TO_FILM.name:
        return how_made(work)
    inputs = [" ".join(filter(None, (given.title, part_of(work, role)))) for role, given in inputs_of(work)]
    return " · ".join([*inputs, *(f"{title} {shortened(value)}" for title, value in changed_options(work))])


def work_facts(work: Work) -> Rows:
    """How the work was made, line by line."""
    words = {"picture": gettext("Picture"), "sound": gettext("Sound"), "film": gettext("Film")}
    rows = [
        (words.get(given.kind, role), ", ".join(filter(None, (given.title, part_of(work, role)))))
        for role, given in inputs_of(work)
    ]
    figures = work.figures or {}
    if figures.get("engine"):
        rows += engine_rows(work, str(figures["engine"]))
    rows += [row for row in changed_options(work) if "engine" not in figures or row[0] != gettext("Engine")]
    if "width" in figures:
        rows.append((gettext("Size"), f"{figures['width']} × {figures['height']}"))
    if "duration_s" in figures:
        rows.append((gettext("Length"), clock(round(float(figures["duration_s"]), 1))))
    if (took_s := (figures.get("seconds") or {}).get("total")) is not None:
        rows.append((gettext("Time it took"), clock(round(float(took_s)))))
    return rows


def inputs_of(work: Work) -> Iterator[tuple[str, Asset]]:
    """What it was made of, by role, in the order of its kind's card."""
    kind = kind_named(work.kind)
    for role in kind.inputs if kind is not None else work.inputs:
        if role in work.inputs:
            yield role, work.inputs[role].asset


def pictured(work: Work) -> Picture | Clip | None:
    """What shows whom the work is of: the picture or film that it was made of; None where there was none."""
    return next((given for _, given in inputs_of(work) if isinstance(given, Picture | Clip)), None)


def part_of(work: Work, role: str) -> str:
    """Which part of an input was taken; empty for the whole."""
    begin, length = PARTS.get(role, ("", ""))
    start_s, duration_s = float(work.options.get(begin) or 0.0), work.options.get(length)
    if duration_s is not None:
        return gettext("%(start)s to %(end)s", start=clock(start_s), end=clock(start_s + float(duration_s)))
    return gettext("from %(start)s on", start=clock(start_s)) if start_s else ""


def engine_rows(work: Work, name: str) -> Rows:
    """The engine that made it, and whose work that is built on."""
    kind = kind_named(work.kind)
    option = next((each for each in options_of(kind) if each.name == "engine"), None)
    rows = [(gettext("Engine"), choice_words(option, name) if option is not None else name)]
    cards = LIPS if kind is not None and "film" in kind.inputs else ENGINES
    credit = next((said(card.credit) for card in cards if card.name == name), "")
    return [*rows, (gettext("Based on"), credit)] if credit else rows


def changed_options(work: Work) -> Rows:
    """The options that differ from their defaults and have a name on pages."""
    return [
        (said(each.option.label), words)
        for each in options_of(kind_named(work.kind))
        if each.option.label and each.on_pages and (words := changed_words(each, work.options))
    ]


def changed_words(option: Declared, options: Mapping[str, Any]) -> str:
    """The option's value in words; empty where it is the default, or none that this program can read."""
    try:
        value = option.read(options.get(option.name))
    except BelcantoError:  # of another version of the program
        return ""
    return "" if value == option.default else value_words(option, value)


def options_of(kind: WorkKind | None) -> tuple[Declared, ...]:
    """The options of a kind; none of one that this program does not know."""
    return () if kind is None else kind.all_options()


def shortened(value: str) -> str:
    """The value in a line of its own length."""
    line = " ".join(value.split())
    return line if len(line) <= LONGEST_VALUE else line[: LONGEST_VALUE - 2].rstrip() + " …"
