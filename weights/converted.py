"""Keeps what was made of a published model file, beside it: written once, whole or not at all, with its SHA-256 beside it."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from core.errors import MissingError
from weights.checking import is_right


def has_converted(path: Path) -> bool:
    """Whether the converted file is there, and as it was written; one that lacks its note, or does not fit it, is made again."""
    try:
        return is_right(path, note_of(path).read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return False


def note_of(path: Path) -> Path:
    """Where a converted file's SHA-256 lies."""
    return path.with_name(f"{path.name}.sha256")


def write_converted(path: Path, content: bytes, what: str) -> None:
    """Write `content` to `path` under a temporary name first, so that another process never sees half a file.

    what: names the converted model in the sentence. Raises MissingError where the folder takes no file.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for place, written in ((note_of(path), hashlib.sha256(content).hexdigest().encode()), (path, content)):
            temporary.write_bytes(written)
            temporary.replace(place)
    except OSError as error:
        raise MissingError("weights.converted_unwritable", what=what, folder=path.parent, reason=error.strerror) from error
    finally:
        with suppress(OSError):  # where the folder takes no file, there is none to take away
            temporary.unlink()
