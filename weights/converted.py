"""Keeps what was made of a published model file, beside it: written once, whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from core.errors import MissingError


def write_converted(path: Path, content: bytes, what: str) -> None:
    """Write `content` to `path` under a temporary name first, so that another process never sees half a file.

    what: names the converted model in the sentence. Raises MissingError where the folder takes no file.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        raise MissingError("weights.converted_unwritable", what=what, folder=path.parent, reason=error.strerror) from error
    finally:
        with suppress(OSError):  # where the folder takes no file, there is none to take away
            temporary.unlink()
