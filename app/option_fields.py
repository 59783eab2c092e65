"""The order's form, made of the declared options (`core/options.py`): a field for each that is chosen there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, SelectChoice, SelectField, StringField
from wtforms.widgets import NumberInput, RangeInput, TextArea

from app.option_words import choice_words, said
from app.wording import in_person_words
from core.errors import BelcantoError
from core.option_kinds import Number, Text, Whole, YesNo
from core.options import Declared, declared_options
from pipeline.engine_list import ENGINES
from pipeline.film_settings import all_options, shared_options

PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class OptionField(StringField):
    """A field that is read as the option says; what it does not take is told below it."""

    def __init__(self, label: str, option: Declared, **given: Any) -> None:
        super().__init__(label, **given)
        self.option = option

    def process_formdata(self, valuelist: list[str]) -> None:
        """Raises ValueError with the sentence for a text that can't be used."""
        super().process_formdata(valuelist)
        try:
            self.option.read(self.data)
        except BelcantoError as error:
            raise ValueError(in_person_words(error)) from error


def offered(options: Iterable[Declared]) -> Iterator[Declared]:
    """Those of the options that have a field in the form."""
    there = (each for each in options if getattr(each.option.kind, "offered", True))
    return (each for each in there if each.on_pages and each.option.in_form and each.option.label)


def form_options() -> Iterator[Declared]:
    """Every option of the form: those of every film, then those of one engine alone."""
    return offered(all_options())


def field_of(option: Declared) -> Any:
    """The field of one option."""
    told, kind = option.option, option.option.kind
    label, default = lazy_gettext(told.label), text_of(option, option.default)
    if isinstance(kind, YesNo):
        return BooleanField(label, default=option.default)
    if told.suggested or hasattr(kind, "choices"):
        # a list that somebody had sent otherwise is read, and refused with its sentence, when the order is checked
        return SelectField(label, default=default, validate_choice=not told.suggested)
    if isinstance(kind, Number):
        step = kind.step or (1 if isinstance(kind, Whole) else "any")
        widget = RangeInput(step=step) if kind.step else NumberInput(min=kind.low, max=kind.high, step=step)
        limits = {"min": f"{kind.low:g}", "max": f"{kind.high:g}"} if kind.step else {}
        return OptionField(label, option, default=default, widget=widget, render_kw=limits)
    more = {"widget": TextArea()} if isinstance(kind, Text) and kind.multiline else {}
    return OptionField(label, option, default=default, render_kw=PLAIN, **more)


def text_of(option: Declared, value: Any) -> str:
    """A value as the form's field has it, with a decimal point."""
    if value is None or value == ():
        return ""
    if isinstance(value, tuple):
        return ", ".join(":".join(f"{part:g}" for part in each) if isinstance(each, tuple) else f"{each:g}" for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def form_texts(options: Iterable[Declared], values: Mapping[str, Any]) -> dict[str, Any]:
    """Options as JSON has them, by name, as the form's fields take them."""

    def text(option: Declared) -> Any:
        value = values[option.name]
        return value if isinstance(value, bool) else text_of(option, tuple(value) if isinstance(value, list) else value)

    return {each.name: text(each) for each in offered(options)}


def choices_of(option: Declared, chosen: str | None) -> list[SelectChoice]:
    """What a list offers, and the film's own value where it is none of them."""
    told, kind = option.option, option.option.kind
    if not told.suggested:
        none = [SelectChoice("", said(told.empty))] if option.default is None and told.empty else []
        return [*none, *(SelectChoice(str(each), choice_words(option, each)) for each in getattr(kind, "choices", ()))]
    unit = f" {kind.unit}" if isinstance(kind, Number) and kind.unit else ""
    values = [each if isinstance(each, str) else f"{each:g}" for each in told.suggested]
    values += [chosen] if chosen and chosen not in values else []
    empty = [SelectChoice("", said(told.empty))] if told.empty else []
    return [*empty, *(SelectChoice(each, f"{each}{unit}") for each in values)]


class OptionsForm(FlaskForm):
    """What `options_form` fills with fields."""

    declared: dict[str, Declared]

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        for name, option in self.declared.items():
            if isinstance(self[name], SelectField):
                self[name].choices = choices_of(option, self[name].data)

    def section(self, name: str) -> list[tuple[Field, str]]:
        """The fields of a part of the form with their hints: of the options of every film, or of an engine's."""
        own = {engine.name: declared_options(engine.options) for engine in ENGINES}
        part = "" if name in own else name
        options = offered(own.get(name) or shared_options())
        return [(self[each.name], said(each.option.hint)) for each in options if each.option.section == part]

    def hint(self, name: str) -> str:
        """What stands below a field."""
        return said(self.declared[name].option.hint)

    def all_fields(self) -> list[tuple[Field, str]]:
        """Every field with its hint."""
        return [(self[name], self.hint(name)) for name in self.declared]

    def values(self) -> dict[str, Any]:
        """What was given, by name."""
        return {name: self[name].data for name in self.declared}

    @property
    def engines(self) -> list[str]:
        """The engines that can be told something of their own."""
        return [engine.name for engine in ENGINES if any(True for _ in offered(declared_options(engine.options)))]

    def options(self) -> dict[str, Any]:
        """The choices by their names, as `film_options` reads them; of an engine's own those that were sent."""
        own = {each.name for engine in ENGINES for each in offered(declared_options(engine.options))}
        return {name: self[name].data for name in self.declared if name not in own or self[name].raw_data}


def form_of(options: Iterable[Declared]) -> type[Any]:
    """A form with a field for each of the options that is offered in forms."""
    return filled_form(OptionsForm, {each.name: each for each in offered(options)})


def options_form(base: type[OptionsForm]) -> type[Any]:
    """A form with a field for each of a film's options that there are now."""
    return filled_form(base, {each.name: each for each in form_options()})


def filled_form(base: type[OptionsForm], declared: dict[str, Declared]) -> type[Any]:
    """A form with fields for these options."""
    return type(
        f"Filled{base.__name__}", (base,), {"declared": declared} | {name: field_of(each) for name, each in declared.items()}
    )
