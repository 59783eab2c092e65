"""N workers against one: each pinned to a core of its own, the same number of films for each.

The pages' server runs beside them, unpinned, as on one machine of a site; it has nothing to do while films are made.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from benchmarks.live_server import LiveServer
from benchmarks.pages_under_load import PORTRAIT, SONG
from benchmarks.programs import ROOT
from benchmarks.visitor import Visitor
from core.errors import InputError, MissingError
from core.messages import as_written
from core.processor import usable_cores

LIMIT_S, LOOK_S, STOP_LIMIT_S = 3600.0, 0.5, 60.0
#: Where in the demo's song the films begin; up to 20 seconds follow.
START_S = 3
#: The worker, and nothing of it on another core.
PINNED = "import os, sys; os.sched_setaffinity(0, {{{core}}}); from app.worker import main; sys.exit(main())"


@dataclass(frozen=True)
class Films:
    """Which films are made: so many seconds of the demo's song, at that height, each of another seed."""

    seconds: float
    height: int
    each: int


@dataclass(frozen=True)
class Scaling:
    """workers: how many. films: how many were made. span_s: from the first order's claim to the last film's end. work_s: of each
    film, from its claim to its end. of_n: what all make over N times what one made."""

    workers: int
    films: int
    span_s: float
    work_s: tuple[float, ...]
    of_n: float = 1.0

    @property
    def films_per_hour(self) -> float:
        """Of all workers together."""
        return 3600.0 * self.films / self.span_s

    def sentence(self) -> str:
        """The figures in words."""
        made = f"{self.films} films in {self.span_s:.1f} s, {self.films_per_hour:.0f} an hour"
        return f"{self.workers} worker(s): {made}, {self.of_n:.2f} N."


@contextmanager
def worker_on(core: int, environment: Mapping[str, str], log: Path) -> Iterator[None]:
    """A worker on that core for the time of the block."""
    with log.open("ab") as sink:
        command = [sys.executable, "-c", PINNED.format(core=core)]
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=sink, stderr=sink)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Customer:
    """Somebody who orders films of one song and one picture."""

    def __init__(self, url: str) -> None:
        self.visitor = Visitor(url)
        self.song = self.visitor.upload("/music", SONG).query["song"]
        self.picture = self.visitor.upload(f"/image?song={self.song}", PORTRAIT).query["picture"]

    def order(self, films: Films, seed: int) -> str:
        """The film's id. Raises `InputError` where the order is not taken."""
        part = f"start={START_S}&end={START_S + films.seconds:g}"
        page = self.visitor.get(f"/order?song={self.song}&picture={self.picture}&{part}")
        wanted = {"consent": "1", "height": films.height, "seed": seed}
        answer = self.visitor.submit(page.form("order"), {name: str(value) for name, value in wanted.items()})
        if "/films/" not in answer.url:
            raise InputError(as_written(f"The order was not taken: {answer.url} ({answer.status})."))
        return answer.url.partition("/films/")[2].partition("?")[0]

    def wait_for(self, film_id: str) -> tuple[float, float]:
        """When the film was claimed and when it was done, in seconds since 1970. Raises `MissingError` where it isn't made."""
        deadline = time.monotonic() + LIMIT_S
        while time.monotonic() < deadline:
            job = json.loads(self.visitor.get(f"/api/v1/films/{film_id}").text)["job"]
            if job["state"] == "done":
                return _seconds(job["started_at"]), _seconds(job["finished_at"])
            if job["state"] in ("failed", "cancelled"):
                raise MissingError(as_written(f"A film {job['state']}: {job}"))
            time.sleep(LOOK_S)
        raise MissingError(as_written(f"A film was not made within {LIMIT_S:.0f} s."))


def _seconds(written: str) -> float:
    """An instant as the API writes it, in seconds since 1970."""
    return datetime.fromisoformat(written).timestamp()


def run(films: Films, cores: Sequence[int]) -> Scaling:
    """As many workers as cores are named; the song is taken apart before, so that all films find that done."""
    with tempfile.TemporaryDirectory(prefix="belcanto-capacity-") as name, ExitStack() as stack:
        folder = Path(name)
        server = stack.enter_context(LiveServer(folder, worker=False))
        environment = {"BELCANTO_DATA_DIR": name, "BELCANTO_CACHE_DIR": str(folder / "cache")}
        customer = Customer(server.url)
        with worker_on(cores[0], environment, folder / "worker.log"):
            customer.wait_for(customer.order(films, 0))
        ordered = [customer.order(films, seed) for seed in range(1, 1 + films.each * len(cores))]
        for core in cores:
            stack.enter_context(worker_on(core, environment, folder / f"worker-{core}.log"))
        spans = [customer.wait_for(film) for film in ordered]
    begun_s, ended_s = min(begin for begin, _ in spans), max(end for _, end in spans)
    return Scaling(len(cores), len(spans), ended_s - begun_s, tuple(end - begin for begin, end in spans))


def compare(films: Films, most: int | None = None) -> list[Scaling]:
    """One worker, then as many as there are cores (or `most`)."""
    cores = sorted(os.sched_getaffinity(0))[: most or usable_cores()]
    one, all_of_them = run(films, cores[:1]), run(films, cores)
    return [one, replace(all_of_them, of_n=all_of_them.films_per_hour / one.films_per_hour / all_of_them.workers)]
