"""`python -m pipeline compare`: a driving film, the portrait, and what engines made of them, side by side."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from rich.console import Console

from core.options import declared_options
from pipeline.cli.options import add_option, settings_of
from pipeline.cli.sing import make_shown
from pipeline.compare_settings import MOST_FILMS, CompareSettings


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("compare", help="show films side by side with the one that moved them", allow_abbrev=False)
    parser.add_argument("--driving", type=Path, required=True, metavar="F", help="the film that moved the others")
    parser.add_argument(
        "--film", type=Path, required=True, action="append", metavar="A.mp4", help=f"a film to show; up to {MOST_FILMS}"
    )
    parser.add_argument("--portrait", type=Path, metavar="P", help="the picture that was moved")
    parser.add_argument("--out", type=Path, required=True, metavar="O.mp4", help="the film to write")
    for each in declared_options(CompareSettings):
        add_option(parser, each)
    parser.add_argument("--no-cache", action="store_true", help="keep no stage results and use none")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout, errors too")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, console: Console) -> None:
    """Make the film and say where it lies."""
    from pipeline.compare_films import compare_films

    settings = settings_of(options, CompareSettings)
    make = partial(compare_films, options.driving, options.film, options.out, options.portrait, settings)
    make_shown(make, options, console)
