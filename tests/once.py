"""What is dear to make and only read afterwards is made by one of the processes that run the tests, for all of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from weights.locking import folder_lock

#: The folder, beside the processes' own temporary ones.
ONCE = "once"


def session_folder(factory: pytest.TempPathFactory) -> Path:
    """The folder that all processes of this run of the tests share."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / ONCE
    folder.mkdir(exist_ok=True)
    return folder


def make_once(folder: Path, name: str, make: Callable[[Path], object]) -> Path:
    """The file or folder `name` in a folder of its own: `make(path)` fills it where it is not there yet.

    Others wait meanwhile. What was made by half, because `make` failed or its process ended, is never found under the name.
    """
    place = folder / f"{name}.made"
    place.mkdir(exist_ok=True)
    path = place / name
    with folder_lock(place, lambda: None):
        if not path.exists():
            part = place / f"{os.getpid()}-{name}"
            make(part)
            part.replace(path)
    return path
