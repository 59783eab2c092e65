"""Whether a file is what it should be, hashed once by every process and again as soon as it was changed."""

from __future__ import annotations

from pathlib import Path

from weights import sources

State = tuple[int, ...]

#: The files that this process found right: their SHA-256, and the state they were in.
_right: dict[Path, tuple[str, State]] = {}


def is_right(path: Path, sha256: str) -> bool:
    """Whether the file has that SHA-256; False where there is none. Raises OSError where it can't be read.

    Nothing that lies on the disk is believed: every process hashes a file before its first use, and again as soon as the system
    tells that it was changed or replaced. Whoever puts another file there may give it the old size and time of writing, but not
    the time at which the system noted the change (`st_ctime_ns`).
    """
    try:
        state = state_of(path)
        if _right.get(path) == (sha256, state):
            return True
        if sources.sha256_of(path) != sha256 or state_of(path) != state:
            return False
    except FileNotFoundError:
        return False
    _right[path] = (sha256, state)
    return True


def note_right(path: Path, sha256: str) -> None:
    """Note that a file that was just hashed, and then renamed to `path`, is right."""
    _right[path] = (sha256, state_of(path))


def state_of(path: Path) -> State:
    """What changes with a file: size, times of writing and of the system's own note, and which file it is."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino, stat.st_dev
