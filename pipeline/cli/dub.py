"""`python -m pipeline dub`: a film gets other lips, and the sound, or the language, that they say."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from core.errors import InputError
from core.options import declared_options
from pipeline.cli.options import add_option
from pipeline.cli.sing import make_shown
from pipeline.dub_settings import DubSettings, dub_options, engine_of_option
from pipeline.translating.settings import TranslationSettings


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("dub", help="give a film other lips, which say another sound", allow_abbrev=False)
    parser.add_argument("--film", type=Path, required=True, metavar="F", help="film of somebody (MP4, MOV, WebM and others)")
    parser.add_argument(
        "--sound",
        type=Path,
        metavar="S",
        help="song, voice, or film with sound; the film itself is one, too; without it --translate or --script says what is said",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="O.mp4", help="the film to write")
    for each in dub_options():
        add_option(parser, each, engine_of_option(each.name))
    for each in declared_options(TranslationSettings):
        add_option(parser, each, "into another language")
    parser.add_argument("--no-cache", action="store_true", help="keep no stage results and use none")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout, errors too")
    parser.set_defaults(run=run)


def dub_settings(given: argparse.Namespace) -> DubSettings:
    """The settings that the arguments give. Raises `InputError` where a value is out of range or options don't go together."""
    values = vars(given)

    def values_of(options: type) -> dict[str, Any]:
        return {each.field: values[each.field] for each in declared_options(options) if each.field in values}

    return DubSettings.of(values_of(DubSettings), values_of)


def run(options: argparse.Namespace, console: Console) -> None:
    """Make the film and say how it went."""
    from pipeline.dub import dub

    if translation := translation_settings(options):
        from pipeline.translating.translate_film import translate_film

        make_shown(partial(translate_film, options.film, options.out, translation), options, console)
        return
    if options.sound is None:
        raise InputError("pipeline.translating.nothing_to_say")
    make_shown(partial(dub, options.film, options.sound, options.out, dub_settings(options)), options, console)


def translation_settings(given: argparse.Namespace) -> TranslationSettings | None:
    """The settings of a film in another language; None where the arguments ask for none. Raises `InputError`."""
    values = {each.field: getattr(given, each.field) for each in declared_options(TranslationSettings) if each.field in given}
    if not values:
        return None
    if given.sound is not None:
        raise InputError("pipeline.translating.sound_and_language")
    if "translate" not in values and "script" not in values:
        raise InputError("pipeline.translating.no_language", option=next(iter(values)).replace("_", "-"))
    return TranslationSettings(**values, dub=dub_settings(given))
