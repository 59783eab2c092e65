"""Which model files were opened in this process, so that a film can tell which of them it was made with."""

from __future__ import annotations

from collections.abc import Iterable

_opened: list[str] = []


def note_use(names: Iterable[str]) -> None:
    """Remember that these files of the registry were opened, or that what they had made was taken from the cache."""
    _opened.extend(names)


def opened_so_far() -> int:
    """How many openings there were; for `opened_since`."""
    return len(_opened)


def opened_since(count: int = 0) -> tuple[str, ...]:
    """Names of the registry's files that were opened since `opened_so_far` gave that number, each once, sorted."""
    return tuple(sorted(set(_opened[count:])))
