"""How long a film will still take: what is known of the stages beforehand, put right by what this film has taken so far."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.film_settings import SongToVideoSettings

STAGES = ("decode", "portrait", "separate", "motion", "frames", "mux")
#: The film that is assumed where length or size are unknown.
USUAL_FILM_S, USUAL_PIXELS = 60.0, 512 * 512
#: A machine is taken to be at most this many times slower or quicker than the one the costs were seen on.
SPEED_LIMITS = (0.2, 20.0)
#: So many seconds of work count as if they had gone as foreseen: the first short stages say little about the machine.
DOUBT_S = 2.0


@dataclass(frozen=True)
class StageCost:
    """Seconds that a stage takes on two common cores: once, for each second of film, and for each second and 10^6 pixels."""

    once_s: float
    per_second: float = 0.0
    per_second_megapixel: float = 0.0

    def seconds(self, film_s: float, pixels: int) -> float:
        """What the stage takes for a film of that length and size (width x height)."""
        return self.once_s + film_s * (self.per_second + self.per_second_megapixel * pixels / 1e6)


COSTS = {
    "decode": StageCost(0.1, 0.01),
    "portrait": StageCost(1.0),
    "separate": StageCost(0.5, 0.08),
    "motion": StageCost(2.5, 0.08),
    "frames": StageCost(3.0, 0.2, 1.4),
    "mux": StageCost(0.2, 0.005),
}


#: The stage of the frames by engine, at 25 frames a second. Before its first frame anime asks its networks for the film's poses.
FRAMES_COSTS = {
    "mesh": COSTS["frames"],
    "anime": StageCost(30.0, 0.75, 3.0),
    "sadtalker": StageCost(15.0, 100.0),
}
#: SadTalker with a graphics card, and how much more the larger of its two sizes takes.
ON_CARD = StageCost(20.0, 2.0)
LARGE_SIZE, LARGE_FACTOR = 512, 4.0
USUAL_FPS = 25.0


def frames_cost(engine: str, settings: SongToVideoSettings, card: bool = False) -> StageCost:
    """What the frames take where the engine is probably that one; card: whether the machine seems to have a graphics card."""
    cost = FRAMES_COSTS.get(engine, COSTS["frames"])
    factor = settings.fps / USUAL_FPS
    if engine == "sadtalker":
        cost = ON_CARD if card and settings.device != "cpu" else cost
        factor *= LARGE_FACTOR if settings.sadtalker.size == LARGE_SIZE else 1.0
    return StageCost(cost.once_s, factor * cost.per_second, factor * cost.per_second_megapixel)


@dataclass
class TimeLeft:
    """The time left of one film, told anew with each progress of a stage."""

    film_s: float
    pixels: int
    frames: StageCost = COSTS["frames"]
    clock: Callable[[], float] = time.monotonic
    _stage: str = ""
    _begin_s: float = 0.0
    #: time and units done when the stage first told that something is done: what came before was preparation.
    _first: tuple[float, int] | None = None
    _spent_s: dict[str, float] = field(default_factory=dict)

    def __call__(self, stage: str, done: int, total: int) -> float | None:
        """Seconds left of the whole film when `done` of `total` (0: unknown) of `stage` are done; None for an unknown stage."""
        if stage not in COSTS:
            return None
        now_s = self.clock()
        if stage != self._stage:
            if self._stage:
                self._spent_s[self._stage] = now_s - self._begin_s
            self._stage, self._begin_s, self._first = stage, now_s, None
        if done > 0 and self._first is None:
            self._first = (now_s, done)
        later = STAGES[STAGES.index(stage) + 1 :]
        return self._left_in_stage(now_s, done, total) + self._speed() * sum(self._cost(name) for name in later)

    def _cost(self, stage: str) -> float:
        cost = self.frames if stage == "frames" else COSTS[stage]
        return cost.seconds(self.film_s or USUAL_FILM_S, self.pixels or USUAL_PIXELS)

    def _left_in_stage(self, now_s: float, done: int, total: int) -> float:
        """By the stage's own pace where it is known, else what it costs less what it has taken."""
        if self._first is not None and total > 0 and done > self._first[1]:
            first_s, first_done = self._first
            return (now_s - first_s) * (total - done) / (done - first_done)
        return max(0.0, self._speed() * self._cost(self._stage) - (now_s - self._begin_s))

    def _speed(self) -> float:
        """How many times longer than foreseen the stages took that were through and did some work.

        A stage whose result lay in the cache takes next to nothing and says nothing about the machine.
        """
        worked = {name: spent for name, spent in self._spent_s.items() if spent > 0.2 * self._cost(name)}
        foreseen_s = sum(self._cost(name) for name in worked)
        low, high = SPEED_LIMITS
        return min(max((sum(worked.values()) + DOUBT_S) / (foreseen_s + DOUBT_S), low), high)
