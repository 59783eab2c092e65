"""How quickly pages come for others while somebody tries to stop the server: 95% within 200 ms is what is asked for.

`python -m benchmarks.pages_under_attack [--seconds 15] [--only NAME] [--json]` starts the application on a folder of its
own and tries one kind after the other, from a process that stands back, while one visitor of another address opens pages all the
time.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import itertools
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from benchmarks.attackers import HOST, KINDS, Target, attack
from benchmarks.ending import ends_in_words
from benchmarks.live_server import LiveServer
from benchmarks.machine import Machine, describe_machine
from benchmarks.pages_under_load import LIMIT_MS, SHARE, Click, Person, Row, row_of
from core.errors import InputError
from core.messages import as_written

#: What the visitor opens, in turn.
PAGES = ("/healthz", "/music", "/library", "/api/v1/songs", "/guide")
VISITOR = "127.0.0.9"
PAUSE_S, PATIENCE_S, STOP_S = 0.1, 30.0, 30.0
#: Before the visitor's clicks count, the attackers must be at work.
RUN_UP_S = 1.0
NOTHING = "nothing else"
SIDE_PX, SOUND_S, RATE_HZ, CHANNELS = 7000, 300, 192_000, 8


@dataclass(frozen=True)
class Trial:
    """One kind: how the visitor fared, and what the attackers met."""

    kind: str
    pages: Row
    met: dict[str, int]


def make_files(folder: Path) -> tuple[Path, Path]:
    """A picture of 49 million pixels and five minutes of sound on eight channels at 192 kHz, both small as files."""
    picture, sound = folder / "large.png", folder / "many.flac"
    Image.new("RGB", (SIDE_PX, SIDE_PX), (120, 130, 140)).save(picture)
    second = np.zeros((RATE_HZ, CHANNELS), np.int16)
    with soundfile.SoundFile(sound, "w", RATE_HZ, CHANNELS, "PCM_16") as file:
        for _ in range(SOUND_S):
            file.write(second)
    return picture, sound


def visit(port: int, page: str) -> Click:
    """Open a page on a connection of its own; status 0 where no answer came in time."""
    begin_s, status = time.monotonic(), 0
    line = http.client.HTTPConnection(HOST, port, timeout=PATIENCE_S, source_address=(VISITOR, 0) if has_address() else None)
    try:
        line.request("GET", page)
        answer = line.getresponse()
        answer.read()
        status = answer.status
    except (OSError, http.client.HTTPException):
        status = 0
    finally:
        line.close()
    return Click(page, status, (time.monotonic() - begin_s) * 1000, begin_s)


def has_address() -> bool:
    """Whether this system's loopback has more than one address."""
    return sys.platform == "linux"


def run_attack(kind: str, target: Target, seconds: float) -> Counter[str]:
    """In a process of its own: what the attackers met. Their own work would be done on other machines; it stands back."""
    if hasattr(os, "nice"):
        os.nice(19)
    return asyncio.run(attack(kind, target, seconds))


def try_kind(kind: str, target: Target, seconds: float, pool: ProcessPoolExecutor) -> Trial:
    """One kind for so long, and the visitor's pages meanwhile."""
    attackers: Future[Counter[str]] | None = None
    if kind != NOTHING:
        attackers = pool.submit(run_attack, kind, target, seconds + RUN_UP_S)
        time.sleep(RUN_UP_S)
    clicks, ends_s = [], time.monotonic() + seconds
    for page in itertools.cycle(PAGES):
        if time.monotonic() >= ends_s:
            break
        clicks.append(visit(target.port, page))
        time.sleep(PAUSE_S)
    met = attackers.result(PATIENCE_S + STOP_S) if attackers else Counter[str]()
    failed = sum(not 200 <= click.status < 400 for click in clicks)
    row = row_of("all", clicks)
    return Trial(kind, Row(**(asdict(row) | {"failed": failed})), dict(sorted(met.items())))


def run_trials(server: LiveServer, folder: Path, kinds: Sequence[str], seconds: float) -> list[Trial]:
    """All trials, the calm first."""
    picture, sound = make_files(folder)
    trials, context = [], multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        for kind in (NOTHING, *kinds):
            events, cookie = order_film(server) if kind == "streams of events" else ("", "")
            target = Target(server.port, 0.0, picture, sound, events, cookie)
            trials.append(try_kind(kind, target, seconds, pool))
            print(f"{kind}: done", file=sys.stderr, flush=True)
    return trials


def order_film(server: LiveServer) -> tuple[str, str]:
    """A film in the making: the address of its job's events, and the cookie of its person."""
    person = Person(server.url)
    person.order(360)
    job = json.loads(person.visitor.get(f"/api/v1/films/{person.own['film']}").text)["job"]
    cookie = person.visitor.cookie("belcanto_person")
    return job["links"]["events"], f"belcanto_person={cookie}"


def table(trials: Sequence[Trial], machine: Machine, seconds: float) -> str:
    """The figures as a Markdown table, and whether the promise is kept."""
    lines = [machine.sentence(), "", f"{seconds:.0f} s of each; the pages of one visitor of another address:", ""]
    lines += [f"| meanwhile | pages | median ms | 95% ms | slowest ms | within {LIMIT_MS:.0f} ms | failed | attackers met |"]
    lines += ["|" + " --- |" * 8]
    for trial in trials:
        row, met = trial.pages, ", ".join(f"{name}: {count}" for name, count in trial.met.items())
        times = " | ".join(f"{ms:.0f}" for ms in (row.median_ms, row.p95_ms, row.slowest_ms))
        lines.append(f"| {trial.kind} | {row.clicks} | {times} | {row.share:.1%} | {row.failed} | {met} |")
    kept = "yes" if keeps_promise(trials) else "no"
    return "\n".join([*lines, "", f"- {SHARE:.0%} of pages within {LIMIT_MS:.0f} ms in every trial, none failed: {kept}"])


def keeps_promise(trials: Sequence[Trial]) -> bool:
    """Whether in every trial enough pages came in time, and none failed."""
    return all(trial.pages.share >= SHARE and trial.pages.failed == 0 for trial in trials)


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.pages_under_attack",
        description="Do pages come while somebody is at the server?",
    )
    parser.add_argument("--seconds", type=float, default=15.0, metavar="S", help="how long each kind is tried")
    parser.add_argument("--only", action="append", choices=list(KINDS), metavar="NAME", help=f"one of: {', '.join(KINDS)}")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout")
    return parser


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 done, 2 unusable input, 3 something missing, 130 cancelled."""
    options = build_parser().parse_args(arguments)
    if options.seconds <= 0:
        raise InputError(as_written("--seconds must be more than 0."))
    machine = describe_machine()
    with tempfile.TemporaryDirectory(prefix="belcanto-attack-") as name, LiveServer(Path(name) / "server") as server:
        trials = run_trials(server, Path(name), options.only or list(KINDS), options.seconds)
    if options.json:
        found = {"machine": asdict(machine), "seconds": options.seconds, "trials": [asdict(trial) for trial in trials]}
        print(json.dumps(found | {"kept": keeps_promise(trials)}))
    else:
        print(table(trials, machine, options.seconds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
