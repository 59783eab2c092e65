"""Local copies of a store's files, for who reads by a path: as many as fit a limit, the longest unused go first.

A copy's name tells the file's name and the tag of its content, so that a file that was written anew has another copy. Sealed
files are sealed here as well.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from core.output_files import PART_SUFFIX, new_part
from core.stores.remote_store import RemoteStore, Stored

#: A copy that was used within so long stays, whatever the limit says: somebody may be reading it.
IN_USE_S = 900.0
#: An unfinished copy that is older is left of a process that was killed.
LEFT_S = 3600.0


@dataclass(frozen=True)
class LocalCopies:
    """folder: made where it lacks; this store's alone. limit_bytes: what all copies may take together."""

    folder: Path
    limit_bytes: int

    def path(self, known: Stored) -> Path:
        """Where the copy lies, or will lie: `TAG/NAME` in the folder of its file's folder."""
        folder, _, name = known.key.rpartition("/")
        return self.folder / quote(folder, safe="") / known.tag / name

    def at_hand(self, known: Stored) -> Path | None:
        """The copy of that content, which counts as used now; None where there is none."""
        path = self.path(known)
        with suppress(OSError):
            if path.stat().st_size == known.size_bytes:
                os.utime(path)
                return path
        return None

    def fetched(self, store: RemoteStore, known: Stored) -> Path:
        """The copy, fetched where it is not at hand: whole or not at all. Raises FileNotFoundError, StoreFailed, OSError."""
        path = self.at_hand(known)
        if path is not None:
            return path
        self.trim(known.size_bytes)
        path = self.path(known)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, part = new_part(path)
        os.close(descriptor)
        try:
            store.fetch(known, part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return path

    def take(self, part: Path, known: Stored) -> None:
        """Have the local file, whose bytes the store has by now, as the copy; it is gone where it lay."""
        path = self.path(known)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.replace(path)
        except OSError:  # another disk, or none for copies: the store has it
            part.unlink(missing_ok=True)
        else:
            os.utime(path)
            self.trim()

    def remove(self, key: str) -> None:
        """Have no copy of that file, whichever its content was."""
        folder, _, name = key.rpartition("/")
        for path in (self.folder / quote(folder, safe="")).glob(f"*/{name}"):
            path.unlink(missing_ok=True)
            with suppress(OSError):
                path.parent.rmdir()

    def trim(self, more_bytes: int = 0) -> None:
        """Remove the copies that were unused for longest until so many bytes more fit."""
        found = []
        for path in self._paths():
            with suppress(FileNotFoundError):  # another process has removed it since
                told = path.stat()
                found.append((told.st_mtime, told.st_size, path))
        total, latest_s = sum(size for _, size, _ in found) + more_bytes, time.time() - IN_USE_S
        for used_s, size, path in sorted(found):
            if total <= self.limit_bytes or used_s > latest_s:
                break
            path.unlink(missing_ok=True)
            total -= size
            with suppress(OSError):
                path.parent.rmdir()

    def sweep(self, store: RemoteStore) -> int:
        """Remove copies of files that are gone from the store or have another content there, and what killed processes have left.

        Returns how many went. Raises StoreFailed.
        """
        gone, oldest_s = 0, time.time() - LEFT_S
        for path in self.folder.glob(f"*/*/.*{PART_SUFFIX}"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest_s:
                    path.unlink()
        for path in list(self._paths()):
            known = store.stat(self._key(path))
            if known is None or self.path(known) != path:
                path.unlink(missing_ok=True)
                gone += 1
            with suppress(OSError):
                path.parent.rmdir()
        return gone

    def _key(self, path: Path) -> str:
        folder = unquote(path.parent.parent.name)
        return f"{folder}/{path.name}" if folder else path.name

    def _paths(self) -> Iterator[Path]:
        return (path for path in self.folder.glob("*/*/*") if not path.name.startswith("."))
