"""Two hundred people with open streams of events who click: how long the answers take while films are being made."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from benchmarks.load.person import ApiPerson, open_stream, small_film
from benchmarks.load.site import Site
from benchmarks.pages_under_load import percentile

#: Seconds between two clicks of one person.
PAUSE_S = (5.0, 15.0)
PAGES = ("/", "/library", "/works/{work}", "/api/v1/works", "/api/v1/jobs")


@dataclass(frozen=True)
class PeopleFigures:
    """Times of the answers in milliseconds. streams: open at the end; events: heard by all; failed: answers from 400 up, and
    connections that were cut."""

    people: int
    seconds: float
    clicks: int
    median_ms: float
    p95_ms: float
    p99_ms: float
    slowest_ms: float
    failed: int
    streams: int
    events: int


class Listener:
    """A person who listens to one film and clicks."""

    def __init__(self, port: int, film: Path, seed: int) -> None:
        self.person, self.chance = ApiPerson(port), random.Random(seed)
        self.work = self.person.order_look(self.person.give_clip(film), 0)
        self.events = self.failed = 0
        self.listens = False

    def listen(self, ended: threading.Event) -> None:
        """Hold the stream open, and open it again where it ends, as the page of a film does."""
        while not ended.is_set():
            try:
                with open_stream(self.person, self.work["job"]["links"]["events"]) as stream:
                    self.listens = True
                    while not ended.is_set() and (line := stream.readline()):
                        self.events += line.startswith(b"event:")
            except (OSError, HTTPException):
                self.failed += 1
            self.listens = self.listens and ended.is_set()
            ended.wait(2.0)

    def click(self, ended: threading.Event, note: Callable[[float], None]) -> None:
        """Open pages until it is over."""
        while not ended.wait(self.chance.uniform(*PAUSE_S)):
            begin_s = time.perf_counter()
            try:
                status = self.person.page(self.chance.choice(PAGES).format(work=self.work["id"])).status
                self.failed += status >= 400
            except (OSError, HTTPException):
                self.failed += 1
            note((time.perf_counter() - begin_s) * 1000)


def run_people(people: int, seconds: float) -> PeopleFigures:
    """All of them for so long, beside one worker; most of their films wait, so that their streams stay open."""
    took_ms, ended = list[float](), threading.Event()
    with tempfile.TemporaryDirectory(prefix="belcanto-people-") as name:
        film = small_film(Path(name) / "given.mp4")
        with Site(Path(name) / "data", 1) as site:
            crowd = [Listener(site.server.port, film, seed) for seed in range(people)]
            site.start_workers()
            threads = [threading.Thread(target=each.listen, args=(ended,), daemon=True) for each in crowd]
            threads += [threading.Thread(target=each.click, args=(ended, took_ms.append), daemon=True) for each in crowd]
            for thread in threads:
                thread.start()
            time.sleep(seconds)
            streams = sum(each.listens for each in crowd)
            ended.set()
            for thread in threads:
                thread.join(20.0)
    times = sorted(took_ms)
    median, p95, p99 = (percentile(times, part) for part in (0.5, 0.95, 0.99))
    failed, events = sum(each.failed for each in crowd), sum(each.events for each in crowd)
    return PeopleFigures(people, seconds, len(times), median, p95, p99, times[-1], failed, streams, events)


def told(figures: PeopleFigures) -> str:
    """The figures as a sentence each."""
    return (
        f"- {figures.people} people, {figures.seconds:g} s, {figures.clicks} clicks: median {figures.median_ms:.0f} ms, 95% "
        f"{figures.p95_ms:.0f} ms, 99% {figures.p99_ms:.0f} ms, slowest {figures.slowest_ms:.0f} ms, {figures.failed} failed\n"
        f"- {figures.streams} streams open at the end, {figures.events} events heard"
    )
