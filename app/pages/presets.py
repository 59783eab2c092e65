"""Four ways to perform, offered as pictures: each sets three options of the order, which can be changed further."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString, lazy_gettext

from app.forms import OrderForm


@dataclass(frozen=True)
class Preset:
    """One of them. values: the options that it sets, as the form's fields take them."""

    name: str
    title: LazyString
    values: Mapping[str, str]


PRESETS: tuple[Preset, ...] = (
    Preset("calm", lazy_gettext("Calm"), {"expressiveness": "0.6", "head_motion": "0.4", "style": "auto"}),
    Preset("natural", lazy_gettext("Natural"), {"expressiveness": "1.0", "head_motion": "1.0", "style": "auto"}),
    Preset("lively", lazy_gettext("Lively"), {"expressiveness": "1.4", "head_motion": "1.5", "style": "happy"}),
    Preset("stage", lazy_gettext("On stage"), {"expressiveness": "1.8", "head_motion": "2.0", "style": "auto"}),
)


def preset_named(name: str | None) -> Preset | None:
    """The preset of that name; None where there is none."""
    return next((each for each in PRESETS if each.name == name), None)


def preset_of(form: OrderForm) -> str | None:
    """The name of the preset as which the form stands; None where it stands as none of them."""
    return next((each.name for each in PRESETS if all(is_set(form, *value) for value in each.values.items())), None)


def is_set(form: OrderForm, name: str, value: str) -> bool:
    """Whether the form's field has that value, however its number is written."""
    given = form[name].data
    return given == value or (name != "style" and str(given) in (value, value.removesuffix(".0"), f"{float(value):g}"))
