"""The order's fields in groups, and what their choices look like: two seconds of the demo's portrait each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import LazyString, format_decimal, lazy_gettext
from wtforms import Field

from app.forms import OrderForm
from app.option_words import choice_words
from core.errors import InputError
from core.option_kinds import Number
from core.options import Declared
from pipeline.film_choices import CHOICES, film_of


@dataclass(frozen=True)
class ShownChoice:
    """One of them. value: as the form's field takes it; film: its name without an ending among the films of choices.

    chosen: whether the form stands so.
    """

    value: str
    title: str
    film: str
    chosen: bool


@dataclass(frozen=True)
class Group:
    """Fields of the order that belong together, each with its hint."""

    title: LazyString
    fields: Sequence[tuple[Field, str]]


#: The order's fields by what they change; what is named nowhere comes last.
GROUPS = (
    (lazy_gettext("How it moves"), ("expressiveness", "head_motion", "lips", "seed")),
    (lazy_gettext("How it looks"), ("look", "look_scale", "restore")),
    (lazy_gettext("Size and pictures a second"), ("height", "fps", "in_between")),
)
REST = lazy_gettext("Who draws it, and more")


def shown_choices(form: OrderForm, name: str) -> list[ShownChoice]:
    """What an option's choices look like; none where that is not shown."""
    if name not in form.declared:
        return []
    option = form.declared[name]
    given = form[name].data
    return [
        ShownChoice(each, title_of(option, each), film_of(name, each), is_the_same(option, given, each))
        for each in CHOICES.get(name, ())
    ]


def is_the_same(option: Declared, given: object, value: str) -> bool:
    """Whether the field holds that value, however it is written."""
    try:
        return bool(option.read(given) == option.read(value))
    except InputError:  # what a person typed may be no value at all
        return False


def title_of(option: Declared, value: str) -> str:
    """The choice in words, of a slider its number."""
    return format_decimal(float(value)) if isinstance(option.option.kind, Number) else choice_words(option, value)


def groups_of(form: OrderForm) -> list[Group]:
    """The fields of "More" that are no engine's, in their groups."""
    left = {field.name: (field, hint) for field, hint in form.section("")}
    groups = [Group(title, [left.pop(each) for each in names if each in left]) for title, names in GROUPS]
    return [each for each in (*groups, Group(REST, list(left.values()))) if each.fields]
