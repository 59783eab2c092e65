"""One fetch at a time in a weights folder, also between processes."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

POLL_S = 0.2


def try_lock(descriptor: int) -> bool:
    """Take the operating system's exclusive lock on an open file, without waiting. It falls with the process that held it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


@contextmanager
def folder_lock(folder: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the folder's lock while the block runs; `waiting` is called about every 0.2 s until it is free, and may raise."""
    path = folder / ".lock"
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if try_lock(descriptor) and still_there(path, descriptor):
                break
            os.close(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        waiting()
        time.sleep(POLL_S)
    try:
        yield
    finally:
        if sys.platform != "win32":  # an open file can't be removed there; the empty lock file stays
            path.unlink(missing_ok=True)
        os.close(descriptor)


def still_there(path: Path, descriptor: int) -> bool:
    """Whether `path` is the file that we locked: the last holder may have removed it between our opening and our locking."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
