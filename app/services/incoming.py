"""Files on their way in: written under names made here, counted while they come, and gone again unless they are kept."""

from __future__ import annotations

import errno
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from app.errors import StorageFull, TooLarge
from app.models import new_id
from app.services.quotas import check_disk
from app.settings import MEGABYTE, AppSettings
from core.user_files import UserFiles

BLOCK_BYTES = 1 << 20
#: After how long a file on its way that nobody counts as an upload is taken for a leftover of a server that was killed.
LEFTOVER_S = 3600.0


@contextmanager
def received(settings: AppSettings, stream: BinaryIO, limit_bytes: int, person_id: str) -> Iterator[Path]:
    """The stream's bytes as a file of the person's, removed at the end of the block unless it was moved away.

    Raises TooLarge and StorageFull; then nothing is left.
    """
    settings.make_folders()
    path = settings.incoming_dir / f"{new_id()}.part"
    try:
        with disk_errors_told(), settings.vault.writer(path, person_id) as file:
            count = 0
            while block := stream.read(BLOCK_BYTES):
                count += len(block)
                if count > limit_bytes:
                    raise too_large(limit_bytes)
                check_disk(settings, len(block))
                file.write(block)
        yield path
    finally:
        path.unlink(missing_ok=True)


def too_large(limit_bytes: int) -> TooLarge:
    """The error for a file with too many bytes."""
    return TooLarge("app.file_too_large", limit=limit_bytes / MEGABYTE)


@contextmanager
def disk_errors_told() -> Iterator[None]:
    """A full disk as a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise StorageFull("app.disk_full") from error


def keep(files: UserFiles, path: Path, name: str) -> None:
    """See `UserFiles.keep`. Raises StorageFull."""
    with disk_errors_told():
        files.keep(path, name)


def sha256_of(settings: AppSettings, path: Path) -> str:
    """SHA-256 of the file's content, in hexadecimal digits."""
    digest = hashlib.sha256()
    with settings.vault.open(path) as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def sweep_leftovers(settings: AppSettings, uploads: set[str]) -> int:
    """Remove files that are on their way since long and belong to none of the `uploads` (ids). Returns how many."""
    oldest_ns, gone, files = (time.time() - LEFTOVER_S) * 1e9, 0, settings.vault.files
    for folder in {settings.incoming_dir, settings.pieces_dir}:
        for path, told in files.found(folder, "*"):
            if path.name.partition(".")[0] not in uploads and told.changed_ns < oldest_ns:
                files.remove(path)
                gone += 1
    return gone
