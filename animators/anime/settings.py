"""Settings of the anime engine."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import InputError


@dataclass(frozen=True)
class AnimeSettings:
    """How the anime engine renders. Raises InputError outside the ranges."""

    #: Threads for the networks and the pixel work; 0 takes every core this process may use, at most 8.
    threads: int = 0
    #: Most poses of head and body that the large networks are asked for; all others are interpolated. More is slower and finer.
    most_poses: int = 28
    #: Most mouths that are painted, most states of the eyes, and half as many of the eyebrows.
    most_expressions: int = 48
    #: Fewer are asked for where no pose of the film lies further than this from one that was, in full movements of a parameter.
    tolerance: float = 0.05
    #: Time in which the body catches up with the head.
    body_lag_s: float = 0.25

    def __post_init__(self) -> None:
        for name, bound in {"threads": 0, "most_poses": 2, "most_expressions": 4}.items():
            if getattr(self, name) < bound:
                raise InputError("animators.anime.setting_out_of_range", name=name, value=getattr(self, name), least=bound)
        if not 0.0 <= self.tolerance <= 1.0:
            raise InputError("animators.anime.tolerance_out_of_range", tolerance=self.tolerance)
        if not self.body_lag_s > 0.0:
            raise InputError("animators.anime.body_lag_out_of_range", body_lag_s=self.body_lag_s)
