"""`python -m pipeline transfer`: a film moves a portrait."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from rich.console import Console

from core.options import declared_options
from pipeline.cli.options import add_option, film_settings, settings_of
from pipeline.cli.sing import make_shown
from pipeline.engine_list import ENGINES
from pipeline.transfer_settings import TransferSettings, transfer_options


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("transfer", help="make a portrait do what a person does in another film", allow_abbrev=False)
    parser.add_argument(
        "--portrait", type=Path, required=True, metavar="P", help="picture with a face (PNG, JPEG, WebP, HEIC and others)"
    )
    parser.add_argument("--driving", type=Path, required=True, metavar="F", help="film of the person who is followed")
    parser.add_argument("--out", type=Path, required=True, metavar="O.mp4", help="the film to write")
    engine_of = {each.name: engine.name for engine in ENGINES for each in declared_options(engine.options)}
    for each in transfer_options():
        add_option(parser, each, engine_of.get(each.name, ""))
    add_relative(parser)
    parser.add_argument("--no-cache", action="store_true", help="keep no stage results and use none")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout, errors too")
    parser.set_defaults(run=run)


def add_relative(parser: argparse.ArgumentParser) -> None:
    """The opposite of --absolute, which is how things are without it."""
    parser.add_argument(
        "--relative",
        dest="absolute",
        action="store_false",
        default=argparse.SUPPRESS,
        help="add what changes in the face to the portrait's own look (default)",
    )


def transfer_settings(given: argparse.Namespace) -> TransferSettings:
    """The settings that the arguments give. Raises `InputError` where a value is out of range or options don't go together."""
    own = {each.field for each in declared_options(TransferSettings)}
    rest = argparse.Namespace(**{name: value for name, value in vars(given).items() if name not in own})
    return settings_of(given, TransferSettings, film=film_settings(rest))


def run(options: argparse.Namespace, console: Console) -> None:
    """Make the film and say how it went."""
    from pipeline.transfer import transfer

    settings = transfer_settings(options)
    make_shown(partial(transfer, options.portrait, options.driving, options.out, settings), options, console)
