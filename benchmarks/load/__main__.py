"""`python -m benchmarks.load queue | people | soak`: a thousand jobs, two hundred people, and an hour without rest."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from benchmarks.ending import ends_in_words
from benchmarks.load import people, queue, soak
from benchmarks.machine import describe_machine


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description="How does the program stand a load?")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout")
    kinds = parser.add_subparsers(dest="load", required=True)
    each = kinds.add_parser("queue", help="many jobs before a few workers")
    each.add_argument("--jobs", type=int, default=1000, metavar="N", help="films that are ordered")
    each.add_argument("--people", type=int, default=50, metavar="N", help="people who order them")
    each.add_argument("--workers", type=int, default=4, metavar="N", help="workers that make them")
    each = kinds.add_parser("people", help="people who click and listen")
    each.add_argument("--people", type=int, default=200, metavar="N", help="how many; each holds a stream of events open")
    each.add_argument("--seconds", type=float, default=60.0, metavar="S", help="how long")
    each = kinds.add_parser("soak", help="memory and file handles over a long time")
    each.add_argument("--minutes", type=float, default=60.0, metavar="MIN", help="how long")
    each.add_argument("--people", type=int, default=10, metavar="N", help="people who order, look, listen and delete")
    return parser


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 done, 2 unusable input, 3 something missing, 130 cancelled."""
    options = build_parser().parse_args(arguments)
    machine = describe_machine()
    if options.load == "queue":
        waits = queue.run_queue(options.jobs, options.people, options.workers)
        found, lines = asdict(waits), queue.told(waits)
    elif options.load == "people":
        clicks = people.run_people(options.people, options.seconds)
        found, lines = asdict(clicks), people.told(clicks)
    else:
        growth = soak.run_soak(options.minutes, options.people)
        found, lines = asdict(growth), soak.told(growth)
    print(json.dumps({"machine": asdict(machine), **found}) if options.json else f"{machine.sentence()}\n\n{lines}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
