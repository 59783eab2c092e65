"""`python -m pipeline motion`: a voice becomes a motion file in Live Link Face's columns."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from pipeline.cli.arguments import print_json, show_notes
from pipeline.cli.options import add_film_options, film_settings
from pipeline.cli.terminal import StageBars


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("motion", help="write the motion of a voice as a Live Link Face CSV", allow_abbrev=False)
    parser.add_argument("--voice", type=Path, required=True, metavar="V", help="the voice alone (for example vocals.wav)")
    parser.add_argument("--song", type=Path, metavar="S", help="the whole song, which moves the head (default: the voice)")
    parser.add_argument("--out", type=Path, required=True, metavar="M.csv", help="the file to write")
    told = ("fps", "seed", "expressiveness", "head_motion", "lips", "style", "intensity", "performance", "performance_model")
    add_film_options(parser, told)
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout, errors too")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, console: Console) -> None:
    """Write the motion and say where."""
    from pipeline.voice_to_motion import voice_to_motion

    settings = film_settings(options)
    with StageBars(console) as bars:
        report = voice_to_motion(options.voice, options.song, options.out, settings, bars)
    show_notes(console, report.notes)
    if options.json:
        print_json(report.as_json())
    else:
        print(report.motion)
