"""Where the signing key and the accounts of films lie: a folder of the results that its owner alone may read."""

from __future__ import annotations

import os
from pathlib import Path

from core.places import data_home

#: Another folder for them; the wizard names its own to the processes that make its films.
DIR_VARIABLE = "BELCANTO_SIGNING_DIR"


def private_folder(make: bool = True) -> Path:
    """`results/signing` of the data folder, for its owner alone (0700). make: whether it is made. Raises OSError."""
    folder = Path(os.environ.get(DIR_VARIABLE) or data_home() / "results" / "signing")
    if make and not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def write_private(path: Path, content: bytes) -> None:
    """Write a file for its owner alone (0600), which is there as a whole or not at all. Raises OSError."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
