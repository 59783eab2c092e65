"""What the measuring and mending of a film's sound and lips can be told."""

from __future__ import annotations

from dataclasses import dataclass

from core.option_kinds import Number, Whole
from core.options import N_, check_options, option
from pipeline.dub_option_kinds import MOST_FACES

#: Farther than this sound and lips of a film are not apart; somebody has mistaken the unit.
FURTHEST_MS = 5000.0
#: How much of a film is looked at: lips that speak for so long leave no doubt.
LOOKED_AT_S = 60.0


@dataclass(frozen=True)
class SyncSettings:
    """Who speaks, and by how much the sound is moved. Raises `InputError` where a value is out of range."""

    face: int | None = option(
        None,
        Whole(1, MOST_FACES),
        "who speaks, by the face's number, 1 being the one that is seen most; without it the one that goes with the sound best",
        label=N_("Face that speaks"),
        hint=N_("1 is the face that is seen most. Left empty, it is the one that goes with the sound best."),
        metavar="N",
    )
    offset_ms: float | None = option(
        None,
        Number(-FURTHEST_MS, FURTHEST_MS, "ms"),
        "how late the sound is, in milliseconds, below 0 where it is early; it is moved by just that, and nothing is measured",
        label=N_("How late the sound is, in milliseconds"),
        hint=N_("Below 0 where the sound is early. Left empty, it is measured."),
        metavar="MS",
    )

    def __post_init__(self) -> None:
        check_options(self)
