"""`python -m pipeline caption`: words under a finished film, heard in its sound or given."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from core.options import declared_options
from pipeline.cli.arguments import print_json, show_notes
from pipeline.cli.options import add_option, settings_of
from pipeline.cli.sing import cache_of
from pipeline.cli.terminal import StageBars
from pipeline.lyrics.settings import CaptionSettings


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("caption", help="put words under a finished film", allow_abbrev=False)
    parser.add_argument("--film", type=Path, required=True, metavar="F", help="the film")
    parser.add_argument("--out", type=Path, required=True, metavar="O.mp4", help="the film to write, with the sound of the other")
    for each in declared_options(CaptionSettings):
        add_option(parser, each)
    parser.add_argument("--no-cache", action="store_true", help="keep no stage results and use none")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout, errors too")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, console: Console) -> None:
    """Make the film and say where it is."""
    from pipeline.caption_film import caption_film

    settings = settings_of(options, CaptionSettings)
    with ExitStack() as stack:
        cache = cache_of(options, stack)
        bars = stack.enter_context(StageBars(console))
        report = caption_film(
            options.film, options.out, settings, bars, cache=cache, tell=lambda note: show_notes(console, [note])
        )
    if options.json:
        print_json(report.as_json())
    else:
        print(report.video)
