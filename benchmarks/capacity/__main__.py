"""How many films a site makes.

`python -m benchmarks.capacity database` measures the queue's transactions (`--postgres ADDRESS` beside SQLite), `workers` makes
films with one worker pinned to one core and with one on every core, and `plan` lets the model make films by the figures that were
measured: how many an hour, how long they wait, what a minute of film costs, and which resource is full first.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.capacity.database import measure
from benchmarks.capacity.plan import FIGURES, Figures, Price, plan
from benchmarks.capacity.workers import Films, compare
from benchmarks.ending import ends_in_words
from benchmarks.machine import Told, describe_machine


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capacity", description="How many films does a site make?")
    parser.add_argument("--json", action="store_true", help="figures as JSON instead of words")
    parts = parser.add_subparsers(dest="part", required=True)
    database = parts.add_parser("database", help="what the queue's transactions cost")
    database.add_argument("--postgres", metavar="ADDRESS", help="an empty PostgreSQL database to measure beside SQLite")
    database.add_argument("--jobs", type=int, default=1000, metavar="N", help="that wait (default: 1000)")
    workers = parts.add_parser("workers", help="N workers on N cores against one on one")
    workers.add_argument("--seconds", type=float, default=6.0, metavar="S", help="of each film (default: 6)")
    workers.add_argument("--height", type=int, default=360, metavar="PX", help="of each film (default: 360)")
    workers.add_argument("--films", type=int, default=4, metavar="N", help="for each worker (default: 4)")
    planned = parts.add_parser("plan", help="the model, by measured figures")
    planned.add_argument("--figures", type=Path, default=FIGURES, metavar="FILE", help="measured figures (JSON)")
    planned.add_argument("--films", type=float, default=100_000, metavar="N", help="ordered a day (default: 100000)")
    planned.add_argument("--film-seconds", type=float, default=60.0, metavar="S", help="of each film (default: 60)")
    planned.add_argument("--hours", type=float, default=2.0, metavar="H", help="that the model runs (default: 2)")
    planned.add_argument("--store-gbit", type=float, default=10.0, metavar="G", help="the store's line in gigabits a second")
    planned.add_argument("--price", type=float, default=0.04, metavar="P", help="of one core for an hour, in any currency")
    return parser


def figures_of(options: argparse.Namespace) -> Sequence[Told]:
    """What is asked for. Raises as `Figures.read`, `compare` and `measure`."""
    if options.part == "database":
        addresses = {"SQLite": "", **({"PostgreSQL": options.postgres} if options.postgres else {})}
        return [measure(name, address, options.jobs) for name, address in addresses.items()]
    if options.part == "workers":
        return compare(Films(options.seconds, options.height, options.films))
    figures, price = Figures.read(options.figures), Price(options.price)
    return plan(figures, options.films, options.film_seconds, options.hours, options.store_gbit, price)


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 done, 2 unusable input, 3 something missing, 130 cancelled."""
    options = build_parser().parse_args(arguments)
    machine = describe_machine()
    told = figures_of(options)
    if options.json:
        print(json.dumps({"machine": asdict(machine), "figures": [asdict(figure) for figure in told]}, indent=2))
    else:
        print("\n".join([machine.sentence(), *(figure.sentence() for figure in told)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
