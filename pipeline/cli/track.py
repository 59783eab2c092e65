"""`python -m pipeline track`: the motion of a face in a film, as a file: a table, JSON or glTF, as the name's ending says."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from core.options import declared_options
from pipeline.cli.arguments import print_json, show_notes
from pipeline.cli.options import add_option, settings_of
from pipeline.cli.terminal import StageBars
from pipeline.cli.transfer import add_relative
from pipeline.motion_file import MotionFileSettings
from pipeline.transfer_settings import FollowSettings


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("track", help="write what a face does in a film as a file (CSV, JSON, GLB)", allow_abbrev=False)
    parser.add_argument("--film", type=Path, required=True, metavar="F", help="film of the person who is followed")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="M.csv", help="the file to write: .csv or .json, for sing --motion, or .glb"
    )
    for each in (*declared_options(FollowSettings), *declared_options(MotionFileSettings)):
        add_option(parser, each)
    add_relative(parser)
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout, errors too")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, console: Console) -> None:
    """Write the motion and say where."""
    from pipeline.film_to_motion import film_to_motion

    settings, file = settings_of(options, FollowSettings), settings_of(options, MotionFileSettings)
    with StageBars(console) as bars:
        report = film_to_motion(options.film, options.out, settings, bars, file=file)
    show_notes(console, report.notes)
    if options.json:
        print_json(report.as_json())
    else:
        print(report.motion)
