"""The master key: wraps the data keys of all owners, and is itself kept apart from the files that they seal.

It comes from the environment or from a file. Either may name several, the newest first: all open, the first wraps.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.errors import BelcantoError, InputError
from core.sealed_files import KEY_BYTES, DataKey
from core.stores.files import sync_folder

KEY_VARIABLE, FILE_VARIABLE = "BELCANTO_MASTER_KEY", "BELCANTO_MASTER_KEY_FILE"
NONCE_BYTES = 12
#: Hexadecimal digits by which a master key is told from others.
ID_LENGTH = 16


class WrongMasterKey(BelcantoError):
    """The master key with which a data key was wrapped is not among those that are here."""


@dataclass(frozen=True)
class MasterKey:
    """secret: 32 bytes, never shown."""

    secret: bytes

    @property
    def id(self) -> str:
        """By which it is told from others; tells nothing of the secret."""
        return hashlib.sha256(b"belcanto master key" + self.secret).hexdigest()[:ID_LENGTH]

    def __repr__(self) -> str:
        """Never the secret."""
        return f"MasterKey({self.id})"

    def wrap(self, key: DataKey) -> str:
        """The data key as it is kept: sealed by AES-256-GCM, for this id alone, in base64."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(self.secret).encrypt(nonce, key.secret, key.id)
        return base64.b64encode(nonce + sealed).decode("ascii")

    def unwrap(self, wrapped: str, key_id: bytes) -> DataKey:
        """The data key again. Raises WrongMasterKey where it was wrapped by another, is another, or was changed."""
        try:
            raw = base64.b64decode(wrapped, validate=True)
            secret = AESGCM(self.secret).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], key_id)
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise WrongMasterKey("core.master_key_wrong") from error
        return DataKey(key_id, secret)


@dataclass(frozen=True)
class MasterKeySource:
    """Where master keys come from. text: the environment's, by commas; empty: from the file, which is read anew each time, for a
    rotation may have changed it."""

    file: Path
    text: str = ""

    def __repr__(self) -> str:
        """Never the keys."""
        return f"MasterKeySource({self.place})"

    @property
    def place(self) -> str:
        """Where they stand, for a person."""
        return KEY_VARIABLE if self.text else str(self.file)

    def read(self) -> list[MasterKey]:
        """The newest first; none where the file is not there. Raises InputError where one is no key."""
        if self.text:
            return [read_key(text, self.place) for text in self.text.split(",") if text.strip()]
        try:
            lines = self.file.read_text(encoding="ascii", errors="replace").splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise InputError("core.master_key_unreadable", place=self.place, reason=error.strerror) from error
        found = [read_key(line, self.place) for line in lines if line.strip() and not line.startswith("#")]
        if not found:
            raise InputError("core.master_key_form", place=self.place)
        return found

    def write(self, keys: Sequence[MasterKey]) -> None:
        """Write the file, as a whole or not at all, for this user's eyes alone. Raises OSError."""
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = self.file.with_name(f"{self.file.name}.{secrets.token_hex(8)}.part")
        lines = [base64.b64encode(key.secret).decode("ascii") for key in keys]
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
                file.write(
                    "# Belcanto: without the first of these keys, nothing that people keep here can be read. Keep a copy.\n"
                )
                file.writelines(f"{line}\n" for line in lines)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.file)
            with suppress(OSError):  # a file system that syncs no folders
                sync_folder(self.file.parent)
        finally:
            part.unlink(missing_ok=True)


def new_master_key() -> MasterKey:
    """A random one."""
    return MasterKey(os.urandom(KEY_BYTES))


def read_key(text: str, place: str) -> MasterKey:
    """The key of 32 bytes in base64. Raises InputError, which does not repeat it."""
    try:
        raw = base64.b64decode(text.strip(), validate=True)
    except (ValueError, binascii.Error):
        raw = b""
    if len(raw) != KEY_BYTES:
        raise InputError("core.master_key_form", place=place)
    return MasterKey(raw)
