"""What a film that shows others side by side can be told."""

from __future__ import annotations

from dataclasses import dataclass

from core.option_kinds import Number, Whole
from core.options import N_, check_options, option
from pipeline.part_options import MAX_S

#: More films than these beside a driver and a portrait are too small to be judged.
MOST_FILMS = 4
#: A sound that is shorter is none, in seconds.
SHORTEST_S = 0.5


@dataclass(frozen=True)
class CompareSettings:
    """How films are shown side by side. Raises `InputError` where a value is out of range."""

    height: int = option(
        360,
        Whole(64, 1080, "px"),
        "height of each picture in pixels; a wide row is broken in two",
        label=N_("Height of each picture"),
        hint=N_("In pixels; where many films are wide, they stand in two rows."),
        metavar="PX",
        suggested=(240, 360, 512, 720),
    )
    start_s: float = option(
        0.0,
        Number(0.0, MAX_S),
        "where in the driving film the others begin, in seconds",
        flag="start",
        label=N_("Where in the driving film the others begin"),
        hint=N_("In seconds, where only a part of it moved the picture."),
        metavar="S",
    )
    duration_s: float | None = option(
        None,
        Number(SHORTEST_S, MAX_S),
        "seconds that are shown; without it up to the end of the longest film",
        flag="duration",
        label=N_("Seconds that are shown"),
        hint=N_("Left empty, up to the end of the longest film."),
        metavar="S",
    )

    def __post_init__(self) -> None:
        check_options(self)
