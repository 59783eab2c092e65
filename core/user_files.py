"""The names of the files that people keep: made here, each with a whole file behind it or none. What is in the files, the vault
opens (`core.vault`), and whoever reads or writes them asks that."""

from __future__ import annotations

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
        """Whether the file is there; somebody may have removed it by hand. Raises StoreFailed."""
        return bool(name) and self.vault.has(self.path(str(name)))

    def size_bytes(self, name: str) -> int:
        """Bytes of the file's content. Raises FileNotFoundError, StoreFailed."""
        return self.vault.size_bytes(self.path(name))

    def keep(self, path: Path, name: str) -> None:
        """Give the file `path` that name, after its bytes are safe; a name never has half a file behind it.

        Raises OSError, StoreFailed; then nothing has the name.
        """
        self.vault.files.put(path, self.path(name))

    def take_back(self, name: str, path: Path) -> None:
        """Undo `keep`, where what was to go with it did not go well."""
        self.vault.files.take_back(self.path(name), path)

    def remove(self, name: str) -> None:
        """Remove the file, where it is there. Raises StoreFailed."""
        self.vault.files.remove(self.path(name))

    def remove_unnamed(self, named: set[str], pattern: str, age_s: float) -> int:
        """Remove files whose names match the pattern and are not among `named`, and that were written so long ago.

        Returns how many went. Raises StoreFailed.
        """
        gone, oldest_ns = 0, (time.time() - age_s) * 1e9
        for path, told in self.vault.files.found(self.folder, pattern):
            if path.name not in named and told.changed_ns < oldest_ns:
                self.vault.files.remove(path)
                gone += 1
        return gone
