"""What a film's metadata say of weights that stand in no row of the registry: a SHA-256 tells which files drew it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pipeline.cache import file_digest


def with_weights(comment: str, files: Iterable[Path]) -> str:
    """The comment, with the names of the files and their SHA-256 behind it, if there are any."""
    told = ", ".join(f"{file.name}, SHA-256 {file_digest(file)}" for file in files)
    return f"{comment} Drawn with the weights {told}." if told else comment
