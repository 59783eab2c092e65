"""Opens what is kept and keeps what is made: sealed with its owner's key where that is wanted, as it is where it is not.

Who reads a file need not know which it is: a sealed one is known by its header, so that files of a time without sealing, and of
one with it, are both read.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from core.entry_seal import EntrySeal
from core.output_files import new_part
from core.sealed_files import HEADER_BYTES, DataKey, SealedReader, SealedWriter, content_bytes, header_key_id
from core.stores.files import LOCAL_DISK, Files
from core.workspace import Workspace

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

COPY_BYTES = 1 << 20
#: Of a sealed file's content that are read at once.
BLOCK_BYTES = 1 << 16


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
    """workspace: where working copies lie. keys: who has the keys. sealing: whether what is kept from now on is sealed.

    files: what kept files lie in, the local disk or a store. All of it raises StoreFailed where a store can't be had.
    """

    workspace: Workspace
    keys: Keys
    sealing: bool
    files: Files = LOCAL_DISK

    def key_id(self, path: Path) -> bytes | None:
        """The id of the data key that the file was sealed with; None where it is not sealed. Raises FileNotFoundError."""
        with self.files.open(path) as file:
            return header_key_id(file.read(HEADER_BYTES))

    def has(self, path: Path) -> bool:
        """Whether the file is there."""
        try:
            self.files.told(path)
        except FileNotFoundError:
            return False
        return True

    def open(self, path: Path) -> BinaryIO:
        """The file's content, to be read from any place. Raises FileNotFoundError, DamagedFile, BelcantoError."""
        return self.unsealed(self.files.open(path))

    def unsealed(self, file: BinaryIO) -> BinaryIO:
        """The content of the open file, which is closed with it. Raises DamagedFile, BelcantoError."""
        try:
            sealed = header_key_id(file.read(HEADER_BYTES)) is not None
            file.seek(0)
            return cast(BinaryIO, io.BufferedReader(SealedReader(file, self.keys.secret), BLOCK_BYTES)) if sealed else file
        except BaseException:
            file.close()
            raise

    def read_bytes(self, path: Path) -> bytes:
        """All of a small file's content. Raises as `open`."""
        with self.open(path) as file:
            return file.read()

    def size_bytes(self, path: Path) -> int:
        """Bytes of the file's content. Raises FileNotFoundError."""
        size_bytes = self.files.told(path).size_bytes
        return size_bytes if self.key_id(path) is None else content_bytes(size_bytes)

    @contextmanager
    def plain(self, path: Path) -> Iterator[Path]:
        """The file for who reads it by its path: a working copy of the same name that is gone at the block's end; where it is not
        sealed, itself, or the local copy of what lies in a store. Raises as `open`, and OSError where there is no room."""
        if self.key_id(path) is None:
            with self.files.local(path) as local:
                yield local
            return
        with self.workspace.folder(self.size_bytes(path)) as folder:
            yield self.copy_into(folder, path)

    def copy_into(self, folder: Path, path: Path) -> Path:
        """A working copy of the file, of the same name, in a folder of the workspace. Raises as `open`."""
        opened = folder / path.name
        with self.files.local(path) as local, self.unsealed(local.open("rb")) as source, opened.open("xb") as target:
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
            self.files.put(part, path, lasting)
        finally:
            part.unlink(missing_ok=True)

    def seal(self, path: Path, owner: str) -> None:
        """Have a file that may lie open sealed where it is, if that is wanted. Raises OSError, BelcantoError."""
        if self.sealing and self.key_id(path) is None:
            with self.files.open(path) as source, self.writer(path, owner) as target:
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
        key_id = self.key_id(path)
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


def length_of(file: BinaryIO) -> int:
    """Bytes of an open file's content; it stands at its beginning then."""
    size_bytes = file.seek(0, os.SEEK_END)
    file.seek(0)
    return size_bytes
