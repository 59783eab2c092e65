"""One fetch at a time in a weights folder, also between processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.file_lock import EntryLock


@contextmanager
def folder_lock(folder: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the folder's lock while the block runs; `waiting` is called about every 0.2 s until it is free, and may raise."""
    with EntryLock(folder / ".lock") as lock:
        lock.own(waiting)
        try:
            yield
        finally:
            lock.remove()
