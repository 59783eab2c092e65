"""`python -m pipeline sync`: how far a film's sound and lips are apart, and the film with both in step."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from core.options import declared_options
from pipeline.cli.arguments import print_json, show_notes
from pipeline.cli.options import add_option, settings_of
from pipeline.cli.terminal import StageBars
from pipeline.sync_settings import SyncSettings


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "sync", help="measure how far a film's sound and lips are apart, and mend it", allow_abbrev=False
    )
    parser.add_argument("--film", type=Path, required=True, metavar="F", help="a film of somebody who speaks or sings")
    parser.add_argument("--out", type=Path, metavar="O.mp4", help="write the film with its sound moved, where it is out of step")
    for each in declared_options(SyncSettings):
        add_option(parser, each)
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout, errors too")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, console: Console) -> None:
    """Measure, mend, and say what was found."""
    from pipeline.sync_film import sync_film

    settings = settings_of(options, SyncSettings)
    with StageBars(console) as bars:
        report = sync_film(options.film, options.out, settings, bars)
    show_notes(console, report.notes)
    if options.json:
        print_json(report.as_json())
    elif report.out is not None:
        print(report.out)
