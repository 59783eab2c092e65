"""How much is drawn: less of it where pictures come late, more again after a calm time."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True)
class Quality:
    """height: at which pictures are drawn, in pixels; every: one of so many pictures is drawn."""

    height: int
    every: int = 1


@dataclass(frozen=True)
class QualitySettings:
    """window_s: over which late pictures are counted. most_late: share of them at which less is drawn, if drawing takes more than
    `most_busy` of the time; else it would help nobody. calm_s: without late
    pictures until more is tried again, twice as long after each time that it was too much, up to `longest_calm_s`."""

    window_s: float = 2.0
    most_late: float = 0.2
    most_busy: float = 0.4
    calm_s: float = 20.0
    longest_calm_s: float = 320.0


def qualities(height: int) -> tuple[Quality, ...]:
    """The steps for pictures of that height, the best first: three quarters, half, and half at half the rate."""
    three_quarters, half = 2 * round(0.375 * height), 2 * round(0.25 * height)
    return Quality(height), Quality(three_quarters), Quality(half), Quality(half, 2)


class QualityKeeper:
    """Told of each picture whether it was late; says when to go over to another step."""

    def __init__(self, height: int, fps: float, settings: QualitySettings | None = None) -> None:
        self._settings = settings or QualitySettings()
        self._steps = qualities(height)
        self._step, self._fps = 0, fps
        self._late: deque[bool] = deque(maxlen=round(self._settings.window_s * fps))
        self._calm, self._calm_s = 0, self._settings.calm_s

    @property
    def quality(self) -> Quality:
        """The step that holds."""
        return self._steps[self._step]

    def picture(self, late: bool, busy: float) -> Quality | None:
        """Another step, where it is time for one. busy: how much of the time drawing takes."""
        self._late.append(late)
        self._calm = 0 if late else self._calm + 1
        too_much = len(self._late) == self._late.maxlen and busy > self._settings.most_busy
        if too_much and sum(self._late) > self._settings.most_late * len(self._late) and self._step + 1 < len(self._steps):
            self._calm_s = min(self._settings.longest_calm_s, 2.0 * self._calm_s)
            return self._go(self._step + 1)
        if self._step and self._calm >= self._calm_s * self._fps:
            return self._go(self._step - 1)
        return None

    def _go(self, step: int) -> Quality:
        self._step, self._calm = step, 0
        self._late.clear()
        return self.quality
