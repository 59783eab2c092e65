"""What a head can do with the beat, and which of it is done when: another gesture every bar or few, none twice running."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.plan import SongPlan

#: A gesture lasts so many bars, with these chances.
BARS, BARS_CHANCE = (1, 2, 3, 4), (0.2, 0.45, 0.1, 0.25)
#: How far outside its natural energy a gesture may still be chosen.
ENERGY_SLACK = 0.12
#: How much a kind of section favours the gestures that it had before over others: a chorus keeps its character, not its steps.
CHARACTER = 2.5
#: Spread of the size of one gesture against the next of its kind.
SIZE_SPREAD = 0.18


@dataclass(frozen=True)
class Gesture:
    """A way of taking part in the beat.

    nod: size of the nod on the bar's first beat, on its middle, on its other beats and between beats. sway: of the tilt from side
    to side, on every half bar where `quick_sway`, else on every bar. turn: of the turn from side to side. bob: of the body's
    bounce. energy: for which music it is made, in [0, 1].
    """

    name: str
    nod: tuple[float, float, float, float]
    sway: float
    turn: float
    bob: float
    energy: tuple[float, float]
    quick_sway: bool = False


GESTURES: tuple[Gesture, ...] = (
    Gesture("nod", (1.25, 1.0, 0.8, 0.0), 0.35, 0.3, 0.6, (0.5, 1.0)),
    Gesture("half-time nod", (1.35, 1.1, 0.0, 0.0), 0.5, 0.4, 0.3, (0.2, 0.9)),
    Gesture("slow nod", (1.3, 0.0, 0.0, 0.0), 0.6, 0.5, 0.2, (0.0, 0.55)),
    Gesture("back beat", (0.2, 0.15, 1.15, 0.0), 0.4, 0.3, 0.5, (0.5, 1.0)),
    Gesture("double-time nod", (1.15, 0.95, 0.85, 0.6), 0.3, 0.2, 0.5, (0.55, 1.0)),
    Gesture("sway", (0.55, 0.45, 0.0, 0.0), 1.0, 0.35, 0.2, (0.25, 1.0), quick_sway=True),
    Gesture("slow sway", (0.45, 0.2, 0.0, 0.0), 1.1, 0.5, 0.1, (0.0, 0.65)),
    Gesture("swing", (0.6, 0.5, 0.2, 0.0), 0.45, 1.1, 0.3, (0.35, 1.0)),
    Gesture("bob", (0.5, 0.45, 0.4, 0.0), 0.4, 0.3, 1.3, (0.45, 1.0)),
    Gesture("listen", (0.4, 0.15, 0.0, 0.0), 0.4, 0.35, 0.1, (0.0, 0.4)),
)
#: A head that sings moves less on each beat and lets the phrase lead; one that listens to the band joins it.
BAND_GESTURES = ("nod", "back beat", "bob", "double-time nod")
SINGING_GESTURES = ("sway", "slow sway", "swing", "half-time nod")
FAVOUR = 1.8


@dataclass(frozen=True)
class Step:
    """A gesture from one bar's first beat to another's."""

    start_s: float
    end_s: float
    gesture: Gesture


def choreography(plan: SongPlan, has_offbeats: bool, generator: np.random.Generator) -> tuple[Step, ...]:
    """Gestures for a whole song, by the energy of its bars, by singing or playing, and by the kind of section."""
    bars_s = _bars(plan)
    steps: list[Step] = []
    character: dict[int, np.ndarray] = {}
    bar = 0
    while bar < len(bars_s) - 1:
        label, section_end_s = _section_at(plan, float(bars_s[bar]) + 0.05)
        favour = character.setdefault(label, np.where(generator.random(len(GESTURES)) < 0.4, CHARACTER, 1.0))
        length = int(generator.choice(BARS, p=BARS_CHANCE))
        last = min(bar + length, len(bars_s) - 1)
        # A section begins with something new.
        while last > bar + 1 and bars_s[last - 1] >= section_end_s - 0.05:
            last -= 1
        start_s, end_s = float(bars_s[bar]), float(bars_s[last])
        before = steps[-1].gesture.name if steps else ""
        chosen = _choose(plan, start_s, end_s, before, favour, has_offbeats, generator)
        scale = np.exp(SIZE_SPREAD * generator.standard_normal(4))
        steps.append(Step(start_s, end_s, _sized(chosen, scale)))
        bar = last
    return tuple(steps)


def _bars(plan: SongPlan) -> np.ndarray:
    """Beginnings of all bars in seconds, with the song's ends."""
    downbeats_s = plan.rhythm.beats_s[plan.rhythm.downbeat]
    inner = downbeats_s[(downbeats_s > 0.3) & (downbeats_s < plan.duration_s - 0.3)]
    return np.asarray([0.0, *inner.tolist(), plan.duration_s])


def _section_at(plan: SongPlan, time_s: float) -> tuple[int, float]:
    for section in plan.sections:
        if time_s < section.end_s:
            return section.label, section.end_s
    return plan.sections[-1].label, plan.duration_s


def _choose(
    plan: SongPlan,
    start_s: float,
    end_s: float,
    before: str,
    favour: np.ndarray,
    has_offbeats: bool,
    generator: np.random.Generator,
) -> Gesture:
    here = slice(int(start_s * FEATURE_RATE_HZ), max(int(start_s * FEATURE_RATE_HZ) + 1, int(end_s * FEATURE_RATE_HZ)))
    energy, sung = float(plan.energy[here].mean()), float(plan.sung[here].mean())
    chances = np.zeros(len(GESTURES))
    for index, gesture in enumerate(GESTURES):
        low, high = gesture.energy
        fits = low - ENERGY_SLACK <= energy <= high + ENERGY_SLACK
        possible = gesture.name != before and (has_offbeats or gesture.nod[3] == 0.0)
        possible = possible and (gesture.name != "back beat" or plan.rhythm.bar_beats == 4)
        joins = FAVOUR if gesture.name in (SINGING_GESTURES if sung > 0.5 else BAND_GESTURES) else 1.0
        chances[index] = favour[index] * joins * (fits and possible)
    return GESTURES[int(generator.choice(len(GESTURES), p=chances / chances.sum()))]


def _sized(gesture: Gesture, scale: np.ndarray) -> Gesture:
    first, middle, other, between = (size * float(scale[0]) for size in gesture.nod)
    return replace(
        gesture,
        nod=(first, middle, other, between),
        sway=gesture.sway * float(scale[1]),
        turn=gesture.turn * float(scale[2]),
        bob=gesture.bob * float(scale[3]),
    )
