"""A long time of people who give, order, look, listen and delete: whether memory and file handles stay flat."""

from __future__ import annotations

import os
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

import numpy as np

from benchmarks.load.person import ApiPerson, open_stream, small_film
from benchmarks.load.site import Site

EVERY_S = 10.0
#: The first part of the time, in which caches fill and libraries are loaded, says nothing of growth.
WARM = 0.25
PAGES = ("/", "/library", "/api/v1/works", "/api/v1/jobs", "/works/{work}")
PAUSE_S = (0.5, 2.0)


@dataclass(frozen=True)
class Sample:
    """A process at a moment: seconds since the beginning, resident memory in MB, open file handles."""

    at_s: float
    rss_mb: float
    handles: int


@dataclass(frozen=True)
class Growth:
    """Of one process after warming: the mean, and by how much the line through the samples rises over an hour."""

    process: str
    rss_mb: float
    rss_rise_mb_per_h: float
    handles: float
    handles_rise_per_h: float


@dataclass(frozen=True)
class SoakFigures:
    """answers: how many of each status. cut: connections that broke."""

    minutes: float
    films: int
    answers: dict[str, int]
    cut: int
    growths: list[Growth] = field(default_factory=list)


def sample(pid: int, begin_s: float) -> Sample:
    """The process now. Raises FileNotFoundError where it has ended."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    handles = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return Sample(time.monotonic() - begin_s, pages * os.sysconf("SC_PAGE_SIZE") / 1e6, handles)


def growth_of(process: str, samples: Sequence[Sample]) -> Growth:
    """By a line of least squares through what was seen after warming."""
    warm = samples[int(WARM * len(samples)) :]
    hours = np.array([each.at_s for each in warm]) / 3600
    values = np.array([(each.rss_mb, each.handles) for each in warm], float)
    slopes = np.polyfit(hours, values, 1)[0] if len(warm) > 1 else np.zeros(2)
    means = values.mean(axis=0)
    return Growth(process, float(means[0]), float(slopes[0]), float(means[1]), float(slopes[1]))


class Restless:
    """A person who never rests."""

    def __init__(self, port: int, film: Path, seed: int, answers: Counter[str]) -> None:
        self.person, self.film, self.answers = ApiPerson(port), film, answers
        self.chance = random.Random(seed)
        self.cut = self.films = 0
        self._number = 0

    def live(self, ended: threading.Event) -> None:
        """Until it is over."""
        clip = self.person.give_clip(self.film)
        while not ended.is_set():
            try:
                clip = self.one_round(clip, ended)
            except (OSError, HTTPException):
                self.cut += 1

    def one_round(self, clip: str, ended: threading.Event) -> str:
        """Order a film, listen to its end amid some clicks, look at it and delete it; now and then give the clip anew."""
        work = self.person.order_look(clip, self._number)
        self._number += 1
        events = open_stream(self.person, work["job"]["links"]["events"])
        for _ in range(self.chance.randint(1, 4)):
            page = self.chance.choice(PAGES).format(work=work["id"])
            self.answers[str(self.person.page(page).status)] += 1
            ended.wait(self.chance.uniform(*PAUSE_S))
        while not ended.is_set() and (line := events.readline()):
            if line.startswith(b"event: end"):
                break
        events.close()
        made = self.person.call("GET", f"/works/{work['id']}").json
        if made["files"]:
            self.answers[str(self.person.call("GET", made["files"]["film"]).status)] += 1
            self.films += 1
        self.person.call("DELETE", f"/works/{work['id']}")
        if self._number % 100 == 0:
            self.person.call("DELETE", f"/clips/{clip}")
            return self.person.give_clip(self.film)
        return clip


def run_soak(minutes: float, people: int) -> SoakFigures:
    """Let them live for so long, and look at the processes every ten seconds."""
    answers, ended = Counter[str](), threading.Event()
    with tempfile.TemporaryDirectory(prefix="belcanto-soak-") as name:
        film = small_film(Path(name) / "given.mp4")
        with Site(Path(name) / "data", 1) as site:
            site.start_workers()
            alive = [Restless(site.server.port, film, seed, answers) for seed in range(people)]
            threads = [threading.Thread(target=each.live, args=(ended,), daemon=True) for each in alive]
            seen: dict[str, list[Sample]] = {"server": [], "worker": []}
            begin_s = time.monotonic()
            for thread in threads:
                thread.start()
            while time.monotonic() - begin_s < 60 * minutes:
                time.sleep(EVERY_S)
                site.check_workers()
                seen["server"].append(sample(site.server.pid, begin_s))
                seen["worker"].append(sample(site.workers[0].pid, begin_s))
            ended.set()
            for thread in threads:
                thread.join(60.0)
    growths = [growth_of(process, samples) for process, samples in seen.items()]
    films, cut = sum(each.films for each in alive), sum(each.cut for each in alive)
    return SoakFigures(minutes, films, dict(answers), cut, growths)


def told(figures: SoakFigures) -> str:
    """The figures as a Markdown table."""
    lines = [f"{figures.minutes:g} minutes, {figures.films} films, answers {figures.answers}, {figures.cut} connections cut.", ""]
    lines += ["| process | memory MB | rise MB an hour | file handles | rise an hour |", "|" + " --- |" * 5]
    for each in figures.growths:
        values = (each.rss_mb, each.rss_rise_mb_per_h, each.handles, each.handles_rise_per_h)
        lines.append(f"| {each.process} | " + " | ".join(f"{value:.1f}" for value in values) + " |")
    return "\n".join(lines)
