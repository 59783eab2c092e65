"""How long a film will still take, and how much of it is done: by what its stages took here before, put right by its own pace."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from core.film_stages import DECODE, FRAMES, MOTION, MUX, PORTRAIT, SEPARATE, STAGES
from core.stage_cost import StageCost
from jobs.stage_times import StageTime, StageTimes, learned
from pipeline.engine_list import engine_named
from pipeline.film_settings import SongToVideoSettings
from pipeline.filter_chain import cost_words
from pipeline.filter_chain import frames_cost as cost_of_frames

#: The film that is assumed where length or size are unknown.
USUAL_FILM_S, USUAL_PIXELS = 60.0, 512 * 512
#: A machine is taken to be at most this many times slower or quicker than foreseen.
SPEED_LIMITS = (0.2, 20.0)
#: So many seconds of work count as if they had gone as foreseen: the first short stages say little about the machine.
DOUBT_S = 2.0
#: A stage that took less than this share of what was foreseen had its result in the cache, and says nothing about the machine.
WORKED = 0.2
#: Where a stage takes longer than foreseen and tells nothing, so much of the time beyond is foreseen to come once more.
GROWTH = 0.5
#: So much beyond what was foreseen, in seconds and as a share of it, is said to be longer than foreseen.
TOLERANCE_S, TOLERANCE = 2.0, 0.2
#: Stages whose units are their work from beginning to end, so that their pace tells what is left; others count parts of theirs.
PACED = (SEPARATE, FRAMES)
#: Whatever the preparation took, at least this share of a stage is its work.
PREPARED = 0.3
#: When so much of a stage is done, its pace and what was foreseen count alike.
DOUBTED_PART = 0.1
#: The bar goes on by itself in so many times of what was foreseen of the whole film, so that it never stands still.
CREEP = 8.0
#: The bar's end is for the film that is there.
MOST_SHARE = 0.99

#: What the stages take on two common cores: where nothing was learned yet.
COSTS = {
    DECODE: StageCost(0.1, 0.01),
    PORTRAIT: StageCost(1.0),
    SEPARATE: StageCost(0.5, 0.08),
    MOTION: StageCost(2.5, 0.08),
    FRAMES: StageCost(3.0, 0.2, 1.4),
    MUX: StageCost(0.2, 0.005),
}


def frames_cost(engine: str, settings: SongToVideoSettings, card: bool = False) -> StageCost:
    """What the frames take where the engine is probably that one; card: whether the machine seems to have a graphics card."""
    return cost_of_frames(engine_named(engine), settings, card)


def kind_of(stage: str, engine: str, settings: SongToVideoSettings) -> str:
    """Under which name the stage's times are kept: the stage, the engine, and what else decides how long it takes."""
    words = [stage, engine]
    if stage == MOTION:
        words.append(settings.lips)
    if stage == FRAMES:
        words += [settings.device, f"{settings.fps:g} fps", *cost_words(settings)]
        words += engine_named(engine).cost_words(settings)
    return " ".join(words)


def foreseen_costs(engine: str, settings: SongToVideoSettings, card: bool, times: StageTimes | None) -> dict[str, StageCost]:
    """What each stage takes for these settings: as learned here, else as it was seen elsewhere."""
    costs = COSTS | {FRAMES: frames_cost(engine, settings, card)}
    if times is None:
        return costs
    return {stage: learned(cost, times.of(kind_of(stage, engine, settings))) for stage, cost in costs.items()}


@dataclass(frozen=True)
class Told:
    """left_s: seconds left of the whole film. share: how much of it is done, 0 to 1, never less than before. overdue: whether
    the stage takes longer than was foreseen and says nothing."""

    left_s: float
    share: float
    overdue: bool


