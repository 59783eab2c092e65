"""`python -m pipeline verify`: whether a film was made here, and whether it was changed since."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from core.options import declared_options
from pipeline.cli.arguments import print_json
from pipeline.cli.options import add_option, settings_of
from pipeline.cli.terminal import StageBars
from pipeline.verify_settings import VerifySettings

EXITS = """\
exit codes:
  0   made here, and unchanged since it was signed
  10  made here, and changed since
  11  not signed any more, but its pictures bear the mark of a film that was made here
  12  it bears the signed statement of another film that was made here
  13  signed by somebody else, and unchanged since
  14  signed by somebody else, and changed since
  15  neither signed nor marked: nothing can be said
  2   there is no such file"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "verify",
        help="tell whether a film was made here, and whether it was changed since",
        allow_abbrev=False,
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("film", type=Path, metavar="FILM", help="any film; GIF and WebP pictures too")
    for each in declared_options(VerifySettings):
        add_option(parser, each)
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout, errors too")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, console: Console) -> int:
    """Say what was found; returns the exit code."""
    from pipeline.verify_film import verify_film
    from provenance.facts import account_lines

    with StageBars(console) as bars:
        found = verify_film(options.film, settings_of(options, VerifySettings), bars)
    if options.json:
        print_json(found.as_json())
    else:
        print("\n".join([*map(str, found.notes), *account_lines(found.account)]))
    return found.exit_code
