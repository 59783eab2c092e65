"""Temporary files whose bytes on the disk nobody can read: what a request brings lies in one until it has been taken in."""

from __future__ import annotations

import io
import os
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

KEY_BYTES, COUNTER_BYTES = 32, 16


class HiddenFile(io.RawIOBase):
    """A file without a name, gone with its last user, under AES-256-CTR (NIST SP 800-38A) with a key that lies nowhere.

    It is read and written at any place. That it was changed is not noticed: nobody but this process ever had it.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """folder: on whose disk it lies; None: the system's folder of temporary files. Raises OSError."""
        super().__init__()
        self._file = TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 (closed with this one)
        self._key = os.urandom(KEY_BYTES)

    def _through(self, at: int, data: ReadableBuffer) -> bytes:
        """The bytes that stand at that place, hidden or shown again: both is the same."""
        block, begin = divmod(at, COUNTER_BYTES)
        stream = Cipher(AES(self._key), CTR(block.to_bytes(COUNTER_BYTES, "big"))).encryptor()
        stream.update(bytes(begin))
        return stream.update(bytes(data))

    def readable(self) -> bool:
        """Always."""
        return True

    def writable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to that place."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Where it stands."""
        return self._file.tell()

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read from here on."""
        view = memoryview(buffer).cast("B")
        at = self._file.tell()
        data = self._file.read(len(view))
        view[: len(data)] = self._through(at, data)
        return len(data)

    def write(self, data: ReadableBuffer, /) -> int:
        """Write from here on; all of it. Raises OSError."""
        hidden = memoryview(self._through(self._file.tell(), data))
        count = len(hidden)
        while hidden:
            hidden = hidden[self._file.write(hidden) :]
        return count

    def close(self) -> None:
        """It is gone."""
        if not self.closed:
            self._file.close()
        super().close()


def hidden_file(folder: Path | None = None) -> io.BufferedRandom:
    """An empty one. Raises OSError."""
    return io.BufferedRandom(HiddenFile(folder))