@dataclass
class TimeLeft:
    """The time left of one film, told anew with each progress of a stage, and in between as time goes by."""

    film_s: float
    pixels: int
    costs: Mapping[str, StageCost] = field(default_factory=lambda: COSTS)
    clock: Callable[[], float] = time.monotonic
    _stage: str = ""
    _begin_s: float = 0.0
    #: when the film began; time and units done when the stage first told that something is done: before was preparation.
    _film_begin_s: float | None = None
    _first: tuple[float, int] | None = None
    #: when the stage last told something new, what of it, and what was left of the stage then.
    _heard_s: float = 0.0
    _heard: tuple[str, int, int] = ("", 0, 0)
    _stage_left_s: float = 0.0
    _share: float = 0.0
    _looked_s: float = 0.0
    _spent_s: dict[str, float] = field(default_factory=dict)

    def __call__(self, stage: str, done: int, total: int) -> Told | None:
        """What is told when `done` of `total` (0: unknown) of `stage` are done; None for an unknown stage."""
        if stage not in COSTS:
            return None
        now_s = self.clock()
        if self._film_begin_s is None:
            self._film_begin_s = self._looked_s = now_s
        if stage != self._stage:
            self._end_stage(now_s)
            self._stage, self._begin_s, self._first = stage, now_s, None
        if (stage, done, total) != self._heard:
            if done > 0 and self._first is None and stage in PACED:
                self._first = (now_s, done)
            self._heard, self._heard_s = (stage, done, total), now_s
            self._stage_left_s = self._left_in_stage(now_s, done, total)
        return self.look()

    def look(self) -> Told | None:
        """What is told now, where nothing new was heard; None before the first stage."""
        if self._film_begin_s is None:
            return None
        now_s = self.clock()
        beyond_s = (now_s - self._heard_s) - self._stage_left_s
        in_stage_s = -beyond_s if beyond_s < 0 else GROWTH * beyond_s
        later = STAGES[STAGES.index(self._stage) + 1 :]
        left_s = in_stage_s + self._speed() * sum(self._cost(name) for name in later)
        overdue = beyond_s > TOLERANCE_S + TOLERANCE * self._stage_left_s
        return Told(left_s, self._share_done(now_s, left_s), overdue)

    def spent(self, cached: Iterable[str] = ()) -> dict[str, float]:
        """Seconds that each stage took, once the film is done; without those whose result lay in the cache."""
        self._end_stage(self.clock())
        self._stage = ""
        return {stage: spent for stage, spent in self._spent_s.items() if stage not in set(cached)}

    def _end_stage(self, now_s: float) -> None:
        if self._stage:
            self._spent_s[self._stage] = self._spent_s.get(self._stage, 0.0) + now_s - self._begin_s

    def _cost(self, stage: str) -> float:
        return self.costs[stage].seconds(self.film_s or USUAL_FILM_S, self.pixels or USUAL_PIXELS)

    def _share_done(self, now_s: float, left_s: float) -> float:
        """The time that went by, of that and what is left; it never goes back, and creeps on where it would stand."""
        gone_s = now_s - (self._film_begin_s or 0.0)
        whole_s = max(gone_s + left_s, 1e-6)
        crept = self._share + (MOST_SHARE - self._share) * min(1.0, (now_s - self._looked_s) / (CREEP * whole_s))
        self._share, self._looked_s = min(MOST_SHARE, max(crept, gone_s / whole_s)), now_s
        return self._share

    def _left_in_stage(self, now_s: float, done: int, total: int) -> float:
        """By what it costs less what it has taken, and the more by its own pace the more of it is done."""
        foreseen_s = self._speed() * self._cost(self._stage)
        if self._first is None or total <= 0:
            return max(0.0, foreseen_s - (now_s - self._begin_s))
        first_s, first_done = self._first
        part = min(1.0, (done - first_done) / max(total - first_done, 1))
        by_cost_s = max(PREPARED * foreseen_s, foreseen_s - (first_s - self._begin_s)) * (1 - part)
        if done <= first_done or part == 1.0:
            return by_cost_s
        by_pace_s = max(now_s - first_s, 1e-3) * (1 - part) / part
        trust = part / (part + DOUBTED_PART)
        # the product of powers, since the pace of the first units may be many times the later one
        return float(by_pace_s**trust * by_cost_s ** (1 - trust))

    def _speed(self) -> float:
        """How many times longer than foreseen the stages took that were through and did some work."""
        worked = {name: spent for name, spent in self._spent_s.items() if spent > WORKED * self._cost(name)}
        foreseen_s = sum(self._cost(name) for name in worked)
        low, high = SPEED_LIMITS
        return min(max((sum(worked.values()) + DOUBT_S) / (foreseen_s + DOUBT_S), low), high)


def stage_times(
    spent: Mapping[str, float], engine: str, settings: SongToVideoSettings, film_s: float, pixels: int
) -> dict[str, StageTime]:
    """What a film's stages took, by the names under which that is kept."""
    return {kind_of(stage, engine, settings): StageTime(film_s, pixels, seconds) for stage, seconds in spent.items()}
