"""Files that a person asks for: tried before the work, written under a short temporary name, there as a whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from core.errors import InputError
from core.messages import either

PART_SUFFIX = ".part"
#: What a file system keeps for itself, and what small things beside the output may need.
SPARE_BYTES = 1_000_000


def part_prefix(path: Path) -> str:
    """How the temporary names of the output `path` begin: as short for a long name as for any other, and not those of another."""
    return f".{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:8]}."


def new_part(path: Path) -> tuple[int, Path]:
    """An open file with a temporary name beside the output `path`. Raises OSError where there can be none."""
    descriptor, name = tempfile.mkstemp(PART_SUFFIX, part_prefix(path), path.parent)
    return descriptor, Path(name)


def left_parts(path: Path) -> Iterator[Path]:
    """What runs that were killed have left of the output `path`, and what others are writing of it."""
    return path.parent.glob(f"{part_prefix(path)}*{PART_SUFFIX}")


def check_output(path: Path, suffixes: str | tuple[str, ...], inputs: Iterable[Path] = (), needed_bytes: int = 0) -> None:
    """Try the output before the work. Raises `InputError` unless a file of that name can be written and is none of the inputs.

    suffixes: how its name may end. needed_bytes: about how large it becomes.
    """
    endings = (suffixes,) if isinstance(suffixes, str) else suffixes
    if path.suffix.lower() not in endings:
        raise InputError("core.output_of_another_kind", path=path, endings=either(endings))
    check_name(path)
    if not path.parent.is_dir():
        raise InputError("core.output_folder_missing", folder=path.parent)
    if path.is_dir():
        raise InputError("core.output_is_a_folder", path=path)
    if path.exists() and any(given.exists() and given.samefile(path) for given in inputs):
        raise InputError("core.output_is_an_input", path=path)
    check_folder(path.parent)
    check_free_space(path.parent, needed_bytes)


def check_output_folder(folder: Path, names: Iterable[str], needed_bytes: int = 0) -> None:
    """The same of a folder that gets files of these names, and is made where it is missing.

    Raises `InputError` where that can't be; a folder that is missing still is afterwards.
    """
    check_name(folder)
    if folder.exists() and not folder.is_dir():
        raise InputError("core.folder_is_a_file", folder=folder)
    for name in names:
        check_name(folder / name)
    there = next(parent for parent in (folder, *folder.absolute().parents) if parent.is_dir())
    check_folder(there)
    check_free_space(there, needed_bytes)


def check_name(path: Path) -> None:
    """Raises `InputError` for a name that the file system can't hold."""
    try:
        path.lstat()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            size = len(os.fsencode(path.name))
            raise InputError("core.output_name_too_long", size=size, name=path.name[:40]) from error
        if error.errno == errno.ENOTDIR:
            raise InputError("core.output_folder_is_a_file", folder=path.parent) from error
        if error.errno not in (errno.ENOENT, errno.EACCES):
            raise InputError("core.output_unwritable_name", path=path, reason=error.strerror) from error
    except ValueError as error:  # a NUL
        raise InputError("core.output_name_with_wrong_sign") from error


def check_folder(folder: Path) -> None:
    """Raises `InputError` unless a file can be made in the folder, which is tried."""
    try:
        with tempfile.NamedTemporaryFile(prefix=".", suffix=".trial", dir=folder):
            pass
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        code = "core.folder_full" if full else "core.folder_unwritable"
        raise InputError(code, name=folder, reason=error.strerror) from error


def check_free_space(folder: Path, needed_bytes: int) -> None:
    """Raises `InputError` where the folder's disk has surely less room than `needed_bytes`."""
    if needed_bytes <= 0:
        return
    with suppress(OSError):  # a file system that does not tell
        free = shutil.disk_usage(folder).free
        if free < needed_bytes + SPARE_BYTES:
            raise InputError("core.too_little_room", name=folder, free=megabytes(free), needed=megabytes(needed_bytes))


def megabytes(size_bytes: int) -> str:
    """The size for a person."""
    return f"{size_bytes / 1e6:.{0 if size_bytes >= 1e7 else 1}f} MB"


@contextmanager
def whole_file(path: Path, what: str) -> Iterator[IO[bytes]]:
    """An open file that becomes the output `path` when the block ends well, and is gone otherwise.

    what: what it is, for the sentence. Raises `InputError` where it can't be written.
    """
    try:
        descriptor, part = new_part(path)
    except OSError as error:
        raise InputError("core.output_unwritable", what=what, path=path, reason=error.strerror) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        give_usual_rights(part)
        part.replace(path)
    except OSError as error:
        raise InputError("core.output_interrupted", what=what, path=path, reason=error.strerror) from error
    finally:
        part.unlink(missing_ok=True)


def give_usual_rights(path: Path) -> None:
    """Temporary files are for their owner alone; an output gets the rights of any new file."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o666 & ~mask)
