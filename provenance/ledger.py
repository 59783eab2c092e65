"""The accounts of this installation's films, kept by the number that their pictures bear: a stripped film finds its own.

One JSON file a film, for its owner alone. It names no person, title or file; whoever destroys a film destroys its account by
`forget`.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from provenance.places import private_folder, write_private

#: The number: 48 bits, as hexadecimal digits.
MARK_DIGITS = 12
MARK = re.compile(rf"[0-9a-f]{{{MARK_DIGITS}}}")


@dataclass(frozen=True)
class KeptAccount:
    """What is kept of a film.

    mark: its number. at: when it was signed, ISO 8601 in UTC. sha256, size_bytes: of the signed film. account: the assertion of
    our own, and what was stated.
    """

    mark: str
    at: str
    sha256: str
    size_bytes: int
    account: dict[str, Any]


def new_mark() -> str:
    """A number that no film has."""
    return secrets.token_hex(MARK_DIGITS // 2)


def film_account_path(mark: str, folder: Path | None = None) -> Path:
    """Where it lies in the private folder, below one of its first two digits. Raises ValueError for what is no film's number."""
    if not MARK.fullmatch(mark):
        raise ValueError(f"{mark[:20]!r} is no number of a film.")
    return (folder or private_folder(make=False)) / "films" / mark[:2] / f"{mark}.json"


def keep(account: KeptAccount) -> None:
    """Write it. Raises OSError."""
    private_folder()
    path = film_account_path(account.mark)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, json.dumps(asdict(account)).encode("utf-8"))


def kept(mark: str, folder: Path | None = None) -> KeptAccount | None:
    """The film's account; None where this installation made no such film, or has destroyed it. folder: the private one."""
    try:
        values = json.loads(film_account_path(mark, folder).read_text(encoding="utf-8"))
        return KeptAccount(**values)
    except (OSError, ValueError, TypeError):
        return None


def forget(mark: str, folder: Path | None = None) -> bool:
    """Destroy the film's account; says whether there was one. folder: the private one."""
    path = film_account_path(mark, folder)
    there = path.exists()
    path.unlink(missing_ok=True)
    return there


def all_marks() -> list[str]:
    """The numbers of all films that are kept."""
    return sorted(path.stem for path in (private_folder(make=False) / "films").glob("*/*.json") if MARK.fullmatch(path.stem))
