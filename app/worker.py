"""The worker of the web interface: beside the web process, or on its own as `python -m app.worker`."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.database import Database
from app.job_store import DatabaseJobStore
from app.job_wiring import make_queue
from app.migrations.upgrade import upgrade
from app.notices.sending import Notices, sender_of
from app.services.erasure import cache_dir
from app.services.expecting import expected_file
from app.settings import AppSettings, begin_vault
from app.terminal import add_data_dir, settings_of
from app.watching.announcing import TableAnnouncer
from app.watching.news import teller_of
from app.watching.worker_port import WorkerPort
from app.workplace import workplace_of
from core.errors import BelcantoError
from core.output_files import PART_SUFFIX
from core.places import call_of
from core.sandbox.sandbox import check as check_sandbox
from core.watching.logs import begin_log
from core.watching.traces import begin_traces, end_traces
from core.work import Turn
from jobs.life_signs import LifeSigns
from jobs.queueing import JobQueue, Worker, WorkerSettings
from media.film_writer import remove_left_part
from pipeline.work_kinds import KINDS
from provenance.places import DIR_VARIABLE as SIGNING_DIR

log = logging.getLogger(__name__)

#: The program that does a piece of work, in a process of its own.
PROGRAM = "belcanto.work_child"
#: File in the results' folder in which all workers keep what the stages of their films took.
STAGE_TIMES = "stage_times.json"


def worker_settings(settings: AppSettings, locks: Path) -> WorkerSettings:
    """How a worker works. The stages' cache lies in the data folder, unless the environment names another."""
    environment = {"BELCANTO_CACHE_DIR": str(cache_dir(settings)), SIGNING_DIR: str(settings.signing_dir)}
    limits_s: dict[Turn, float] = {"soon": 1800.0, "fair": settings.limits.job_s, "idle": 3600.0}
    made = WorkerSettings(locks, PROGRAM, limits_s, environment=environment, expected=expected_file(settings))
    signs = LifeSigns(settings.redis_url) if settings.locks == "redis" else None
    return replace(made, signs=signs, stage_times=settings.results_dir / STAGE_TIMES, workplace=workplace_of(settings))


def make_worker(settings: AppSettings, database: Database, queue: JobQueue | None = None) -> Worker:
    """A worker on the application's jobs; the caller starts and stops it. The tables must be there.

    Raises InputError where notices are to be sent and their key can't be read.
    """
    store, announcer = DatabaseJobStore(database, settings), TableAnnouncer(database, settings)
    database.tell = database.tell or teller_of(settings)
    store.abilities = lambda: announcer.abilities
    if (sender := sender_of(settings)) is not None:
        store.on_ready = Notices(database, settings, sender).work_is_ready
    how = replace(worker_settings(settings, store.locks), announcer=announcer)
    return Worker(queue or make_queue(settings), store, how, KINDS)


def remove_left_films(settings: AppSettings) -> int:
    """Remove the unfinished films that killed workers have left; those in the making are held and stay. Says how many went."""
    parts = list(settings.results_dir.glob(f".*{PART_SUFFIX}"))
    for part in parts:
        remove_left_part(part)
    return sum(not part.exists() for part in parts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Work until SIGINT or SIGTERM; returns the exit code."""
    parser = argparse.ArgumentParser(prog=call_of("app.worker"), description="Makes the films that the web interface queues.")
    add_data_dir(parser)
    options = parser.parse_args(arguments)
    try:
        begin_log()
        begin_traces("belcanto-worker")
        settings = settings_of(options)
        return work(settings)
    except BelcantoError as error:
        print(str(error), file=sys.stderr)
        return error.exit_code


def work(settings: AppSettings) -> int:
    """A worker until the process is told to end."""
    database = Database(settings)
    upgrade(database.engine, settings)
    begin_vault(settings)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    worker = make_worker(settings, database)
    remove_left_films(settings)
    check_sandbox()
    port = WorkerPort(settings.watch.worker_port, lambda: worker.alive) if settings.watch.worker_port else None
    worker.start()
    log.info("Worker %s is ready.", worker.name)
    ended.wait()
    worker.stop()
    if port is not None:
        port.close()
    end_traces()
    database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
