"""A file that is read from any place by parts of it that are brought when they are wanted: what its readers have in common."""

from __future__ import annotations

import io
import os
from abc import abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class SeekableReader(io.RawIOBase):
    """One part is held in memory. size_bytes: of the content; whoever inherits sets it."""

    size_bytes: int

    def __init__(self) -> None:
        super().__init__()
        self._at = 0

    @abstractmethod
    def _part_at(self, at: int) -> memoryview:
        """What is held from that byte on, one byte at least; it lies within the content."""

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to that place of the content. Raises ValueError for one before its beginning."""
        at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size_bytes}[whence]
        if at < 0:
            raise ValueError("There is nothing before a file's beginning.")
        self._at = at
        return at

    def tell(self) -> int:
        """Where it stands in the content."""
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read from here on, to the end of the part at most. Raises what bringing a part raises."""
        view = memoryview(buffer).cast("B")
        if self._at >= self.size_bytes or not len(view):
            return 0
        part = self._part_at(self._at)[: len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)
