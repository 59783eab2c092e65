"""The door to the database: SQLite by default, PostgreSQL by address.

Whoever writes does so inside `writing(session)`: it begins a transaction that already holds SQLite's only write lock (one that
began as a reader could not get it any more once another wrote), commits at the end, and then tells of the jobs that were queued.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from core.errors import InputError, MissingError

if TYPE_CHECKING:  # the settings open the keys' database
    from app.settings import AppSettings

#: How long a connection waits for another one's transaction.
BUSY_TIMEOUT_MS = 20_000
#: Connections that are kept, and that there may be at most besides: about as many as the server has threads.
POOL: Mapping[str, Any] = {"pool_size": 10, "max_overflow": 40}
#: Of every SQLite connection. What is deleted is zeroed in the file, so that nobody finds it there. An order that was confirmed
#: outlives a power loss: in this journal mode only FULL has each commit safe on the disk (https://sqlite.org/pragma.html).
SQLITE_SETTINGS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    f"busy_timeout={BUSY_TIMEOUT_MS}",
)
WRITES = "belcanto_writes"
DEPTH = "writing_depth"
QUEUED_JOBS = "queued_jobs"
ANNOUNCE = "announce"
JOB_NEWS, TELL = "job_news", "tell"


class Database:
    """The engine and its sessions. `announce` is called with a job's id after that job was queued and committed."""

    def __init__(self, settings: AppSettings) -> None:
        settings.make_folders()
        self.engine = make_engine(settings.database)
        self.announce: Callable[[str], object] | None = None
        #: called with the ids of jobs that have news, once these are committed.
        self.tell: Callable[[Collection[str]], object] | None = None
        info = {ANNOUNCE: self._announce, TELL: self._tell}
        self._sessions = sessionmaker(self.engine, expire_on_commit=False, info=info)

    def session(self) -> Session:
        """A session of its own; close it, or use it in a `with` block. Not to be shared between threads."""
        return self._sessions()

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()

    def _announce(self, job_id: str) -> None:
        if self.announce is not None:
            self.announce(job_id)

    def _tell(self, job_ids: Collection[str]) -> None:
        if self.tell is not None:
            self.tell(job_ids)


def make_engine(url: str, pool: Mapping[str, Any] = POOL) -> Engine:
    """The engine for an address; SQLite's in the mode in which readers and a writer do not wait for each other.

    pool: how many connections are kept, and how.

    Raises InputError for an address that is none, MissingError where the database's package is not installed.
    """
    sqlite = url.startswith("sqlite")
    special: dict[str, Any] = {"connect_args": {"timeout": BUSY_TIMEOUT_MS / 1000}} if sqlite else {"pool_pre_ping": True}
    try:
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), **special, **pool)
    except (ArgumentError, NoSuchModuleError) as error:
        raise InputError("app.database_address_unreadable") from error
    except ImportError as error:
        raise MissingError("app.database_package_missing", name=error.name) from error
    if not sqlite:
        return engine
    event.listen(engine, "connect", prepare_sqlite)
    event.listen(engine, "begin", begin_sqlite)
    return engine


def prepare_sqlite(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    """Settings of every SQLite connection. Its driver's own transactions are switched off: `begin_sqlite` begins them."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in SQLITE_SETTINGS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def begin_sqlite(connection: Connection) -> None:
    """A writer takes the lock at once, and waits for it up to the busy timeout."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def writing(session: Session) -> Iterator[Session]:
    """A transaction that writes: committed where the block ends well, else rolled back. Inside another one it is a part of that.

    What the session did before is committed first. Objects stay usable afterwards.
    """
    depth = session.info.get(DEPTH, 0)
    if depth == 0:
        session.commit()
        session.connection(execution_options={WRITES: True})
    session.info[DEPTH] = depth + 1
    try:
        yield session
        if depth == 0:
            session.commit()
    except BaseException:
        if depth == 0:
            session.info.pop(QUEUED_JOBS, None)
            session.info.pop(JOB_NEWS, None)
            session.rollback()
        raise
    finally:
        session.info[DEPTH] = depth
    if depth == 0:
        tell_queued(session)


def queue_announcement(session: Session, job_id: str) -> None:
    """Have the job announced once the transaction is committed."""
    session.info.setdefault(QUEUED_JOBS, []).append(job_id)


def queue_news(session: Session, job_id: str) -> None:
    """Have it told that the job has news, once the transaction is committed."""
    session.info.setdefault(JOB_NEWS, set()).add(job_id)


def tell_queued(session: Session) -> None:
    """Announce the jobs that the transaction queued, and those of which there are news."""
    announce = session.info[ANNOUNCE]
    if news := session.info.pop(JOB_NEWS, None):
        session.info[TELL](news)
    for job_id in session.info.pop(QUEUED_JOBS, []):
        announce(job_id)
