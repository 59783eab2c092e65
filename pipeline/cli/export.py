"""`python -m pipeline export`: a portrait's head as a GLB file, with shapes, bones and what it performs."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from pipeline.cli.arguments import print_json, show_notes
from pipeline.cli.options import add_film_options, film_settings
from pipeline.cli.sing import cache_of
from pipeline.cli.terminal import StageBars

OPTIONS = (
    *("start_s", "duration_s", "fps", "seed", "expressiveness", "head_motion", "lips"),
    *("style", "intensity", "performance", "performance_model", "motion", "face"),
)


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("export", help="write a portrait's head as a 3D file (GLB)", allow_abbrev=False)
    parser.add_argument("--portrait", type=Path, required=True, metavar="P", help="picture with a face")
    parser.add_argument("--song", type=Path, metavar="S", help="a song that the head sings (default: it does nothing)")
    parser.add_argument("--out", type=Path, required=True, metavar="head.glb", help="the file to write")
    add_film_options(parser, OPTIONS)
    parser.add_argument("--no-cache", action="store_true", help="keep no stage results and use none")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout, errors too")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, console: Console) -> None:
    """Write the head and say where."""
    from pipeline.head_export import export_head

    with ExitStack() as stack:
        cache = cache_of(options, stack)
        settings = film_settings(options)
        bars = stack.enter_context(StageBars(console))
        report = export_head(options.portrait, options.out, options.song, settings, bars, cache=cache)
    show_notes(console, report.notes)
    if options.json:
        print_json(report.as_json())
    else:
        print(report.head)
