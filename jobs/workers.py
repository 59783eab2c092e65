"""Workers have names, and a file that is locked for as long as they live: so the others know at once when one has died."""

from __future__ import annotations

import os
import socket
import uuid
from contextlib import ExitStack
from pathlib import Path

from core.file_lock import EntryLock
from jobs.life_signs import LifeSigns

SUFFIX = ".worker"


def host_name() -> str:
    """This machine's name as part of a worker's name."""
    return socket.gethostname().replace("/", "_").replace("@", "_") or "machine"


class WorkerLock:
    """The name of a living worker. The system drops the lock when the worker's process ends, however it ends."""

    def __init__(self, folder: Path, signs: LifeSigns | None = None) -> None:
        """folder: where all workers of this machine that share the jobs have their files; made where missing.

        signs: where it shows other machines that it lives.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.name = f"{uuid.uuid4().hex[:12]}-{os.getpid()}@{host_name()}"
        self._held = ExitStack()
        path = folder / f"{self.name}{SUFFIX}"
        self._lock = self._held.enter_context(EntryLock(path))
        if not self._lock.try_own():
            raise RuntimeError(f"The new file {path} is locked already.")
        self._signs = signs
        if signs is not None:
            signs.show(self.name)

    def close(self) -> None:
        """The worker has ended in good order."""
        if self._signs is not None:
            self._signs.end()
        self._lock.remove()
        self._held.close()


def has_died(folder: Path, name: str) -> bool | None:
    """Whether the worker of that name is dead; None where it ran on another machine, whose locks can't be asked."""
    if name.rpartition("@")[2] != host_name():
        return None
    path = folder / f"{name}{SUFFIX}"
    if not path.exists():
        return True
    with EntryLock(path) as lock:
        if not lock.try_own():
            return False
        lock.remove()  # names are never used again
    return True
