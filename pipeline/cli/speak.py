"""`python -m pipeline speak`: a portrait and a text become a film."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from rich.console import Console

from core.options import declared_options
from pipeline.cli.options import add_option, film_settings, settings_of
from pipeline.cli.sing import make_shown
from pipeline.engine_list import ENGINES
from pipeline.text_settings import TextToVideoSettings, text_options


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("speak", help="make a film of a portrait saying a text", allow_abbrev=False)
    parser.add_argument(
        "--portrait", type=Path, required=True, metavar="P", help="picture with a face (PNG, JPEG, WebP, HEIC and others)"
    )
    text = parser.add_mutually_exclusive_group(required=True)
    text.add_argument(
        "--text", metavar="T", help="what is said; *joy* before a sentence names its feeling, [pause 1.5] is silence in seconds"
    )
    text.add_argument("--text-file", type=Path, metavar="T.txt", help="the same in a file (UTF-8)")
    parser.add_argument("--out", type=Path, required=True, metavar="F.mp4", help="the film to write")
    engine_of = {each.name: engine.name for engine in ENGINES for each in declared_options(engine.options)}
    for each in text_options():
        add_option(parser, each, engine_of.get(each.name, ""))
    parser.add_argument("--no-cache", action="store_true", help="keep no stage results and use none")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout, errors too")
    parser.set_defaults(run=run)


def text_settings(given: argparse.Namespace) -> TextToVideoSettings:
    """The settings that the arguments give. Raises `InputError` where a value is out of range or options don't go together."""
    own = {each.field for each in declared_options(TextToVideoSettings)}
    rest = argparse.Namespace(**{name: value for name, value in vars(given).items() if name not in own})
    return settings_of(given, TextToVideoSettings, film=film_settings(rest))


def run(options: argparse.Namespace, console: Console) -> None:
    """Make the film and say how it went."""
    from pipeline.text_to_video import read_text, text_to_video

    settings = text_settings(options)
    text = options.text if options.text_file is None else read_text(options.text_file)
    make_shown(partial(text_to_video, options.portrait, text, options.out, settings), options, console)
