"""`python -m pipeline fill`: the missing pictures of a call are made, and everything else stays."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from pipeline.cli.arguments import print_json, show_notes
from pipeline.cli.sing import cache_of
from pipeline.cli.terminal import StageBars


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("fill", help="make the missing pictures of a call", allow_abbrev=False)
    parser.add_argument("--film", type=Path, required=True, metavar="F", help="film of somebody who speaks, with sound")
    parser.add_argument("--out", type=Path, required=True, metavar="O.mp4", help="the film to write, where pictures are missing")
    parser.add_argument("--no-cache", action="store_true", help="keep no stage results and use none")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout, errors too")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, console: Console) -> None:
    """Make the film and say what was missing."""
    from pipeline.fill_film import fill_film

    with ExitStack() as stack:
        cache = cache_of(options, stack)
        bars = stack.enter_context(StageBars(console))
        report = fill_film(options.film, options.out, bars, cache=cache, tell=lambda note: show_notes(console, [note]))
    if options.json:
        print_json(report.as_json())
    elif report.video:
        print(report.video)
