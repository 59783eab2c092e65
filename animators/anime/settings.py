"""Settings of the anime engine."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import InputError


@dataclass(frozen=True)
class AnimeSettings:
    """How the anime engine renders. Raises InputError outside the ranges."""

    #: Threads for the networks and the pixel work; 0 takes every core this process may use, at most 8.
    threads: int = 0
    #: Key poses of head and body that the large networks are asked for, once a drawing. More is slower and finer.
    key_poses: int = 34
    #: Key states of the eyes, and half as many mouths and a quarter as many of the eyebrows: eyes need most, since irises slide.
    key_expressions: int = 60
    #: Most further poses of each of those parts that the networks are asked for, once a film; 0: once a drawing is prepared no
    #: network is asked, and lids and outlines in quick movements are less sharp.
    most_further: int = 16
    #: None that the key poses tell surely enough, from 0, as good as asked, to 1, out of their reach.
    tolerance: float = 0.0045
    #: Time in which the body catches up with the head.
    body_lag_s: float = 0.25

    def __post_init__(self) -> None:
        for name, bound in {"threads": 0, "key_poses": 2, "key_expressions": 4, "most_further": 0}.items():
            if getattr(self, name) < bound:
                raise InputError("animators.anime.setting_out_of_range", name=name, value=getattr(self, name), least=bound)
        if not 0.0 <= self.tolerance <= 1.0:
            raise InputError("animators.anime.tolerance_out_of_range", tolerance=self.tolerance)
        if not self.body_lag_s > 0.0:
            raise InputError("animators.anime.body_lag_out_of_range", body_lag_s=self.body_lag_s)

    @property
    def key_counts(self) -> dict[str, int]:
        """How many key poses of each part are asked for."""
        most = self.key_expressions
        return {"eyebrows": most // 4, "eyes": most, "mouth": most // 2, "body": self.key_poses}
