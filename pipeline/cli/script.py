"""`python -m pipeline script`: what is said in a film, translated, as a table to be edited and spoken by `dub --script`."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from core.options import declared_options
from pipeline.cli.arguments import print_json, show_notes
from pipeline.cli.dub import dub_settings
from pipeline.cli.options import add_option, settings_of
from pipeline.cli.sing import cache_of
from pipeline.cli.terminal import StageBars
from pipeline.dub_settings import DubSettings
from pipeline.translating.settings import TranslationSettings

#: What concerns what is said, not how it is spoken.
OPTIONS = ("translate", "voice", "translator", "translator_model")
PART = ("start_s", "duration_s")


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("script", help="write down what is said in a film, translated, as a table", allow_abbrev=False)
    parser.add_argument("--film", type=Path, required=True, metavar="F", help="film of somebody (MP4, MOV, WebM and others)")
    parser.add_argument("--out", type=Path, required=True, metavar="S.csv", help="the table to write")
    for settings, names in ((TranslationSettings, OPTIONS), (DubSettings, PART)):
        for each in declared_options(settings):
            if each.field in names:
                add_option(parser, each)
    parser.add_argument("--no-cache", action="store_true", help="keep no stage results and use none")
    parser.add_argument("--json", action="store_true", help="end with the script as one JSON object on stdout, errors too")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, console: Console) -> None:
    """Write the table and say where it is."""
    from pipeline.translating.translate_film import write_film_script

    settings = settings_of(options, TranslationSettings, dub=dub_settings(options))
    with ExitStack() as stack:
        cache = cache_of(options, stack)
        bars = stack.enter_context(StageBars(console))
        tell = lambda note: show_notes(console, [note])  # noqa: E731
        report = write_film_script(options.film, options.out, settings, bars, cache=cache, tell=tell)
    if options.json:
        print_json({"script": str(options.out), "heard": list(report.found.heard), **report.script.as_json()})
    else:
        print(options.out)
