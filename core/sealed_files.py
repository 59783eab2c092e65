"""Sealed files: what is in them can be neither read nor changed without their owner's key, and any part is read by itself.

A file is a header and blocks. Each block but the last holds `BLOCK_BYTES` of the content; each is sealed by AES-256-GCM on its
own, as the STREAM construction has it (Hoang, Reyhanitabar, Rogaway and Vizár, "Online Authenticated-Encryption and its
Nonce-Reuse Misuse-Resistance", CRYPTO 2015): its nonce is its number and whether it is the last, so that blocks that were
changed, swapped, doubled or cut off are noticed. Every file has a key of its own, made of its owner's data key, a random id and
the header by HKDF-SHA256 (RFC 5869): no nonce is ever used twice under a key, a block of another file fits nowhere, and a changed
header opens nothing.

    header: magic (7), version (1), bytes of a block (4, big-endian), id of the data key (16), id of the file (32)
    block:  content (`BLOCK_BYTES`, fewer in the last), tag (16)
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import BelcantoError
from core.seekable_reader import SeekableReader

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

MAGIC, VERSION = b"BCSEAL\0", 1
BLOCK_BYTES = 1 << 16
KEY_BYTES, KEY_ID_BYTES, FILE_ID_BYTES, TAG_BYTES = 32, 16, 32, 16
_HEADER = struct.Struct(f">7sBI{KEY_ID_BYTES}s{FILE_ID_BYTES}s")
HEADER_BYTES = _HEADER.size
#: No file of ours has more: the block's number has four bytes of the nonce.
MOST_BLOCKS = 1 << 32


class DamagedFile(BelcantoError):
    """A sealed file was changed or cut, or is none."""


@dataclass(frozen=True)
class DataKey:
    """A key that files are sealed with. id: 16 bytes, stands in their headers; secret: 32 bytes, never shown."""

    id: bytes
    secret: bytes

    def __repr__(self) -> str:
        """Never the secret."""
        return f"DataKey({self.id.hex()})"


#: Gives the secret of the data key of that id. Raises BelcantoError where it can't be had.
SecretOf = Callable[[bytes], bytes]


class Readable(Protocol):
    """What a sealed file is read from: an open file that can be wound to any place."""

    def seek(self, offset: int, whence: int = 0, /) -> int: ...

    def read(self, size: int = -1, /) -> bytes: ...

    def close(self) -> None: ...


def new_data_key() -> DataKey:
    """A random one."""
    return DataKey(os.urandom(KEY_ID_BYTES), os.urandom(KEY_BYTES))


def sealed_size(content_bytes: int) -> int:
    """Bytes of the sealed file that holds so many."""
    blocks = max(1, -(-content_bytes // BLOCK_BYTES))
    return HEADER_BYTES + content_bytes + blocks * TAG_BYTES


def key_id_of(path: Path) -> bytes | None:
    """The id of the data key that the file was sealed with; None where it is not sealed. Raises FileNotFoundError."""
    with path.open("rb") as file:
        return header_key_id(file.read(HEADER_BYTES))


def header_key_id(start: bytes) -> bytes | None:
    """The same of a file that begins so, with at least `HEADER_BYTES` where it has as many."""
    return _HEADER.unpack(start[:HEADER_BYTES])[3] if is_header(start) else None


def is_header(start: bytes) -> bool:
    """Whether a file that begins so is sealed."""
    return len(start) >= HEADER_BYTES and start[: len(MAGIC) + 1] == MAGIC + bytes([VERSION])


def _block_cipher(secret: bytes, header: bytes) -> AESGCM:
    """The cipher of one file's blocks."""
    file_id = _HEADER.unpack(header)[4]
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt=file_id, info=b"belcanto sealed file" + header).derive(secret))


def _nonce(index: int, last: bool) -> bytes:
    """Of the block of that number, 12 bytes."""
    return bytes(7) + struct.pack(">IB", index, last)


