"""Settings of the singing performer."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.errors import InputError

#: Highest value of `expressiveness` and `head_motion`.
STRONGEST = 2.0


@dataclass(frozen=True)
class SingingSettings:
    """What a user may choose about a performance. Raises InputError outside the ranges.

    seed: which of the many performances of a song is given; the same seed gives the same one. Not negative.
    expressiveness: how strongly the face acts, 0 (lips alone) to 2; 1 is natural. It widens the mouth a little too.
    head_motion: how far head and shoulders move, 0 (still) to 2; 1 is natural.
    """

    seed: int = 0
    expressiveness: float = 1.0
    head_motion: float = 1.0

    def __post_init__(self) -> None:
        for name in ("expressiveness", "head_motion"):
            value = getattr(self, name)
            if not 0.0 <= value <= STRONGEST:
                raise InputError(f"The setting {name} is {value}; a number from 0 to {STRONGEST:g} is accepted.")
        if self.seed < 0:
            raise InputError(f"The seed is {self.seed}; a whole number from 0 on is accepted.")
