"""What is deleted leaves no bytes behind: not in the stages' results, not in the free pages of the databases.

SQLite zeroes what is deleted (`secure_delete`, see `app.database`), but rows that it moved about earlier, and its log of changes,
may still hold copies. So the file is written anew and the log cut off after something was erased. PostgreSQL does so in its own
time (see its VACUUM).
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Collection
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from app.models import new_id
from app.settings import AppSettings
from pipeline.cache import CacheSettings, StageCache

log = logging.getLogger(__name__)

#: Stands in `results/` once the databases were written anew for the first time.
CLEAN = "scrubbed"
#: Begins the names of the marks of what was erased since.
UNCLEAN = "unscrubbed-"
#: How long the databases' other users are waited for; who comes later tries again.
BUSY_S = 5.0
#: A larger database is written anew by the sweep alone, and nobody waits for it.
AT_ONCE_BYTES = 64_000_000


def cache_dir(settings: AppSettings) -> Path:
    """Folder of the stages' results: in the data folder, unless the environment names another."""
    return Path(os.environ.get("BELCANTO_CACHE_DIR") or settings.results_dir / "cache")


def cache_settings(settings: AppSettings, person_id: str) -> CacheSettings:
    """The cache as the stages of the person's works have it. Raises BelcantoError where it is sealed and the key can't be had."""
    return replace(CacheSettings.from_environment(), folder=cache_dir(settings), seal=settings.vault.entry_seal(person_id))


def forget_stages(settings: AppSettings, person_id: str, digests: Collection[str], others: Collection[str] = ()) -> bool:
    """Remove the stages' results that were made from the person's files of these SHA-256; says whether all are gone: one in use
    stays. others: those of them that somebody else has too, whose results stay where they lie open for everybody."""
    cache = replace(CacheSettings.from_environment(), folder=cache_dir(settings))
    if not digests or not (cache.folder.is_dir() or cache.shared):
        return True
    seals = settings.vault.entry_seals(person_id)
    return StageCache(cache).forget(set(digests) - set(others), seals, digests)


def mark_erased(settings: AppSettings) -> None:
    """Note that something is being erased from the database, so that `scrub` is made good after a crash too."""
    (settings.results_dir / f"{UNCLEAN}{new_id()}").touch()


def scrub(session: Session, settings: AppSettings, at_once: bool = False) -> bool:
    """Write the SQLite files anew where something was erased since the last time; says whether nothing is left to do.

    at_once: leave a large database to the sweep. Where others are at work for too long, the next sweep tries again.
    """
    marks = list(settings.results_dir.glob(f"{UNCLEAN}*"))
    if not marks and (settings.results_dir / CLEAN).exists():
        return True
    session.commit()  # its own transaction would be in the way
    files = [path for path in (database_file(settings), settings.queue_file) if path is not None and path.is_file()]
    if at_once and any(path.stat().st_size > AT_ONCE_BYTES for path in files):
        return False
    done = [write_anew(path) for path in files]  # each, even where one is busy
    if not all(done):
        return False
    (settings.results_dir / CLEAN).touch()
    for mark in marks:
        mark.unlink(missing_ok=True)
    return True


def database_file(settings: AppSettings) -> Path | None:
    """The SQLite database's file; None for another database."""
    url = make_url(settings.database)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def write_anew(path: Path) -> bool:
    """Write a SQLite file anew, without its free pages, and empty its log; says whether others let us."""
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("VACUUM")
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        log.info("%s is written anew later (%s).", path.name, error)
        return False
    return not busy
