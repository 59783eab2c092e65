"""Reads a file of a store from any place, by ranges: a look at its middle brings its middle alone."""

from __future__ import annotations

from core.seekable_reader import SeekableReader
from core.stores.remote_store import RemoteStore, Stored

#: Bytes of the first range after a leap, and of the largest: who goes on reading gets twice as much each time.
FIRST_BYTES, MOST_BYTES = 1 << 17, 1 << 22


class RangeReader(SeekableReader):
    """One range is held in memory."""

    def __init__(self, store: RemoteStore, known: Stored) -> None:
        super().__init__()
        self._store, self._known = store, known
        self.size_bytes = known.size_bytes
        self._begin, self._held, self._next_bytes = 0, b"", FIRST_BYTES

    def _part_at(self, at: int) -> memoryview:
        if not self._begin <= at < self._begin + len(self._held):
            self._load()
        return memoryview(self._held)[at - self._begin :]

    def _load(self) -> None:
        goes_on = bool(self._held) and self._at == self._begin + len(self._held)
        self._next_bytes = min(2 * self._next_bytes, MOST_BYTES) if goes_on else FIRST_BYTES
        end = min(self._at + self._next_bytes, self.size_bytes)
        self._begin, self._held = self._at, self._store.read(self._known.key, self._at, end)
