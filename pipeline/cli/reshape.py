"""`python -m pipeline reshape`: a finished film in another shape and size, or a part of it as GIF or WebP."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from core.options import declared_options
from pipeline.cli.arguments import print_json
from pipeline.cli.options import add_option, settings_of
from pipeline.cli.terminal import StageBars
from pipeline.reshaping.settings import LoopSettings, ShapeSettings


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    text = "write a finished film in another shape and size, or a part of it as GIF or WebP"
    parser = commands.add_parser("reshape", help=text, allow_abbrev=False)
    parser.add_argument("--film", type=Path, required=True, metavar="F", help="the film")
    what = "O.mp4 for the film in another shape, O.gif or O.webp for a part that plays for ever"
    parser.add_argument("--out", type=Path, required=True, metavar="O", help=what)
    for each in declared_options(ShapeSettings):
        add_option(parser, each)
    for each in declared_options(LoopSettings):
        if each.name != "format":  # the file's name says it
            add_option(parser, each)
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout, errors too")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, console: Console) -> None:
    """Write it and say where."""
    from pipeline.reshaping.reshape import LOOP_SUFFIXES, make_loop, reshape_film

    with StageBars(console) as bars:
        if options.out.suffix.lower() in LOOP_SUFFIXES:
            report = make_loop(options.film, options.out, settings_of(options, LoopSettings), bars)
        else:
            report = reshape_film(options.film, options.out, settings_of(options, ShapeSettings), bars)
    if options.json:
        print_json(report.as_json())
    else:
        print(report.file)
