"""Kept files in a store that many machines share; see `core.stores.files`."""

from __future__ import annotations

import io
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO, cast

from core.stores.copies import LEFT_S, LocalCopies
from core.stores.failures import StoreFailed
from core.stores.files import LOCAL_DISK, LocalFiles, Told
from core.stores.range_reader import RangeReader
from core.stores.remote_store import RemoteStore, Stored

log = logging.getLogger(__name__)
#: Bytes that are read at once where a reader asks for less.
BUFFER_BYTES = 1 << 16


@dataclass(frozen=True)
class StoreFiles:
    """See `Files`. root: the data folder; a file's name in the store is its path from there on.

    folders: those whose files lie in the store; all others, such as what is on its way, lie on the local disk.
    """

    root: Path
    folders: tuple[Path, ...]
    store: RemoteStore
    copies: LocalCopies
    disk: LocalFiles = LOCAL_DISK

    @property
    def elsewhere(self) -> bool:
        """Always."""
        return True

    def _key(self, path: Path) -> str | None:
        """The file's name in the store; None for one of the local disk."""
        return path.relative_to(self.root).as_posix() if path.parent in self.folders else None

    def _known(self, path: Path, key: str) -> Stored:
        known = self.store.stat(key)
        if known is None:
            raise FileNotFoundError(path)
        return known

    def told(self, path: Path) -> Told:
        """See `Files`."""
        key = self._key(path)
        if key is None:
            return self.disk.told(path)
        known = self._known(path, key)
        return Told(known.size_bytes, known.changed_ns)

    def open(self, path: Path) -> BinaryIO:
        """See `Files`: the local copy where it is at hand."""
        key = self._key(path)
        if key is None:
            return self.disk.open(path)
        known = self._known(path, key)
        copy = self.copies.at_hand(known)
        if copy is not None:
            return copy.open("rb")
        return cast(BinaryIO, io.BufferedReader(RangeReader(self.store, known), BUFFER_BYTES))

    def put(self, part: Path, path: Path, lasting: bool = True) -> None:
        """See `Files`."""
        key = self._key(path)
        if key is None:
            self.disk.put(part, path, lasting)
            return
        self.copies.remove(key)
        self.copies.take(part, self.store.put(part, key))

    def take_back(self, path: Path, part: Path) -> None:
        """See `Files`. Where the store fails, the sweep removes there what no row names."""
        key = self._key(path)
        if key is None:
            self.disk.take_back(path, part)
            return
        try:
            known = self.store.stat(key)
            if known is not None:
                shutil.copyfile(self.copies.fetched(self.store, known), part)
                self.remove(path)
        except StoreFailed as error:
            log.warning("%s stays in the store until the sweep: %s", key, error)

    def remove(self, path: Path) -> None:
        """See `Files`."""
        key = self._key(path)
        if key is None:
            self.disk.remove(path)
            return
        self.store.remove(key)
        self.copies.remove(key)

    def found(self, folder: Path, pattern: str) -> Iterator[tuple[Path, Told]]:
        """See `Files`."""
        if folder not in self.folders:
            yield from self.disk.found(folder, pattern)
            return
        for known in self.store.found(folder.relative_to(self.root).as_posix()):
            path = self.root / known.key
            if path.parent == folder and fnmatchcase(path.name, pattern):
                yield path, Told(known.size_bytes, known.changed_ns)

    @contextmanager
    def local(self, path: Path) -> Iterator[Path]:
        """See `Files`: what was used a short while ago stays, so that a copy outlives its reading."""
        key = self._key(path)
        yield path if key is None else self.copies.fetched(self.store, self._known(path, key))

    def sweep(self) -> int:
        """See `Files`. What writers that were killed have left in the store goes too."""
        left = sum(self.store.sweep(folder.relative_to(self.root).as_posix(), LEFT_S) for folder in self.folders)
        return left + self.copies.sweep(self.store)

    def check(self) -> None:
        """See `Files`."""
        self.store.check()
