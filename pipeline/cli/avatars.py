"""`python -m pipeline avatars`: films that were prepared for other lips, to see and to delete them."""

from __future__ import annotations

import argparse

from rich.console import Console

from pipeline.cli.arguments import print_json


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "avatars", help="list the films that are prepared for dubbing, or delete them", allow_abbrev=False
    )
    parser.add_argument("--delete", metavar="ID|all", help="delete one, by the beginning of its name, or all")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout, errors too")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, console: Console) -> None:
    """List what is kept, or delete what is named."""
    from pipeline.avatars import SHOWN_LETTERS, avatars, delete_avatars
    from pipeline.cache import CacheSettings, StageCache

    cache = StageCache(CacheSettings.from_environment())
    if options.delete is not None:
        told = delete_avatars(cache, options.delete)
        if options.json:
            print_json({"deleted": list(told.deleted), "in_use": list(told.in_use)})
            return
        for name in told.deleted:
            print(f"deleted {name[:SHOWN_LETTERS]}")
        for name in told.in_use:
            console.print(f"{name[:SHOWN_LETTERS]} is in use and stays; try again when its film is made.")
        return
    kept = avatars(cache)
    if options.json:
        print_json({"avatars": [each.as_json() for each in kept]})
        return
    for each in kept:
        whose = "prepared by an earlier program"
        if each.facts is not None:
            whose = "{film}, face {person}, {duration_s:.1f} s, by {engine}".format(**vars(each.facts))
        print(f"{each.id[:SHOWN_LETTERS]}  {whose}, {each.size_bytes / 1e6:.1f} MB, last used {each.used:%Y-%m-%d %H:%M} UTC")
    if not kept:
        console.print("No film is prepared.")
