"""A lock on one cache entry that the operating system drops when its holder ends, however it ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

POLL_S = 0.2


class EntryLock:
    """One process's hold on an entry: shared by all who read it, or its own while it makes or removes it.

    The lock is a file that stays (removing it would let two holders lock two files of the same name).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = -1

    def __enter__(self) -> EntryLock:
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        os.close(self._descriptor)  # drops the lock as well

    def share(self, waiting: Callable[[], None]) -> None:
        """Hold the lock together with other readers; `waiting` is called until it is free and may raise."""
        self._wait(False, waiting)

    def own(self, waiting: Callable[[], None]) -> None:
        """Hold the lock alone; `waiting` is called until it is free and may raise."""
        self._wait(True, waiting)

    def try_own(self) -> bool:
        """Hold the lock alone if nobody holds it now."""
        return _lock(self._descriptor, True)

    def _wait(self, alone: bool, waiting: Callable[[], None]) -> None:
        while not _lock(self._descriptor, alone):
            waiting()
            time.sleep(POLL_S)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int, alone: bool) -> bool:
        """Take the lock without waiting. There is no shared lock here: readers of one entry take turns."""
        with suppress(OSError):  # it may not be held
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _lock(descriptor: int, alone: bool) -> bool:
        """Take the lock without waiting, shared or alone; a lock that we hold already is changed to that kind."""
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
