"""Settings of the singing performer."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

from core.errors import InputError
from motion.intensity import StyleChoice

#: What the face may feel; `auto` is chosen from the song, section by section.
Style = StyleChoice
#: What says how the lips move: a network that learned it from people who speak, or signal features alone.
Lips = Literal["learned", "features"]
#: Highest value of `expressiveness` and `head_motion`.
STRONGEST = 2.0


@dataclass(frozen=True)
class SingingSettings:
    """What a user may choose about a performance. Raises InputError outside the ranges.

    seed: which of the many performances of a song is given; the same seed gives the same one. Not negative.
    expressiveness: how strongly the face acts, 0 (lips alone, and eyes that blink and look) to 2; 1 is natural. It widens the
        mouth a little too.
    head_motion: how far head and shoulders move, 0 (still) to 2; 1 is natural.
    lips: what says how the lips move.
    style: what the face feels.
    intensity_points: (seconds of the film, intensity in [0, 1]) in order of time, which take the place of the curve found in the
        song: straight lines between them, held before the first and after the last. Empty: the song's own curve.
    """

    seed: int = 0
    expressiveness: float = 1.0
    head_motion: float = 1.0
    lips: Lips = "learned"
    style: Style = "auto"
    intensity_points: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        for name in ("expressiveness", "head_motion"):
            value = getattr(self, name)
            if not 0.0 <= value <= STRONGEST:
                raise InputError("motion.setting_out_of_range", name=name, value=value, most=STRONGEST)
        if self.seed < 0:
            raise InputError("motion.seed_out_of_range", seed=self.seed)
        if self.lips not in get_args(Lips):
            raise InputError("motion.no_such_lips", name=self.lips, list=list(get_args(Lips)))
        if self.style not in get_args(Style):
            raise InputError("motion.no_such_style", name=self.style, list=list(get_args(Style)))
        if any(not 0.0 <= value <= 1.0 for _, value in self.intensity_points):
            raise InputError("motion.intensity_out_of_range")
        times_s = [time_s for time_s, _ in self.intensity_points]
        if any(not time_s >= 0.0 for time_s in times_s) or any(not first < second for first, second in pairwise(times_s)):
            raise InputError("motion.intensity_out_of_order")
