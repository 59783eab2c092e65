"""Options of a film in the person's words. Labels, hints and the names of choices stand in the declarations."""

from __future__ import annotations

from typing import Any

from flask_babel import format_decimal, gettext

from app.services.key_points import points_words
from core.option_kinds import SAFETY, Choice, Numbers, YesNo
from core.options import Declared
from pipeline.engine_list import ENGINES
from pipeline.film_option_kinds import FaceFrame, KeyPoints
from pipeline.film_settings import all_options


def said(text: str) -> str:
    """A text of a declaration, in the person's language; nothing stays nothing."""
    return gettext(text) if text else ""


def choice_words(option: Declared, value: Any) -> str:
    """The name of one choice."""
    titles = getattr(option.option.kind, "titles", {})
    return said(str(titles[value])) if value in titles else str(value)


def value_words(option: Declared, value: Any) -> str:
    """A value as a person reads it."""
    kind = option.option.kind
    if isinstance(kind, YesNo):
        return gettext("yes") if value else gettext("no")
    if isinstance(kind, KeyPoints):
        return points_words(value) or gettext("as the song asks")
    if value is None:
        return said(option.option.empty)
    if isinstance(kind, FaceFrame):
        return ", ".join(f"{edge:.0f}" for edge in value)
    if isinstance(kind, Numbers):
        return ", ".join(format_decimal(each) for each in value)
    if isinstance(kind, Choice) or hasattr(kind, "titles"):
        return choice_words(option, value)
    unit = getattr(kind, "unit", "")
    return (format_decimal(value) if isinstance(value, float) else str(value)) + (f" {unit}" if unit else "")


def option_of_film(name: str) -> Declared:
    """The option of that name. Raises StopIteration for one that is not there."""
    return next(each for each in all_options() if each.name == name)


def engine_name(name: str) -> str:
    """The engine's name for people; its own where nobody knows it any more."""
    return choice_words(option_of_film("engine"), name)


def engine_credit(name: str) -> str:
    """Whose work an engine is built on, as its licence asks; the pipeline writes the same into a film's metadata."""
    return next((said(engine.credit) for engine in ENGINES if engine.name == name), "")


def style_name(name: str) -> str:
    """A style in plain words."""
    return choice_words(option_of_film("style"), name)


def guide_rows() -> list[tuple[str, str, str]]:
    """Every option that the order's form offers: its name, what to know about it, and the values it takes."""
    rows = []
    for each in all_options():
        if not (each.on_pages and each.option.in_form and each.option.label and getattr(each.option.kind, "offered", True)):
            continue
        titles = getattr(each.option.kind, "titles", {})
        accepted = ", ".join(choice_words(each, value) for value in titles) if titles else range_words(each)
        rows.append((said(each.option.label), said(each.option.guide or each.option.hint), accepted))
    return rows


def range_words(option: Declared) -> str:
    """The ends of a range; nothing where there is none, or it is only there for safety."""
    kind = option.option.kind
    low, high, unit = getattr(kind, "low", None), getattr(kind, "high", None), getattr(kind, "unit", "")
    if low is None or high is None or high >= SAFETY:
        return ""
    ends = gettext("%(low)s to %(high)s", low=f"{low:g}", high=f"{high:g}")
    return f"{ends} {unit}".strip()
