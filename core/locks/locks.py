"""Locks by setting: files of this machine, or Redis, whose locks hold among all machines that reach it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, get_args

from core.errors import BelcantoError, InputError
from core.file_lock import EntryLock

LockKind = Literal["files", "redis"]
KIND, REDIS_URL = "BELCANTO_LOCKS", "BELCANTO_REDIS_URL"
DEFAULT_REDIS_URL = "redis://127.0.0.1:6379/0"


class LocksFailed(BelcantoError):
    """Whoever keeps the locks can't be reached, or a lock was lost while it was held: nothing goes on without it."""


class Lock(Protocol):
    """One holder's hold, in a `with` block; see `core.file_lock.EntryLock`. Raises LocksFailed where locks lie elsewhere."""

    def __enter__(self) -> Lock: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None: ...

    def share(self, waiting: Callable[[], None]) -> None:
        """Hold it together with others; `waiting` is called until it is free and may raise."""
        ...

    def own(self, waiting: Callable[[], None]) -> None:
        """Hold it alone; `waiting` is called until it is free and may raise."""
        ...

    def try_own(self) -> bool:
        """Hold it alone if nobody holds it now."""
        ...

    def confirm(self) -> None:
        """To be called before something is made known that rests on the lock: raises LocksFailed where it is held no more, as
        after a sleep of the machine that was longer than the lock lasts without a sign of life."""
        ...

    def remove(self) -> None:
        """Forget the lock, which must be held alone."""
        ...


class Locks(Protocol):
    """Where locks come from."""

    def at(self, path: Path, name: str) -> Lock:
        """The lock of that file, or of that name among all machines."""
        ...


class FileLocks:
    """Locks on files: among the processes of one machine, dropped by the system with their holder."""

    def at(self, path: Path, name: str) -> Lock:
        """See `Locks`."""
        return EntryLock(path)


#: The default.
FILE_LOCKS = FileLocks()


@dataclass(frozen=True)
class LockSettings:
    """kind: who keeps the locks. redis_url: address of Redis, for `redis`."""

    kind: LockKind = "files"
    redis_url: str = DEFAULT_REDIS_URL

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> LockSettings:
        """`BELCANTO_LOCKS` and `BELCANTO_REDIS_URL`. Raises InputError for another kind."""
        kind = environment.get(KIND) or cls.kind
        for known in get_args(LockKind):
            if kind == known:
                return cls(known, environment.get(REDIS_URL) or cls.redis_url)
        raise InputError("core.locks_not_among", name=KIND, value=kind)

    def locks(self) -> Locks:
        """Where locks come from."""
        if self.kind == "files":
            return FILE_LOCKS
        from core.locks.redis_lock import RedisLocks  # whoever has none need not load its package

        return RedisLocks(self.redis_url)
