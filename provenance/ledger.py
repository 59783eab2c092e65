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

from provenance.places import private_folder, write_private

#: The number: 48 bits, as hexadecimal digits.
MARK_DIGITS = 12
MARK = re.compile(rf"[0-9a-f]{{{MARK_DIGITS}}}")


@dataclass(frozen=True)
class KeptAccount:
    """What is kept of a film.

    mark: its number. at: when it was signed, ISO 8601 in UTC. sha256: of the signed film. manifest: C2PA's, as base64. account:
    the assertion of our own. glances: of pictures of the film, see `provenance/glances.py`.
    """

    mark: str
    at: str
    sha256: str
    size_bytes: int
    account: dict[str, object]
    glances: tuple[str, ...] = ()


def new_mark() -> str:
    """A number that no film has."""
    return secrets.token_hex(MARK_DIGITS // 2)


def film_account_path(mark: str) -> Path:
    """Where it lies; below a folder of its first two digits. Raises ValueError for what is no number of a film."""
    if not MARK.fullmatch(mark):
        raise ValueError(f"{mark[:20]!r} is no number of a film.")
    return private_folder(make=False) / "films" / mark[:2] / f"{mark}.json"


def keep(account: KeptAccount) -> None:
    """Write it. Raises OSError."""
    private_folder()
    path = film_account_path(account.mark)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, json.dumps(asdict(account)).encode("utf-8"))


def kept(mark: str) -> KeptAccount | None:
    """The film's account; None where this installation made no such film, or has destroyed it."""
    try:
        values = json.loads(film_account_path(mark).read_text(encoding="utf-8"))
        return KeptAccount(**{**values, "glances": tuple(values.get("glances", ()))})
    except (OSError, ValueError, TypeError):
        return None


def forget(mark: str) -> bool:
    """Destroy the film's account; says whether there was one."""
    path = film_account_path(mark)
    there = path.exists()
    path.unlink(missing_ok=True)
    return there


def all_marks() -> list[str]:
    """The numbers of all films that are kept."""
    return sorted(path.stem for path in (private_folder(make=False) / "films").glob("*/*.json") if MARK.fullmatch(path.stem))
