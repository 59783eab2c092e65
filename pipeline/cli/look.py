"""`python -m pipeline look`: a finished film drawn again in a look, or a frame of it as SVG."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from core.errors import InputError
from pipeline.cli.arguments import print_json, show_notes
from pipeline.cli.options import add_option
from pipeline.cli.sing import cache_of
from pipeline.cli.terminal import StageBars
from pipeline.look_settings import LookFilmSettings, look_options


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("look", help="draw a finished film again, in a look", allow_abbrev=False)
    parser.add_argument("--film", type=Path, required=True, metavar="F", help="the film")
    parser.add_argument("--out", type=Path, metavar="O.mp4", help="the film to write, with the sound of the other")
    parser.add_argument("--svg", type=Path, metavar="O.svg", help="write one frame as a vector picture")
    parser.add_argument("--at", type=float, default=0.0, metavar="S", help="second of that frame (default 0)")
    for each in look_options():
        add_option(parser, each)
    parser.add_argument("--no-cache", action="store_true", help="keep no stage results and use none")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout, errors too")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, console: Console) -> None:
    """Draw, and say where it lies."""
    from pipeline.look_film import look_film, write_svg

    if options.out is None and options.svg is None:
        raise InputError("pipeline.look_without_file")
    given = {each.name: each.json(getattr(options, each.field)) for each in look_options() if each.field in options}
    settings = LookFilmSettings.from_json(given)
    told: dict[str, object] = {}
    if options.svg is not None:
        told["svg"] = str(write_svg(options.film, options.svg, options.at, settings))
    if options.out is not None:
        with ExitStack() as stack:
            cache = cache_of(options, stack)
            bars = stack.enter_context(StageBars(console))
            report = look_film(
                *(options.film, options.out, settings, bars),
                cache=cache,
                tell=lambda note: show_notes(console, [note]),
            )
        told |= report.as_json()
    if options.json:
        print_json(told)
    else:
        print("\n".join(str(told[name]) for name in ("svg", "video") if name in told))
