"""The part of a song that work is about, where it is the only thing that is told."""

from __future__ import annotations

from dataclasses import dataclass

from core.option_kinds import Number
from core.options import check_options, option
from pipeline.part_options import MAX_S


@dataclass(frozen=True)
class PartOfSong:
    """Where it begins, and how long it is."""

    start_s: float = option(0.0, Number(0.0, MAX_S, "s"), "second of the song at which the part begins")
    duration_s: float | None = option(None, Number(0.0, MAX_S, "s"), "seconds of the part; without it to the song's end")

    def __post_init__(self) -> None:
        """Raises `InputError` where an option is out of range."""
        check_options(self)
