"""What workers that announce themselves, watching, and live events cost.

    python -m benchmarks.watching [--jobs 1000] [--database-url postgresql://...] [--redis-url redis://...]

Times to take a job (`claim`) where so many wait, by a worker that takes whatever comes and by one that is bound by what it can
do; to answer `/metrics`; and from an event's commit until a listener is woken, by the server's own looks and told by Redis.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from app import create_app
from app.api.jobs import newest_of
from app.api.watch import Watch
from app.database import Database, writing
from app.job_store import DatabaseJobStore
from app.models import Job, new_id
from app.services.events import append_event
from app.settings import AppSettings
from app.watching.announcing import first_abilities
from app.watching.news import NewsListener, NewsTeller
from benchmarks.library_rows import Shelves
from jobs.abilities import Abilities

#: How often each is measured.
TIMES = 20
#: How often the server looks by itself, in seconds.
LOOK_S = 0.5


def told(what: str, seconds: Sequence[float]) -> str:
    """A row: median and the slowest, in milliseconds."""
    return f"| {what} | {1000 * statistics.median(seconds):.1f} | {1000 * max(seconds):.1f} |"


def timed(work: Callable[[], object]) -> float:
    """How long it takes, in seconds."""
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s


def claims(database: Database, settings: AppSettings, abilities: Abilities | None) -> list[float]:
    """Seconds of each claim; the jobs wait again afterwards."""
    store = DatabaseJobStore(database, settings)
    store.abilities = lambda: abilities
    spent = []
    for _ in range(TIMES):
        spent.append(timed(lambda: store.claim("measured", "fair")))
    with database.session() as session, writing(session):
        session.query(Job).filter_by(owner="measured").update({"state": "queued", "owner": None, "started_at": None})
    return spent


def delays(database: Database, job_id: str, redis_url: str) -> list[float]:
    """Seconds from an event's commit until the listener is woken; redis_url: empty: by own looks alone."""
    spent: list[float] = []
    watch = Watch(newest_of(database), LOOK_S)
    listener = NewsListener(redis_url, watch.ring) if redis_url else None
    if listener is not None:
        listener.start()
        database.tell = NewsTeller(redis_url)

    def append() -> float:
        with database.session() as session:
            append_event(session, job_id, "note", {})
        return time.perf_counter()

    async def listen() -> None:
        for number in range(TIMES):
            with watch.listen(job_id, sys.maxsize) as news:
                await asyncio.sleep(0.6 + 0.037 * number)  # at any moment between two looks
                before = news.number or 0
                committed_s = await asyncio.to_thread(append)
                while (news.number or 0) <= before:
                    await asyncio.sleep(0.001)
                spent.append(max(0.0, time.perf_counter() - committed_s))

    asyncio.run(listen())
    if listener is not None:
        listener.close()
    database.tell = None
    return spent


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print a table; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.watching", description=__doc__)
    parser.add_argument("--jobs", type=int, default=1000, help="jobs that wait, of ten people (default %(default)s)")
    parser.add_argument("--database-url", default="", help="measure this empty database instead of SQLite")
    parser.add_argument("--redis-url", default="", help="measure news told by this Redis, too")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        settings = AppSettings(data_dir=Path(folder), database_url=options.database_url)
        app = create_app(settings)
        database = Database(settings)
        with database.session() as session:
            jobs = [Shelves(session, settings, new_id()).wait(options.jobs // 10)[0].jobs[0].id for _ in range(10)]
        able = replace(first_abilities(), engines=frozenset({"mesh", "anime"}))
        client = app.test_client()
        print("| what | median, ms | slowest, ms |\n|---|---|---|")
        print(told(f"claim, {options.jobs} wait, whatever comes", claims(database, settings, None)))
        print(told(f"claim, {options.jobs} wait, bound by abilities", claims(database, settings, able)))
        print(told("`/metrics`", [timed(lambda: client.get("/metrics")) for _ in range(TIMES)]))
        print(told("an event reaches a listener, own looks", delays(database, jobs[0], "")))
        if options.redis_url:
            print(told("the same, told by Redis", delays(database, jobs[0], options.redis_url)))
        database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
