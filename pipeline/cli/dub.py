"""`python -m pipeline dub`: a film gets other lips, and the sound that they say."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from core.options import declared_options
from pipeline.cli.options import add_option
from pipeline.cli.sing import make_shown
from pipeline.dub_settings import DubSettings, dub_options, engine_of_option


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("dub", help="give a film other lips, which say another sound", allow_abbrev=False)
    parser.add_argument("--film", type=Path, required=True, metavar="F", help="film of somebody (MP4, MOV, WebM and others)")
    parser.add_argument(
        "--sound", type=Path, required=True, metavar="S", help="song, voice, or film with sound; the film itself is one, too"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="O.mp4", help="the film to write")
    for each in dub_options():
        add_option(parser, each, engine_of_option(each.name))
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

    settings = dub_settings(options)
    make_shown(partial(dub, options.film, options.sound, options.out, settings), options, console)
