"""`python -m pipeline motion`: a voice becomes a motion file in Live Link Face's columns."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from motion.intensity import points_of_argument
from pipeline.cli.arguments import add_emotion_arguments, add_lips_argument, print_json, show_notes
from pipeline.cli.terminal import StageBars
from pipeline.film_settings import SongToVideoSettings

DEFAULT = SongToVideoSettings()


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("motion", help="write the motion of a voice as a Live Link Face CSV", allow_abbrev=False)
    parser.add_argument("--voice", type=Path, required=True, metavar="V", help="the voice alone (for example vocals.wav)")
    parser.add_argument("--song", type=Path, metavar="S", help="the whole song, which moves the head (default: the voice)")
    parser.add_argument("--out", type=Path, required=True, metavar="M.csv", help="the file to write")
    parser.add_argument("--fps", type=float, default=DEFAULT.fps, help="frames per second, 10 to 60 (default %(default)g)")
    parser.add_argument("--seed", type=int, default=DEFAULT.seed, help="start of the random choices (default %(default)d)")
    parser.add_argument("--expressiveness", type=float, default=1.0, metavar="X", help="strength of the face's motion, 0 to 2")
    parser.add_argument("--head-motion", type=float, default=1.0, metavar="X", help="strength of the head's motion, 0 to 2")
    add_lips_argument(parser)
    add_emotion_arguments(parser)
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout, errors too")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, console: Console) -> None:
    """Write the motion and say where."""
    from pipeline.voice_to_motion import voice_to_motion

    settings = SongToVideoSettings(
        fps=options.fps,
        seed=options.seed,
        expressiveness=options.expressiveness,
        head_motion=options.head_motion,
        lips=options.lips,
        style=options.style,
        intensity_points=points_of_argument(options.intensity),
    )
    with StageBars(console) as bars:
        report = voice_to_motion(options.voice, options.song, options.out, settings, bars)
    show_notes(console, report.notes)
    if options.json:
        print_json(report.as_json())
    else:
        print(report.motion)
