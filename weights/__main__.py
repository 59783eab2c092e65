"""`python -m weights list|fetch|verify`: the registry's model files on the command line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from core.errors import BelcantoError, Cancelled, MissingError
from core.messages import as_written
from core.places import call_of
from weights.fetch import ensure, weights_dir
from weights.registry import Weight, find, registry
from weights.sources import sha256_of


def build_parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    parser = argparse.ArgumentParser(prog=call_of("weights"), description="Lists, fetches and verifies model files.")
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="show every model file with its licence, its use, and whether it is here")
    listing.add_argument("--json", action="store_true", help="one JSON object on stdout")
    fetching = commands.add_parser("fetch", help="fetch model files; without a name, the default ones")
    fetching.add_argument("names", nargs="*", metavar="NAME")
    group = fetching.add_mutually_exclusive_group()
    group.add_argument("--default", action="store_true", help="the files that the default engine needs")
    group.add_argument("--all-product", action="store_true", help="every file that may be part of a film (gigabytes)")
    verifying = commands.add_parser("verify", help="hash files anew; without a name, all that are here and the default ones")
    verifying.add_argument("names", nargs="*", metavar="NAME")
    return parser


def default_names() -> list[str]:
    """Names of the files that `make run` fetches."""
    return [weight.name for weight in registry().values() if weight.default]


def is_present(weight: Weight) -> bool:
    """Whether a file of the right name and size is here; `verify` looks into it."""
    path = weights_dir() / weight.file
    return path.is_file() and path.stat().st_size == weight.size_bytes


def list_weights(as_json: bool) -> None:
    """Print the registry: a table for people, or `{"folder", "weights": [...]}`."""
    if as_json:
        fields = ("name", "file", "sha256", "size_bytes", "licence", "use", "origin", "year", "purpose", "default")
        rows = [
            {field: getattr(weight, field) for field in fields} | {"present": is_present(weight)}
            for weight in registry().values()
        ]
        print(json.dumps({"folder": str(weights_dir()), "weights": rows}))
        return
    table = Table(title=f"Model files in {weights_dir()}", caption="* fetched by default")
    for heading in ("name", "MB", "licence", "use", "here", "for"):
        table.add_column(
            heading, justify="right" if heading == "MB" else "left", no_wrap=heading in ("name", "here"), overflow="fold"
        )
    for weight in registry().values():
        name = weight.name + (" *" if weight.default else "")
        here = "yes" if is_present(weight) else "no"
        table.add_row(name, f"{weight.size_bytes / 1e6:.1f}", weight.licence, weight.use, here, weight.purpose)
    Console().print(table)


@contextmanager
def progress_bars() -> Iterator[Callable[[str, int, int], None]]:
    """A progress callback that draws one bar a file on stderr."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True)) as bars:

        def show(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total or None)
            bars.update(tasks[name], completed=done)

        yield show


def names_to_fetch(options: argparse.Namespace) -> list[str]:
    """The named files and those of the chosen group, each once; the default ones where nothing is chosen."""
    names = list(options.names)
    if options.all_product:
        names += [weight.name for weight in registry().values() if weight.use == "product"]
    if options.default or not names:
        names += default_names()
    return list(dict.fromkeys(names))


def fetch_weights(names: list[str]) -> None:
    """Fetch files one by one; a file that can't be had does not keep the others away. Raises MissingError at the end for it."""
    for name in names:
        find(name)  # a misspelt name is told before anything is downloaded
    sentences = []
    with progress_bars() as show:
        for name in names:
            try:
                ensure(name, show)
            except MissingError as error:
                sentences.append(str(error))
    print(f"{len(names) - len(sentences)} of {len(names)} weights are in {weights_dir()}.")
    if sentences:
        raise MissingError(as_written("\n".join(sentences)))


def verify_weights(names: list[str]) -> None:
    """Hash files from disk, whatever was known of them. Raises MissingError where one is missing or damaged."""
    chosen = [find(name) for name in names]
    chosen = chosen or [weight for weight in registry().values() if weight.default or (weights_dir() / weight.file).exists()]
    bad = []
    for weight in chosen:
        path = weights_dir() / weight.file
        state = "missing" if not path.is_file() else "right" if sha256_of(path) == weight.sha256 else "damaged"
        print(f"{state:8}{weight.name} ({weight.file})")
        if state != "right":
            bad.append(weight.name)
    if bad:
        raise MissingError("weights.some_missing_or_damaged", count=len(bad), all=len(chosen), names=" ".join(bad))


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Returns the exit code: 0 done, 2 unknown name, 3 a file is missing or damaged, 130 cancelled."""
    options = build_parser().parse_args(arguments)
    try:
        if options.command == "list":
            list_weights(options.json)
        elif options.command == "fetch":
            fetch_weights(names_to_fetch(options))
        else:
            verify_weights(options.names)
    except KeyboardInterrupt:
        print("Cancelled.", file=sys.stderr)
        return Cancelled.exit_code
    except BelcantoError as error:
        print(str(error), file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
