"""Many files in one: a zip that is written while it is sent, so that neither a copy of it nor a whole file is ever held.

The format is PKWARE's APPNOTE, written by Python's `zipfile`. Nothing is compressed: songs, pictures and films are that already.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO, cast
from zipfile import ZIP64_LIMIT, ZIP_STORED, ZipFile, ZipInfo

from app.errors import NotFound
from app.models import Clip, Picture, Song, Work
from app.services.chosen import ChosenKind, Row
from app.services.titles import UNTITLED
from app.settings import AppSettings
from core.vault import Vault

BLOCK_BYTES = 1 << 18
#: What a zip adds for each file beside its name, which stands there twice: local header, what follows the bytes, directory.
HEADERS_BYTES, NAMES = 30 + 16 + 46, 2
#: The end of the directory.
END_BYTES = 22
#: Longest name of a file in the zip, in characters, and what file systems take in none.
NAME_CHARACTERS = 100
FORBIDDEN = '<>:"/\\|?*'
#: Names that Windows keeps for devices.
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}
#: The first year that a zip can tell.
FIRST_YEAR = 1980


@dataclass(frozen=True)
class Bundled:
    """A file of the bundle: what opens it, what it is called there, its bytes, and when it was made."""

    open: Callable[[], BinaryIO]
    name: str
    size_bytes: int
    made_at: datetime

    @classmethod
    def of_file(cls, vault: Vault, path: Path, name: str, made_at: datetime) -> Bundled:
        """A file that lies on the disk, and what opens it."""
        return cls(partial(vault.open, path), name, vault.size_bytes(path), made_at)


def files_of(settings: AppSettings, rows: Sequence[Row], folders: Mapping[ChosenKind, str]) -> list[Bundled]:
    """The files of what was chosen, with names of which no two are the same on any file system; those that are gone are left out.

    folders: what each kind's folder is called. Raises NotFound where there is no file at all, as of films in the making.
    """
    taken: set[str] = set()
    files = []
    for row in rows:
        for path, told in paths_of(settings, row):
            if settings.vault.has(path):
                name = f"{folders[kind_of(row)]}/{unique(told, path.suffix, taken, folders[kind_of(row)])}"
                files.append(Bundled.of_file(settings.vault, path, name, row.created_at))
    if not files:
        raise NotFound("app.nothing_to_bundle")
    return files


def kind_of(row: Row) -> ChosenKind:
    """Of which kind it is."""
    if isinstance(row, Work):
        return "works"
    return "songs" if isinstance(row, Song) else "pictures" if isinstance(row, Picture) else "clips"


def paths_of(settings: AppSettings, row: Row) -> list[tuple[Path, str]]:
    """Where its files lie, and what each is called: the only one, and a work's film, by the title alone."""
    if isinstance(row, Song | Picture | Clip):
        return [(settings.uploads.path(row.file_name), row.title)] if row.has_file else []
    roles = {role: name for role, name in row.files.items() if settings.results.has(name)}
    alone = len(roles) == 1
    return [
        (settings.results.path(name), row.title if alone or role == "film" else f"{row.title} {role}")
        for role, name in roles.items()
    ]


def unique(title: str, suffix: str, taken: set[str], folder: str) -> str:
    """A safe name for that title which no other file of the folder has; it is taken from now on."""
    stem, number = safe_name(title), 1
    name = f"{stem}{suffix}"
    while f"{folder}/{name}".casefold() in taken:
        number += 1
        name = f"{stem} ({number}){suffix}"
    taken.add(f"{folder}/{name}".casefold())
    return name


def safe_name(title: str) -> str:
    """The title as every file system takes it as the name of a file."""
    kept = "".join("_" if sign in FORBIDDEN or not sign.isprintable() else sign for sign in title)
    name = kept[:NAME_CHARACTERS].strip(". ") or UNTITLED
    return f"{name}_" if name.split(".")[0].casefold() in DEVICES else name


def bundle_bytes(files: Sequence[Bundled]) -> int | None:
    """How large the zip will be, to the byte; None for one so large that it takes the longer form of the format (zip64)."""
    size = sum(file.size_bytes + HEADERS_BYTES + NAMES * len(file.name.encode()) for file in files) + END_BYTES
    return size if size * 1.05 <= ZIP64_LIMIT and len(files) < (1 << 16) - 1 else None


class Sink:
    """Takes what the zip writes, until somebody takes that away."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        """Hold the bytes."""
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def take(self) -> bytes:
        """What came since the last time."""
        taken, self._held = bytes(self._held), bytearray()
        return taken


def bundle(files: Sequence[Bundled]) -> Iterator[bytes]:
    """The zip, piece by piece. Raises OSError where a file goes while it is read."""
    sink = Sink()
    with ZipFile(cast(IO[bytes], sink), "w", ZIP_STORED) as archive:  # all that it needs of what can't be wound back
        for file in files:
            at = file.made_at.timetuple() if file.made_at.year >= FIRST_YEAR else time.gmtime(86400 * 3653)
            info = ZipInfo(file.name, at[:6])
            info.file_size = file.size_bytes
            info.external_attr = 0o644 << 16
            with file.open() as source, archive.open(info, "w") as target:
                while block := source.read(BLOCK_BYTES):
                    target.write(block)
                    yield sink.take()
    yield sink.take()
