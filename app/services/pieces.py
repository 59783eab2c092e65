"""What has come of an upload: one file that grows, or, where it is sealed or lies in a store, files of their own for its parts.

Such a part is never changed, only put in the place of another as a whole: what is sealed anew is sealed under a new key, and
stores know whole files alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.models import Upload
from app.services.incoming import disk_errors_told
from app.settings import AppSettings
from core.sealed_files import DamagedFile
from core.stores.files import sync_folder
from core.vault import copy

#: A part that is smaller is sealed once more together with what comes after it, so that many small pieces are not many files.
LEAST_PART_BYTES = 1_000_000
#: How the files of parts end, after the upload's id and the byte at which they begin.
PART_SUFFIX, OFFSET_DIGITS = ".piece", 13


def part_file(settings: AppSettings, upload: Upload) -> Path:
    """Where the bytes are that came so far; where they are sealed, once they have come and are put together."""
    return settings.incoming_dir / f"{upload.id}.part"


def in_parts(settings: AppSettings) -> bool:
    """Whether uploads lie in parts."""
    return settings.encryption or settings.vault.files.elsewhere


def begin(settings: AppSettings, upload: Upload) -> None:
    """Nothing has come yet. Raises StorageFull."""
    settings.make_folders()
    with disk_errors_told():
        if in_parts(settings):
            return
        part_file(settings, upload).touch(exist_ok=False)
        sync_folder(settings.incoming_dir)


def came(settings: AppSettings, upload: Upload) -> int:
    """How many bytes, from the first on, are safe on the disk."""
    if in_parts(settings):
        end = 0
        for begin, path in parts_of(settings, upload):
            if begin != end:
                break
            end += settings.vault.size_bytes(path)
        return end
    try:
        return part_file(settings, upload).stat().st_size
    except FileNotFoundError:
        return 0


def write_piece(settings: AppSettings, upload: Upload, offset: int, piece: bytes) -> None:
    """Have the piece at that byte, up to which all is there; what stood behind is gone. It is safe on the disk then.

    Raises StorageFull.
    """
    with disk_errors_told():
        if in_parts(settings):
            write_part(settings, upload, offset, piece)
        else:
            write_plain(part_file(settings, upload), offset, piece)


def write_plain(path: Path, offset: int, piece: bytes) -> None:
    """Write the piece at the file's end, which is at `offset`, and wait until the disk has it."""
    with path.open("r+b" if path.exists() else "xb") as file:
        file.seek(offset)
        file.write(piece)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


def write_part(settings: AppSettings, upload: Upload, offset: int, piece: bytes) -> None:
    """Keep the piece, sealed if that is wanted, with the end of what is there where that is small, or reaches beyond `offset`."""
    begin = offset
    for start, path in reversed(parts_of(settings, upload)):
        if start >= offset > 0 or start > offset:
            settings.vault.files.remove(path)
            continue
        before = settings.vault.size_bytes(path)
        if start < offset and (start + before > offset or before < LEAST_PART_BYTES):
            with settings.vault.open(path) as file:
                piece = file.read(offset - start) + piece
            begin = start
        break
    target = settings.pieces_dir / f"{upload.id}.{begin:0{OFFSET_DIGITS}d}{PART_SUFFIX}"
    settings.vault.write_bytes(target, upload.person_id, piece)


def parts_of(settings: AppSettings, upload: Upload) -> list[tuple[int, Path]]:
    """The parts, each with the byte at which it begins, in their order."""
    found = settings.vault.files.found(settings.pieces_dir, f"{upload.id}.*{PART_SUFFIX}")
    return sorted((int(path.name.split(".")[1]), path) for path, _ in found)


@contextmanager
def put_together(settings: AppSettings, upload: Upload) -> Iterator[Path]:
    """All that came as one file, for the time of the block; who takes it over moves it away. Raises StorageFull, DamagedFile."""
    path = part_file(settings, upload)
    if not in_parts(settings):
        yield path
        return
    vault = settings.vault
    with disk_errors_told(), vault.writer(path, upload.person_id) as whole:
        for _, part in parts_of(settings, upload):
            with vault.open(part) as file:
                copy(file, whole)
    if vault.size_bytes(path) != upload.size_bytes:
        path.unlink()
        raise DamagedFile("core.sealed_file_damaged")
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def remove(settings: AppSettings, upload: Upload) -> None:
    """Forget what came."""
    part_file(settings, upload).unlink(missing_ok=True)
    for _, part in parts_of(settings, upload):
        settings.vault.files.remove(part)
