"""Options of a film as arguments of the command line, made of their declarations (`core/options.py`)."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from core.option_kinds import YesNo
from core.options import Declared, declared_options
from pipeline.engine_list import ENGINES
from pipeline.film_settings import SongToVideoSettings, filter_options, shared_options

Settings = TypeVar("Settings")


def add_option(parser: argparse.ArgumentParser, option: Declared, whose: str = "") -> None:
    """One argument. What is not given stays away from the result. whose: the engine that it belongs to, for the help."""
    told = option.option
    accepted = told.kind.accepted()
    choices = getattr(told.kind, "choices", None)
    more = [accepted] if accepted and not choices else []
    if option.default and not isinstance(option.default, tuple):
        more.append(f"default {option.default:g}" if isinstance(option.default, float) else f"default {option.default}")
    metavar = told.metavar or ("{" + ",".join(map(str, choices)) + "}" if choices else option.flag.upper().replace("-", "_"))
    meaning = (f"{whose}: " if whose else "") + told.meaning + (f" ({'; '.join(more)})" if more else "")
    given: dict[str, Any] = {"dest": option.field, "default": argparse.SUPPRESS, "help": meaning.replace("%", "%%")}
    if isinstance(told.kind, YesNo):
        parser.add_argument(f"--{option.flag}", action="store_true", **given)
    else:
        parser.add_argument(f"--{option.flag}", type=reader(option), metavar=metavar, **given)


def reader(option: Declared) -> Callable[[str], Any]:
    """Reads one argument; an empty one gives the default."""

    def read(text: str) -> Any:
        return option.option.kind.argument(option, text) if text.strip() else option.default

    return read


def add_film_options(parser: argparse.ArgumentParser, names: Iterable[str] | None = None) -> None:
    """The options of a film, by their names in JSON; all of them, those of the engines among them, where none are named."""
    chosen = None if names is None else set(names)
    for option in shared_options():
        if chosen is None or option.name in chosen:
            add_option(parser, option)
    for engine in ENGINES if chosen is None else ():
        for option in declared_options(engine.options):
            add_option(parser, option, engine.name)


def settings_of(given: argparse.Namespace, settings: type[Settings], **more: Any) -> Settings:
    """The settings of one class that the arguments give, with `more` that is none of them. Raises `InputError`."""
    return settings(
        **{each.field: getattr(given, each.field) for each in declared_options(settings) if each.field in given}, **more
    )


def film_settings(given: argparse.Namespace) -> SongToVideoSettings:
    """The settings that the arguments give. Raises `InputError` where a value is out of range or options don't go together."""
    values = vars(given)

    def given_of(options: type) -> dict[str, Any]:
        return {each.field: values[each.field] for each in declared_options(options) if each.field in values}

    own = None
    for engine in ENGINES:
        theirs = given_of(engine.options)
        own = engine.options(**theirs) if theirs else own
    filters = tuple(options(**given_of(options)) for options in filter_options())
    return SongToVideoSettings(**given_of(SongToVideoSettings), engine_options=own, filter_options=filters)
