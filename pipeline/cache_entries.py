"""What the folder of a cache's entry tells of it, without its being opened."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

MANIFEST = "manifest.json"
#: The one file of a sealed entry, and the list of what lies in it, by names that only its owner's key gives.
SEALED, CONTENTS = "entry.sealed", "contents.json"
HASH_BLOCK_BYTES = 1 << 20


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(HASH_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def size_of(folder: Path) -> int:
    """Bytes of all files of a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def inputs_of(folder: Path) -> set[str] | None:
    """Digests of what an entry was made from; None where it does not tell."""
    try:
        return set(json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["inputs"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def contents_of(folder: Path) -> set[str]:
    """Digests of the files of an entry, as its manifest tells them."""
    try:
        files = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
        sealed = json.loads((folder / CONTENTS).read_text(encoding="utf-8")) if (folder / CONTENTS).exists() else ()
        return {digest for _, digest in files.values()} | set(sealed)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return set()


def weights_of(folder: Path) -> list[str]:
    """Names of the model files that an entry was made with; none of an entry of earlier programs, which do not tell."""
    try:
        return [str(name) for name in json.loads((folder / MANIFEST).read_text(encoding="utf-8")).get("weights", ())]
    except (OSError, ValueError, TypeError, AttributeError):
        return []


def is_whole(folder: Path) -> bool:
    """Whether an entry is there and every file has the size and the SHA-256 that its manifest says."""
    try:
        files = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
        for name, (size, digest) in files.items():
            path = folder / name
            if path.stat().st_size != size or file_digest(path) != digest:
                return False
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return True
