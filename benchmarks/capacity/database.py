"""What the queue's transactions cost, on SQLite and on PostgreSQL, alone and side by side, with many jobs waiting."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.database import Database
from app.job_store import DatabaseJobStore
from app.migrations.upgrade import upgrade
from app.models import new_id
from app.settings import AppSettings
from benchmarks.library_rows import FILMS, Shelves
from jobs.contracts import JobProgress

#: Connections that ask at the same time, to see how many transactions a database does side by side.
SIDE_BY_SIDE = 8
SIGNS = 400


@dataclass(frozen=True)
class Transactions:
    """database: which. jobs: that waited. claim_s, sign_s, finish_s: medians of one transaction alone. lanes: how many times as
    many signs of life go through from many connections at once as from one."""

    database: str
    jobs: int
    claim_s: float
    sign_s: float
    finish_s: float
    lanes: float

    def sentence(self) -> str:
        """The figures in words."""
        alone = f"claim {1000 * self.claim_s:.1f} ms, sign of life {1000 * self.sign_s:.1f} ms, end {1000 * self.finish_s:.1f} ms"
        beside = f"{SIDE_BY_SIDE} connections together give {self.lanes:.1f} times one's signs of life"
        return f"{self.database}, {self.jobs} jobs wait: {alone}; {beside}."


@contextmanager
def filled(address: str, jobs: int) -> Iterator[tuple[DatabaseJobStore, AppSettings]]:
    """A store with so many jobs that wait, of ten people. address: SQLAlchemy's; empty: SQLite in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="belcanto-capacity-") as name:
        settings = AppSettings(data_dir=Path(name), database_url=address)
        database = Database(settings)
        try:
            upgrade(database.engine, settings)
            for number in range(10):
                with database.session() as session:
                    Shelves(session, settings, new_id(), seed=number).wait(jobs // 10)
            yield DatabaseJobStore(database, settings), settings
        finally:
            database.close()


def median_s(act: Callable[[], object], count: int) -> float:
    """Of so many calls, one after the other."""
    times = []
    for _ in range(count):
        begun_s = time.perf_counter()
        act()
        times.append(time.perf_counter() - begun_s)
    return statistics.median(times)


def signs_s(store: DatabaseJobStore, jobs: list[tuple[str, str]], side_by_side: int) -> float:
    """Seconds for `SIGNS` signs of life, a beat and a progress in turn, from so many connections together."""

    def say(number: int) -> None:
        job_id, worker = jobs[number % len(jobs)]
        if number % 2:
            store.beat(job_id, worker)
        else:
            store.progress(job_id, worker, JobProgress("drawing", number, SIGNS, None))

    with ThreadPoolExecutor(side_by_side) as pool:
        begun_s = time.perf_counter()
        list(pool.map(say, range(SIGNS)))
        return time.perf_counter() - begun_s


def measure(name: str, address: str, jobs: int) -> Transactions:
    """The costs on one database."""
    with filled(address, jobs) as (store, settings):
        claimed: list[tuple[str, str]] = []

        def claim() -> None:
            worker = f"worker{len(claimed)}-1@capacity"
            order = store.claim(worker, "fair")
            assert order is not None
            claimed.append((order.job_id, worker))

        claim_s = median_s(claim, min(30, jobs))
        alone_s, together_s = signs_s(store, claimed, 1), signs_s(store, claimed, SIDE_BY_SIDE)
        ending = iter(claimed)

        def finish() -> None:
            job_id, worker = next(ending)
            film = f"film-{new_id()}.mp4"
            shutil.copyfile(FILMS[0], settings.results_dir / film)
            store.finish(job_id, worker, {"width": 256, "height": 256, "duration_s": 2.0, "frames": 50}, {"film": film})

        finish_s = median_s(finish, len(claimed))
        return Transactions(name, jobs, claim_s, alone_s / SIGNS, finish_s, alone_s / together_s)
