"""`python -m pipeline motion`: a voice becomes a motion file: a table, JSON or glTF, as the name's ending says."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from core.options import declared_options
from pipeline.cli.arguments import print_json, show_notes
from pipeline.cli.options import add_film_options, add_option, film_settings, settings_of
from pipeline.cli.terminal import StageBars
from pipeline.motion_file import MotionFileSettings


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("motion", help="write the motion of a voice as a file (CSV, JSON, GLB)", allow_abbrev=False)
    parser.add_argument("--voice", type=Path, required=True, metavar="V", help="the voice alone (for example vocals.wav)")
    parser.add_argument("--song", type=Path, metavar="S", help="the whole song, which moves the head (default: the voice)")
    parser.add_argument("--out", type=Path, required=True, metavar="M.csv", help="the file to write: .csv, .json or .glb")
    told = ("fps", "seed", "expressiveness", "head_motion", "lips", "style", "intensity", "performance", "performance_model")
    add_film_options(parser, told)
    for each in declared_options(MotionFileSettings):
        add_option(parser, each)
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout, errors too")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, console: Console) -> None:
    """Write the motion and say where."""
    from pipeline.voice_to_motion import voice_to_motion

    settings, file = film_settings(options), settings_of(options, MotionFileSettings)
    with StageBars(console) as bars:
        report = voice_to_motion(options.voice, options.song, options.out, settings, bars, file=file)
    show_notes(console, report.notes)
    if options.json:
        print_json(report.as_json())
    else:
        print(report.motion)
