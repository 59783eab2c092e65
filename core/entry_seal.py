"""Seals what stages make of a person's files, where a cache keeps it: whole entries, under names that tell nothing.

An entry of one owner is found and opened by that owner's key alone, so the same content of two owners is two entries, and nobody
learns by the time it takes that somebody else has it too.
"""

from __future__ import annotations

import base64
import hmac
import io
import json
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from core.sealed_files import DamagedFile, DataKey, SealedWriter, open_sealed
from core.workspace import Workspace

#: Hexadecimal digits of a name.
NAME_LENGTH = 40
COPY_BYTES = 1 << 20
#: The first thing in a sealed entry: what it is, so that no other can be put in its place.
LABEL = "label.json"


@dataclass(frozen=True)
class EntrySeal:
    """key: the owner's. workspace: where entries lie open while they are used."""

    key: DataKey
    workspace: Workspace

    def name_of(self, text: str) -> str:
        """What the cache calls it; only who has the key can tell what of, or try."""
        return hmac.digest(self.key.secret, b"belcanto cache " + text.encode(), "sha256").hex()[:NAME_LENGTH]

    def pack(self, folder: Path, target: Path, label: str) -> None:
        """Seal all files of the folder into the new file `target`; only under this label they come out again. Raises OSError."""
        with target.open("xb") as file, SealedWriter(file, self.key) as sealed:
            text = json.dumps(label).encode()
            with tarfile.open(fileobj=cast(Any, sealed), mode="w|") as archive:
                told = tarfile.TarInfo(LABEL)
                told.size = len(text)
                archive.addfile(told, io.BytesIO(text))
                for path in sorted(folder.iterdir()):
                    archive.add(path, f"entry/{path.name}")

    def unpack(self, source: Path, folder: Path, label: str) -> None:
        """Open a sealed entry into the folder. Raises OSError, and DamagedFile where it is another's or was changed."""
        with open_sealed(source, self._secret) as file, tarfile.open(fileobj=file, mode="r|") as archive:
            first = archive.next()
            told = archive.extractfile(first) if first is not None and first.name == LABEL else None
            if told is None or json.loads(told.read()) != label:
                raise DamagedFile("core.sealed_file_damaged")
            while (member := archive.next()) is not None:
                member.name = member.name.removeprefix("entry/")
                archive.extract(member, folder, filter="data")
            while file.read(COPY_BYTES):  # to the end, so that all of it is known to be whole
                pass

    @contextmanager
    def opened(self, path: Path) -> Iterator[Path]:
        """A working copy of a file that was sealed with this key, gone at the block's end. Raises DamagedFile, OSError."""
        with self.workspace.folder(path.stat().st_size) as folder, open_sealed(path, self._secret) as file:
            with (folder / path.name).open("xb") as copy:
                shutil.copyfileobj(file, copy, COPY_BYTES)
            yield folder / path.name

    def _secret(self, key_id: bytes) -> bytes:
        if key_id != self.key.id:
            raise DamagedFile("core.sealed_file_damaged")
        return self.key.secret

    def as_json(self) -> dict[str, Any]:
        """With the secret, for a process that works for the owner; `from_json` reads it. It goes by a pipe, never to a file."""
        places = [str(place) for place in self.workspace.in_memory]
        secret = base64.b64encode(self.key.secret).decode("ascii")
        return {"id": self.key.id.hex(), "secret": secret, "own": str(self.workspace.own), "in_memory": places}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> EntrySeal:
        """What `as_json` wrote."""
        key = DataKey(bytes.fromhex(values["id"]), base64.b64decode(values["secret"]))
        return cls(key, Workspace(Path(values["own"]), tuple(Path(place) for place in values["in_memory"])))


_in_use: ContextVar[EntrySeal | None] = ContextVar("entry_seal", default=None)


def seal_in_use() -> EntrySeal | None:
    """With what caches seal here; None where they lie open, as those of the terminal do."""
    return _in_use.get()


@contextmanager
def sealed_by(seal: EntrySeal | None) -> Iterator[None]:
    """Have the caches that are opened inside the block seal by it."""
    before = _in_use.set(seal)
    try:
        yield
    finally:
        _in_use.reset(before)
