"""How the worker's stores reach the database, and how they know whether whoever works on a row still lives."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app.database import Database, writing
from app.models import Job
from app.settings import AppSettings
from jobs.contracts import StoreUnavailable
from jobs.life_signs import LifeSigns
from jobs.workers import has_died

#: A worker on another machine is taken for dead after so long a silence; one on this machine is known by its lock.
SILENCE_S = 90.0
#: The same where it also gives no sign of life: longer than a Redis that was started anew lacks those of the living.
SIGNLESS_S = 12.0
WORKER_LOCKS = "workers"


class StoreAccess:
    """Sessions whose failures the worker understands."""

    def __init__(self, database: Database, settings: AppSettings, clock: Callable[[], float] = time.monotonic) -> None:
        """clock: seconds of this machine, for how long another machine's worker has been silent."""
        self._database, self._settings, self._clock = database, settings, clock
        self._signs = LifeSigns(settings.redis_url) if settings.locks == "redis" else None
        #: by row and worker: the last beat that was seen of a worker elsewhere, and when it was first seen here.
        self._beats: dict[tuple[str, str], tuple[datetime | None, float]] = {}

    @property
    def locks(self) -> Path:
        """Folder of the workers' locks."""
        return self._settings.results_dir / WORKER_LOCKS

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        try:
            with self._database.session() as session:
                yield session
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise StoreUnavailable(str(error)) from error

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with self._reading() as session, writing(session):
            yield session

    def _forget_beats(self, held: set[tuple[str, str]]) -> None:
        """Forget the beats of rows that no worker has any more."""
        self._beats = {key: beat for key, beat in self._beats.items() if key in held}

    def _is_stale(self, job: Job, worker: str, idle: bool) -> bool:
        if job.owner is None:
            return False
        if job.owner == worker:
            return idle
        died = has_died(self.locks, job.owner)
        if died is None:
            return self._is_silent(job, job.owner, self._silence_s(job.owner))
        return died

    def _silence_s(self, owner: str) -> float:
        """After how long a silence a worker elsewhere is taken for dead."""
        return SIGNLESS_S if self._signs is not None and self._signs.lack(owner) else SILENCE_S

    def _is_silent(self, job: Job, owner: str, limit_s: float) -> bool:
        """Whether a worker elsewhere has said nothing new for so long.

        Its beats bear its own machine's time, which may be minutes off, so they are only told apart, never held against ours.
        """
        now_s = self._clock()
        seen = self._beats.get((job.id, owner))
        if seen is None or seen[0] != job.heartbeat_at:
            self._beats[job.id, owner] = job.heartbeat_at, now_s
            return False
        return now_s - seen[1] >= limit_s
