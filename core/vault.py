"""Opens what is kept and keeps what is made: sealed with its owner's key where that is wanted, as it is where it is not.

Who reads a file need not know which it is: a sealed one is known by its header, so that files of a time without sealing, and of
one with it, are both read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from core.entry_seal import EntrySeal
from core.output_files import new_part
from core.sealed_files import DataKey, SealedWriter, content_size, key_id_of, open_sealed
from core.workspace import Workspace

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

COPY_BYTES = 1 << 20


class Writable(Protocol):
    """What bytes are given to."""

    def write(self, data: ReadableBuffer, /) -> int: ...


class Keys(Protocol):
    """Who has the data keys."""

    def secret(self, key_id: bytes) -> bytes:
        """Of the data key of that id. Raises BelcantoError where it can't be had."""
        ...

    def key_of(self, owner: str) -> DataKey:
        """The key with which the owner's files are sealed from now on; made where there is none. Raises BelcantoError."""
        ...

    def check(self, sealing: bool) -> None:
        """Whether what is sealed can be opened, and where `sealing`, something can be sealed. Raises BelcantoError."""
        ...

    def keys_of(self, owner: str) -> list[DataKey]:
        """All keys with which files of the owner may be sealed; none is made. Raises BelcantoError."""
        ...


@dataclass(frozen=True)
class Vault:
    """workspace: where working copies lie. keys: who has the keys. sealing: whether what is kept from now on is sealed."""

    workspace: Workspace
    keys: Keys
    sealing: bool

    def open(self, path: Path) -> BinaryIO:
        """The file's content, to be read from any place. Raises FileNotFoundError, DamagedFile, BelcantoError."""
        if key_id_of(path) is None:
            return path.open("rb")
        return cast(BinaryIO, open_sealed(path, self.keys.secret))

    def read_bytes(self, path: Path) -> bytes:
        """All of a small file's content. Raises as `open`."""
        with self.open(path) as file:
            return file.read()

    def size_bytes(self, path: Path) -> int:
        """Bytes of the file's content. Raises FileNotFoundError."""
        return path.stat().st_size if key_id_of(path) is None else content_size(path)

    @contextmanager
    def plain(self, path: Path) -> Iterator[Path]:
        """The file for who reads it by its path: a working copy of the same name that is gone at the block's end; itself where it
        is not sealed. Raises as `open`, and OSError where there is no room."""
        if key_id_of(path) is None:
            yield path
            return
        with self.workspace.folder(content_size(path)) as folder:
            yield self.copy_into(folder, path)

    def copy_into(self, folder: Path, path: Path) -> Path:
        """A working copy of the file, of the same name, in a folder of the workspace. Raises as `open`."""
        opened = folder / path.name
        with self.open(path) as source, opened.open("xb") as target:
            copy(source, target)
        return opened

    @contextmanager
    def writer(self, path: Path, owner: str, lasting: bool = True) -> Iterator[Writable]:
        """Write a file of the owner's: whole and safe on the disk where the block ends well, else it is not there.

        lasting: whether it must outlive a power loss.

        Raises OSError, BelcantoError.
        """
        descriptor, part = new_part(path)
        try:
            with os.fdopen(descriptor, "wb") as file:
                if self.sealing:
                    with SealedWriter(file, self.keys.key_of(owner)) as sealed:
                        yield sealed
                else:
                    yield file
                if lasting:
                    file.flush()
                    os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    def seal(self, path: Path, owner: str) -> None:
        """Have a file that may lie open sealed where it is, if that is wanted. Raises OSError, BelcantoError."""
        if self.sealing and key_id_of(path) is None:
            with path.open("rb") as source, self.writer(path, owner) as target:
                copy(source, target)

    def prepare(self, owner: str) -> None:
        """Have the owner's key there, before a transaction begins in which files are written. Raises BelcantoError."""
        if self.sealing:
            self.keys.key_of(owner)

    def entry_seal(self, owner: str) -> EntrySeal | None:
        """By what stages' results of the owner's files are sealed; None where they lie open. Raises BelcantoError."""
        return EntrySeal(self.keys.key_of(owner), self.workspace) if self.sealing else None

    def seal_of(self, path: Path, owner: str) -> EntrySeal | None:
        """By what the owner's file is sealed, and what is made of it may be; None where it lies open, as that may. Raises
        BelcantoError, FileNotFoundError."""
        key_id = key_id_of(path)
        if key_id is None:
            return self.entry_seal(owner)
        return EntrySeal(DataKey(key_id, self.keys.secret(key_id)), self.workspace)

    def entry_seals(self, owner: str) -> list[EntrySeal]:
        """All by which stages' results of the owner's files may be sealed. Raises BelcantoError."""
        return [EntrySeal(key, self.workspace) for key in self.keys.keys_of(owner)]

    def keep(self, made: Path, path: Path, owner: str) -> None:
        """Have what was made, which lies open, as the owner's file `path`; `made` is gone then. Raises OSError, BelcantoError."""
        with made.open("rb") as source, self.writer(path, owner) as target:
            copy(source, target)
        made.unlink()

    def write_bytes(self, path: Path, owner: str, content: bytes, lasting: bool = True) -> None:
        """Write a small file of the owner's. Raises OSError, BelcantoError."""
        with self.writer(path, owner, lasting) as file:
            file.write(content)


def copy(source: BinaryIO, target: Writable) -> None:
    """All that is left of the source, piece by piece."""
    while block := source.read(COPY_BYTES):
        target.write(block)
