"""What kept files lie in, as the vault asks for it: a file is called by its path, and only who holds it knows what stands there.

On a local disk the path is the file. In a store that many machines share (`core.stores.store_files`) the path is its name alone:
nothing need lie there, and whoever must read by a path gets a local copy.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol


@dataclass(frozen=True)
class Told:
    """What is known of a file without opening it. changed_ns: when it was written, in nanoseconds since 1970."""

    size_bytes: int
    changed_ns: int


class Files(Protocol):
    """Whole files behind names. All of it raises StoreFailed where the store can't be had, OSError for the local disk."""

    @property
    def elsewhere(self) -> bool:
        """Whether kept files lie in a store, so that nobody finds them by their path."""
        ...

    def told(self, path: Path) -> Told:
        """What is known of the file. Raises FileNotFoundError."""
        ...

    def open(self, path: Path) -> BinaryIO:
        """The file's bytes, to be read from any place; no more of them is fetched than is asked for. Raises FileNotFoundError."""
        ...

    def put(self, part: Path, path: Path, lasting: bool = True) -> None:
        """Have the local file `part` behind that name, whole or not at all; it is gone then.

        lasting: whether it must outlive a power loss.
        """
        ...

    def take_back(self, path: Path, part: Path) -> None:
        """Have what was put as the local file `part` again, where it is there."""
        ...

    def remove(self, path: Path) -> None:
        """Have nothing behind that name any more."""
        ...

    def found(self, folder: Path, pattern: str) -> Iterator[tuple[Path, Told]]:
        """The files of that folder whose names match the pattern, none of its folders' files."""
        ...

    def local(self, path: Path) -> AbstractContextManager[Path]:
        """A local file with those bytes, for who reads it by its path during the block. Raises FileNotFoundError."""
        ...

    def sweep(self) -> int:
        """Drop local copies of what is gone elsewhere. Returns how many went."""
        ...

    def check(self) -> None:
        """Whether files can be reached at all. Raises StoreFailed, InputError, MissingError."""
        ...


class LocalFiles:
    """See `Files`: on the local disk, each where its path says."""

    @property
    def elsewhere(self) -> bool:
        """Never."""
        return False

    def told(self, path: Path) -> Told:
        """See `Files`."""
        known = path.stat()
        return Told(known.st_size, known.st_mtime_ns)

    def open(self, path: Path) -> BinaryIO:
        """See `Files`."""
        return path.open("rb")

    def put(self, part: Path, path: Path, lasting: bool = True) -> None:
        """See `Files`: its bytes are safe on the disk before its name is, and that before this returns."""
        if lasting:
            sync_file(part)
        part.replace(path)
        if lasting:
            sync_folder(path.parent)

    def take_back(self, path: Path, part: Path) -> None:
        """See `Files`."""
        if path.is_file():
            path.replace(part)

    def remove(self, path: Path) -> None:
        """See `Files`."""
        path.unlink(missing_ok=True)

    def found(self, folder: Path, pattern: str) -> Iterator[tuple[Path, Told]]:
        """See `Files`."""
        for path in folder.glob(pattern):
            try:
                if path.is_file():
                    yield path, self.told(path)
            except FileNotFoundError:  # somebody else has removed it since
                continue

    def local(self, path: Path) -> AbstractContextManager[Path]:
        """See `Files`: the file itself."""
        return nullcontext(path)

    def sweep(self) -> int:
        """There are none."""
        return 0

    def check(self) -> None:
        """The disk is there."""


#: The local disk.
LOCAL_DISK = LocalFiles()


def sync_file(path: Path) -> None:
    """Have a file's bytes safe on the disk. Raises OSError."""
    with path.open("r+b" if os.name == "nt" else "rb") as file:  # Windows syncs no file that is open for reading alone
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Have the names in a folder safe on the disk; where folders can't be synced, the system does so by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
