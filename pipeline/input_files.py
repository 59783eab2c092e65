"""The files that a user names, tried before the work."""

from __future__ import annotations

import os
from pathlib import Path

from core.errors import InputError


def check_input(path: Path, what: str) -> None:
    """Raises `InputError` unless `path` is a file that can be read and holds something; `what` names it in the sentence."""
    if not path.exists():
        raise InputError("pipeline.file_not_there", what=what, path=path)
    if not path.is_file():
        raise InputError("pipeline.file_is_no_file", what=what, path=path)
    if not os.access(path, os.R_OK):
        raise InputError("pipeline.file_unreadable", what=what, path=path)
    if path.stat().st_size == 0:
        raise InputError("pipeline.file_is_empty", what=what, path=path)
