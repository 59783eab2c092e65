"""`python -m pipeline lyrics`: the words of a song or a talk with their times, recognised or given, as LRC, SRT, VTT or text."""

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
from pipeline.lyrics.settings import LyricsSettings


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("lyrics", help="write the words of a song with the time of each", allow_abbrev=False)
    parser.add_argument("--song", type=Path, required=True, metavar="S", help="sound file, or film with sound")
    parser.add_argument("--voice-file", type=Path, metavar="V", help="the voice alone (default: it is taken out of the song)")
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        action="append",
        metavar="W.lrc",
        help="the file to write: .lrc, .srt, .vtt or .txt; may be given several times",
    )
    for each in declared_options(LyricsSettings):
        add_option(parser, each)
    parser.add_argument("--no-cache", action="store_true", help="keep no stage results and use none")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout, errors too")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, console: Console) -> None:
    """Write the words and say where they are."""
    from pipeline.lyrics.song_to_lyrics import song_to_lyrics

    settings = settings_of(options, LyricsSettings)
    with ExitStack() as stack:
        cache = cache_of(options, stack)
        bars = stack.enter_context(StageBars(console))
        tell = lambda note: show_notes(console, [note])  # noqa: E731
        report = song_to_lyrics(options.song, options.out, settings, options.voice_file, bars, cache=cache, tell=tell)
    if options.json:
        print_json(report.as_json())
    else:
        print("\n".join(report.files))