class SealedWriter:
    """Seals what is written into an open file; used in a `with` block. A block that ends with an error leaves no whole file."""

    def __init__(self, file: BinaryIO, key: DataKey) -> None:
        """file: an empty one, open for writing; it is not closed here."""
        header = _HEADER.pack(MAGIC, VERSION, BLOCK_BYTES, key.id, os.urandom(FILE_ID_BYTES))
        self._file, self._cipher = file, _block_cipher(key.secret, header)
        self._held, self._index, self._ended = bytearray(), 0, False
        file.write(header)

    def write(self, data: ReadableBuffer) -> int:
        """Seal these bytes too; at most a block is held back. Returns how many there are."""
        view = memoryview(data).cast("B")
        self._held += view
        if len(self._held) > BLOCK_BYTES:  # the last block is only known at the end: one is always held back
            whole = (len(self._held) - 1) // BLOCK_BYTES
            for number in range(whole):
                self._put(bytes(self._held[number * BLOCK_BYTES : (number + 1) * BLOCK_BYTES]), last=False)
            del self._held[: whole * BLOCK_BYTES]
        return len(view)

    def close(self) -> None:
        """Seal the last block. Further writing is an error."""
        if not self._ended:
            self._ended = True
            self._put(bytes(self._held), last=True)

    def _put(self, block: bytes, last: bool) -> None:
        if self._index >= MOST_BLOCKS:
            raise ValueError("The content is too long for one sealed file.")
        self._file.write(self._cipher.encrypt(_nonce(self._index, last), block, None))
        self._index += 1

    def __enter__(self) -> SealedWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.close()


class SealedReader(SeekableReader):
    """The content of a sealed file, from any place on; one block is held in memory.

    Opening it opens the last block, so a file that was cut off is noticed then, and its size is sure.
    """

    def __init__(self, file: Readable, secret_of: SecretOf) -> None:
        """file: is closed with this one. Raises DamagedFile, and what `secret_of` raises."""
        super().__init__()
        self._file = file
        header = file.read(HEADER_BYTES)
        if not is_header(header) or _HEADER.unpack(header)[2] != BLOCK_BYTES:
            raise DamagedFile("core.sealed_file_damaged")
        body = file.seek(0, os.SEEK_END) - HEADER_BYTES
        self._blocks = -(-body // (BLOCK_BYTES + TAG_BYTES))
        self.size_bytes = body - self._blocks * TAG_BYTES
        if self._blocks < 1 or self.size_bytes < 0 or (self._blocks > 1 and self.size_bytes <= (self._blocks - 1) * BLOCK_BYTES):
            raise DamagedFile("core.sealed_file_damaged")
        self._cipher = _block_cipher(secret_of(_HEADER.unpack(header)[3]), header)
        self._index, self._block = -1, b""
        self._load(self._blocks - 1)

    def _load(self, index: int) -> None:
        """Have the block of that number at hand. Raises DamagedFile."""
        if index == self._index:
            return
        self._file.seek(HEADER_BYTES + index * (BLOCK_BYTES + TAG_BYTES))
        sealed = self._file.read(BLOCK_BYTES + TAG_BYTES)
        try:
            self._block = self._cipher.decrypt(_nonce(index, index == self._blocks - 1), sealed, None)
        except (InvalidTag, ValueError) as error:
            self._index = -1
            raise DamagedFile("core.sealed_file_damaged") from error
        self._index = index

    def _part_at(self, at: int) -> memoryview:
        index, begin = divmod(at, BLOCK_BYTES)
        self._load(index)
        return memoryview(self._block)[begin:]

    def close(self) -> None:
        """Close the file as well."""
        if not self.closed:
            self._file.close()
        super().close()


def open_sealed(path: Path, secret_of: SecretOf) -> io.BufferedReader:
    """The content of the sealed file, to be read from any place. Raises DamagedFile, FileNotFoundError, and as `secret_of`."""
    file = path.open("rb", buffering=0)
    try:
        return io.BufferedReader(SealedReader(file, secret_of), BLOCK_BYTES)
    except BaseException:
        file.close()
        raise


def content_size(path: Path) -> int:
    """Bytes of the sealed file's content, told by its length alone. Raises FileNotFoundError."""
    return content_bytes(path.stat().st_size)


def content_bytes(sealed_bytes: int) -> int:
    """The same of a sealed file of so many bytes."""
    body = sealed_bytes - HEADER_BYTES
    return max(0, body - -(-body // (BLOCK_BYTES + TAG_BYTES)) * TAG_BYTES)
