"""How the worker's stores reach the database, and how they know whether whoever works on a row still lives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app.database import Database, writing
from app.models import Job, SongEmotion, now
from app.settings import AppSettings
from pipeline.job_contracts import StoreUnavailable
from pipeline.job_workers import has_died

#: A worker on another machine is taken for dead after so long a silence; one on this machine is known by its lock.
SILENCE = timedelta(seconds=90)
WORKER_LOCKS = "workers"


class StoreAccess:
    """Sessions whose failures the worker understands."""

    def __init__(self, database: Database, settings: AppSettings) -> None:
        self._database, self._settings = database, settings

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

    def _is_stale(self, job: Job | SongEmotion, worker: str, idle: bool) -> bool:
        if job.owner is None:
            return False
        if job.owner == worker:
            return idle
        died = has_died(self.locks, job.owner)
        if died is None:
            return job.heartbeat_at is None or job.heartbeat_at < now() - SILENCE
        return died
