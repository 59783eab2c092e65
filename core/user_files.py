"""The names of the files that people keep: made here, each with a whole file behind it or none. What is in the files, the vault
opens (`core.vault`), and whoever reads or writes them asks that."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from core.vault import Vault


@dataclass(frozen=True)
class UserFiles:
    """A folder of such files. Their names hold no folder. vault: what opens them."""

    folder: Path
    vault: Vault

    def path(self, name: str) -> Path:
        """Where the file lies, or will lie, for who reads and writes files. Raises ValueError for a name with a folder."""
        if not name or Path(name).name != name or name in (".", ".."):
            raise ValueError(f"{name!r} is no name of a user's file.")
        return self.folder / name

    def has(self, name: str | None) -> bool:
        """Whether the file is there; somebody may have removed it by hand."""
        return bool(name) and self.path(str(name)).is_file()

    def size_bytes(self, name: str) -> int:
        """Bytes of the file's content. Raises FileNotFoundError."""
        return self.vault.size_bytes(self.path(name))

    def keep(self, path: Path, name: str) -> None:
        """Give the file `path` that name, after its bytes are safe on the disk; a name never has half a file behind it."""
        with path.open("rb") as file:
            os.fsync(file.fileno())
        path.replace(self.path(name))
        sync_folder(self.folder)

    def take_back(self, name: str, path: Path) -> None:
        """Undo `keep`, where what was to go with it did not go well."""
        if self.has(name):
            self.path(name).replace(path)

    def remove(self, name: str) -> None:
        """Remove the file, where it is there."""
        self.path(name).unlink(missing_ok=True)

    def remove_unnamed(self, named: set[str], pattern: str, age_s: float) -> int:
        """Remove files whose names match the pattern and are not among `named`, and that were written so long ago.

        Returns how many went.
        """
        gone, oldest_s = 0, time.time() - age_s
        for path in self.folder.glob(pattern):
            try:
                if path.name not in named and path.is_file() and path.stat().st_mtime < oldest_s:
                    path.unlink()
                    gone += 1
            except FileNotFoundError:
                continue
        return gone


def sync_folder(folder: Path) -> None:
    """Have the names in a folder safe on the disk; where folders can't be synced, the system does so by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
