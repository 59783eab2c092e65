"""A lock on a file that the operating system drops when its holder ends, however it ends."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from core.errors import InputError

POLL_S = 0.2
#: What systems and network drives answer where somebody else holds the lock; every other error says that there are no locks.
HELD = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)


class EntryLock:
    """One process's hold on an entry: shared by all who read it, or its own while it makes or removes it.

    The lock is a file. `remove` takes it away while it is held alone; whoever waits for it notices and goes on with a new one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = -1

    def __enter__(self) -> EntryLock:
        self._open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close()  # drops the lock as well

    def share(self, waiting: Callable[[], None]) -> None:
        """Hold the lock together with other readers; `waiting` is called until it is free and may raise.

        Raises InputError, as all the others do, where the file's disk knows no locks.
        """
        self._wait(False, waiting)

    def own(self, waiting: Callable[[], None]) -> None:
        """Hold the lock alone; `waiting` is called until it is free and may raise."""
        self._wait(True, waiting)

    def try_own(self) -> bool:
        """Hold the lock alone if nobody holds it now."""
        return self._take(True)

    def confirm(self) -> None:
        """The system holds the lock for as long as this process has it: it can't be lost."""

    def remove(self) -> None:
        """Take the file away; the lock must be held alone. Windows removes no open file: there it stays."""
        with suppress(PermissionError, FileNotFoundError):
            self.path.unlink()

    def _wait(self, alone: bool, waiting: Callable[[], None]) -> None:
        while not self._take(alone):
            waiting()
            time.sleep(POLL_S)

    def _take(self, alone: bool) -> bool:
        """Take the lock without waiting, on the file that has the name now: what we opened may have been removed since."""
        while True:
            try:
                if not try_lock(self._descriptor, alone):
                    return False
            except OSError as error:
                raise InputError("core.folder_holds_no_locks", folder=self.path.parent, reason=error.strerror) from error
            if self._has_its_name():
                return True
            self._close()
            self._open()

    def _has_its_name(self) -> bool:
        try:
            return os.path.samestat(self.path.stat(), os.fstat(self._descriptor))
        except FileNotFoundError:
            return False

    def _open(self) -> None:
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


if sys.platform == "win32":
    import msvcrt

    def try_lock(descriptor: int, alone: bool) -> bool:
        """Take an open file's lock without waiting. There is no shared lock here: readers of one entry take turns."""
        with suppress(OSError):  # it may not be held
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
        return not_held(lambda: msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1))
else:
    import fcntl

    def try_lock(descriptor: int, alone: bool) -> bool:
        """Take an open file's lock without waiting, shared or alone; False where somebody else holds it.

        A lock that we hold already is changed to that kind. Raises OSError where the file's disk knows no locks.
        """
        return not_held(lambda: fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB))


def not_held(take: Callable[[], object]) -> bool:
    """Whether the taking went well; False where another one holds the lock. Raises OSError for everything else."""
    try:
        take()
    except OSError as error:
        if error.errno in HELD:
            return False
        raise
    return True
