"""Working copies: folders for what must lie open for a while, as programs such as ffmpeg read files and no keys.

They lie in memory (`/dev/shm`, or the session's `XDG_RUNTIME_DIR`) where there is room for them, else in a folder of the data
folder that nobody else may enter. Each is held by a lock for as long as it is used, so that a sweep finds what killed processes
have left, and nothing else.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from core.file_lock import EntryLock

LOCK_SUFFIX = ".lock"
#: Room that stays free in memory, whatever is kept there, in bytes; and how many times a copy's bytes must fit beside that.
SPARE_BYTES, TIMES = 512_000_000, 2
MEMORY_INFO = Path("/proc/meminfo")
#: A working copy that is older is counted as held for long, in seconds.
LONG_S = 3600.0
#: How often a folder is made that somebody else removes at the same time.
MOST_TRIES = 5


@dataclass(frozen=True)
class Workspace:
    """Where the working copies of one data folder lie. own: the folder for those for which memory has no room.

    in_memory: folders of memory-backed file systems, the preferred first.
    """

    own: Path
    in_memory: tuple[Path, ...] = ()

    @contextmanager
    def folder(self, needed_bytes: int = 0) -> Iterator[Path]:
        """An empty folder of this process alone, gone with all that is in it at the block's end.

        needed_bytes: how much it will hold, as far as that is known. Raises OSError where none can be made.
        """
        with ExitStack() as held:
            lock = self._lock_for(needed_bytes, held)
            folder = lock.path.with_name(lock.path.name.removesuffix(LOCK_SUFFIX))
            folder.mkdir(mode=0o700)
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
                lock.remove()
                with suppress(OSError):  # others are in it
                    folder.parent.rmdir()

    def _lock_for(self, needed_bytes: int, held: ExitStack) -> EntryLock:
        """The lock of a new working copy, which is held until `held` is closed."""
        for _ in range(MOST_TRIES):
            with suppress(FileNotFoundError):  # the last one who was in it has just removed it
                lock = held.enter_context(EntryLock(self.base_for(needed_bytes) / f"{uuid4().hex}{LOCK_SUFFIX}"))
                lock.own(lambda: None)
                return lock
        raise FileNotFoundError(self.own)

    def base_for(self, needed_bytes: int) -> Path:
        """The folder in which one of so many bytes is made; made where it lacks. Raises OSError."""
        for place in self.in_memory:
            if has_room(place, needed_bytes) and (base := private(place / self.name)) is not None:
                return base
        if (base := private(self.own)) is None:
            raise PermissionError(f"{self.own} is somebody else's.")
        return base

    @property
    def name(self) -> str:
        """What its folder is called in memory: another for each data folder and each user."""
        user = getattr(os, "getuid", lambda: "")()
        return f"belcanto-{user}-{hashlib.sha256(os.fsencode(self.own.absolute())).hexdigest()[:16]}"

    def bases(self) -> list[Path]:
        """The folders that there are."""
        return [base for base in (*(place / self.name for place in self.in_memory), self.own) if base.is_dir()]

    def sweep(self) -> int:
        """Remove what processes have left that are no more. Returns how many working copies went."""
        gone = 0
        for base in self.bases():
            for path in {each.with_name(each.name.removesuffix(LOCK_SUFFIX)) for each in base.iterdir()}:
                with EntryLock(path.with_name(path.name + LOCK_SUFFIX)) as lock:
                    if lock.try_own():
                        gone += path.exists()
                        shutil.rmtree(path, ignore_errors=True)
                        lock.remove()
            with suppress(OSError):  # others are in it
                base.rmdir()
        return gone

    def held(self, least_s: float = 0.0) -> int:
        """How many there are that were made so long ago."""
        latest, count = time.time() - least_s, 0
        for base in self.bases():
            for lock in base.glob(f"*{LOCK_SUFFIX}"):
                with suppress(FileNotFoundError):
                    count += lock.stat().st_mtime <= latest
        return count


def memory_places(environment: dict[str, str] | os._Environ[str] = os.environ) -> tuple[Path, ...]:
    """The folders of this machine that lie in memory."""
    # nothing is made there but in a folder that is this user's alone, see `private`
    named = [Path("/dev/shm")]  # nosec B108
    named += [Path(environment["XDG_RUNTIME_DIR"])] if environment.get("XDG_RUNTIME_DIR") else []
    return tuple(place for place in named if place.is_dir() and os.access(place, os.W_OK))


def has_room(place: Path, needed_bytes: int) -> bool:
    """Whether so many bytes fit there, some times over, without taking the memory that the machine needs."""
    wanted = TIMES * needed_bytes + SPARE_BYTES
    with suppress(OSError):
        return shutil.disk_usage(place).free >= wanted and free_memory() >= wanted
    return False


def free_memory() -> int:
    """Bytes that this machine can give away; 0 where it does not tell."""
    with suppress(OSError, ValueError, IndexError):
        for line in MEMORY_INFO.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 0


def private(folder: Path) -> Path | None:
    """The folder, made where it lacks, for this user alone; None where it is somebody else's, or can't be made."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        told = folder.lstat()
        if folder.is_symlink() or told.st_uid != getattr(os, "getuid", lambda: told.st_uid)():
            return None
        folder.chmod(0o700)
    except OSError:
        return None
    return folder


def bytes_of(paths: Sequence[Path]) -> int:
    """Bytes of those files that are there."""
    return sum(path.stat().st_size for path in paths if path.is_file())
