"""`python -m pipeline emotion`: the style and the intensity that a film of a song would have, to look at and to edit."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from motion.intensity import ASCII_BARS, BARS, Emotion, points_text, sparkline
from pipeline.cli.arguments import print_json, show_notes
from pipeline.cli.options import add_film_options, film_settings
from pipeline.cli.terminal import StageBars


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("emotion", help="show the emotion of a song, to edit it for `sing`", allow_abbrev=False)
    parser.add_argument("--song", type=Path, required=True, metavar="S", help="sound file, or film with sound")
    parser.add_argument("--voice", type=Path, metavar="V", help="the voice alone (default: it is taken out of the song)")
    add_film_options(
        parser, ("start_s", "duration_s", "fps", "seed", "style", "intensity", "lips", "performance", "performance_model")
    )
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout, errors too")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, console: Console) -> None:
    """Show the curve in effect, the styles, and key points to start editing from."""
    from pipeline.song_to_emotion import song_to_emotion

    settings = film_settings(options)
    with StageBars(console) as bars:
        report = song_to_emotion(options.song, options.voice, settings, bars)
    show_notes(console, report.notes)
    if options.json:
        print_json(report.as_json())
    else:
        bars_known = BARS if can_print(BARS, sys.stdout.encoding) else ASCII_BARS
        print("\n".join(lines_of(report.emotion, report.duration_s, bars_known)))


def can_print(text: str, encoding: str | None) -> bool:
    """Whether a stream of that encoding takes the text."""
    try:
        text.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def lines_of(emotion: Emotion, duration_s: float, bars: str = BARS) -> list[str]:
    """The emotion for a person: the curve in effect as bars, and where a network performs its own and the song's, the style of
    every section, the key points."""
    lines = [f"intensity  {sparkline(emotion.intensity, bars=bars)}  0 to {duration_s:.1f} s"]
    if emotion.learned:
        lines += [f"network's  {sparkline(emotion.learned, bars=bars)}", f"song's own {sparkline(emotion.automatic, bars=bars)}"]
    lines += [f"{part.style:<10} {part.start_s:.1f} to {part.stop_s:.1f} s" for part in emotion.sections]
    points = emotion.points or emotion.learned_points or emotion.automatic_points
    return [*lines, f"--intensity {points_text(points)}"]
