"""What a stage of a film takes, as a sum that grows with the film."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StageCost:
    """Seconds that a stage takes: once, for each second of film, and for each second and 10^6 pixels."""

    once_s: float
    per_second: float = 0.0
    per_second_megapixel: float = 0.0

    def growing_s(self, film_s: float, pixels: int) -> float:
        """The part that grows with the film."""
        return film_s * (self.per_second + self.per_second_megapixel * pixels / 1e6)

    def seconds(self, film_s: float, pixels: int) -> float:
        """What the stage takes for a film of that length and size (width x height)."""
        return self.once_s + self.growing_s(film_s, pixels)

    def scaled(self, once: float, growing: float) -> StageCost:
        """The same with its two parts so many times as large."""
        return StageCost(self.once_s * once, self.per_second * growing, self.per_second_megapixel * growing)

    def plus(self, other: StageCost) -> StageCost:
        """What both take together."""
        return StageCost(
            self.once_s + other.once_s,
            self.per_second + other.per_second,
            self.per_second_megapixel + other.per_second_megapixel,
        )
