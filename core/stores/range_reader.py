"""Reads a file of a store from any place, by ranges: a look at its middle brings its middle alone."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

from core.stores.remote_store import RemoteStore, Stored

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

#: Bytes of the first range after a leap, and of the largest: who goes on reading gets twice as much each time.
FIRST_BYTES, MOST_BYTES = 1 << 17, 1 << 22


class RangeReader(io.RawIOBase):
    """One range is held in memory."""

    def __init__(self, store: RemoteStore, known: Stored) -> None:
        super().__init__()
        self._store, self._known = store, known
        self._at, self._begin, self._held, self._next_bytes = 0, 0, b"", FIRST_BYTES

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to that place. Raises ValueError for one before the file's beginning."""
        at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._known.size_bytes}[whence]
        if at < 0:
            raise ValueError("There is nothing before a file's beginning.")
        self._at = at
        return at

    def tell(self) -> int:
        """Where it stands."""
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read from here on, what is held or a range more. Raises FileNotFoundError, StoreFailed."""
        view = memoryview(buffer).cast("B")
        if self._at >= self._known.size_bytes or not len(view):
            return 0
        if not self._begin <= self._at < self._begin + len(self._held):
            self._load()
        part = memoryview(self._held)[self._at - self._begin :][: len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _load(self) -> None:
        goes_on = bool(self._held) and self._at == self._begin + len(self._held)
        self._next_bytes = min(2 * self._next_bytes, MOST_BYTES) if goes_on else FIRST_BYTES
        end = min(self._at + self._next_bytes, self._known.size_bytes)
        self._begin, self._held = self._at, self._store.read(self._known.key, self._at, end)
