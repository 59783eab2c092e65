"""What the beat does to the head: nods that are lowest on the beat, tilts and turns that arrive on it.

Every stroke is a movement of its own, of its own size and a little off the beat as people are, so that no two bars are the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray
from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.plan import SongPlan
from motion.singing.analysis.smoothing import smooth
from motion.singing.performance.gestures import Step, choreography
from motion.singing.performance.keyframes import in_order, through

#: Size of each movement at full energy: degrees, and face widths for the bounce.
NOD_DEG, SWAY_DEG, TURN_DEG, BOB = 4.8, 3.2, 3.2, 0.012
#: What is left of them in the faintest music, and how the size grows with the energy between.
QUIET_GROOVE, ENERGY_POWER = 0.22, 1.3
#: Two strokes are never nearer than this; of two that would be, the metrically stronger is made.
SHORTEST_STROKE_S = 0.40
#: The way down takes at most so long, and ends on the beat; the way up ends after this share of the time to the next stroke.
LONGEST_FALL_S = 0.36
REBOUND_SHARE, REBOUND_SPREAD, LONGEST_RISE_S = 0.5, 0.05, 0.5
#: Height of the head between two strokes, as a share of the stroke.
REBOUND_HEIGHT = 0.38
#: Strokes faster than this period are smaller in proportion, for a neck has its speed.
FULL_SIZE_PERIOD_S = 0.5
#: How exactly the beat is met, how unevenly it is struck, and how often a stroke is left out (never on the first beat).
JITTER_S, UNEVENNESS, LEFT_OUT = 0.014, 0.30, 0.11
#: How often a sway stays where it is instead of going over.
STAYS = 0.12
#: Beats farther apart than this are divided.
DIVIDED_BEAT_S = 0.80
#: While a note is held the groove shrinks to this: the note leads.
HELD_GROOVE = 0.6
#: Who does not sing joins the band more.
BAND_GROOVE = 1.2
#: Joining in at the song's start and letting go at its end takes so long.
JOIN_S, LEAVE_S = 2.2, 1.4


@dataclass(frozen=True)
class Groove:
    """rotation_deg (N, 3) yaw, pitch, roll; bounce (N,) in face widths, down is positive. Zero where there is no beat."""

    rotation_deg: FloatArray
    bounce: FloatArray


@dataclass(frozen=True)
class Pulses:
    """Moments that may be struck: times_s (P,), and level (P,): 0 first beat of the bar, 1 its middle, 2 other, 3 between."""

    times_s: np.ndarray
    level: np.ndarray


def groove(plan: SongPlan, intensity: FloatArray, generator: np.random.Generator) -> Groove:
    """The groove of a whole song. intensity (N,) in [0, 1]: how strongly the moment is felt."""
    count = plan.count
    if len(plan.rhythm.beats_s) < 4:
        return Groove(np.zeros((count, 3), dtype=np.float32), np.zeros(count, dtype=np.float32))
    pulses = find_pulses(plan)
    steps = choreography(plan, bool((pulses.level == 3).any()), generator)
    index = np.clip(np.searchsorted([step.start_s for step in steps], pulses.times_s + 0.02) - 1, 0, len(steps) - 1)
    size = stroke_size(plan, intensity)
    at = np.clip(np.round(pulses.times_s * FEATURE_RATE_HZ).astype(int), 0, count - 1)
    met_s = pulses.times_s + np.clip(generator.normal(0.0, JITTER_S, len(at)), -0.025, 0.025)
    local = size[at] * np.clip(1.0 + UNEVENNESS * generator.standard_normal(len(at)), 0.45, 1.6)
    nod = _nods(pulses, met_s, local, [steps[i] for i in index], generator)
    bob = np.asarray([steps[i].gesture.bob for i in index]) * local * (pulses.level < 3)
    pitch = _strokes(met_s, nod, count, generator)
    bounce = _strokes(met_s, bob, count, generator)
    roll = _sides(pulses, met_s, local, [steps[i] for i in index], count, generator, turning=False)
    yaw = _sides(pulses, met_s, local, [steps[i] for i in index], count, generator, turning=True)
    rotation = np.stack([TURN_DEG * yaw, NOD_DEG * pitch, SWAY_DEG * roll], axis=1)
    # Strokes are sized where they are struck; this is for what lies between them when the music stops or the note holds.
    still = smooth(plan.sounding, 0.06)
    return Groove((rotation * still[:, None]).astype(np.float32), (-BOB * bounce * still).astype(np.float32))


def find_pulses(plan: SongPlan) -> Pulses:
    """Beats, the half-beats of slow music, and how they weigh in the bar; going on at the same pace to the song's ends."""
    beats_s, downbeat = plan.rhythm.beats_s, plan.rhythm.downbeat
    period_s = float(np.median(np.diff(beats_s)))
    before = np.arange(int(beats_s[0] / period_s), 0, -1)
    after = np.arange(1, int((plan.duration_s - beats_s[-1]) / period_s) + 1)
    times_s = np.concatenate([beats_s[0] - period_s * before, beats_s, beats_s[-1] + period_s * after])
    number = np.arange(len(times_s)) - len(before)
    down = np.flatnonzero(downbeat)
    if len(down) == 0:
        down = np.zeros(1, dtype=int)
    # The place in the bar counts from the last down-beat, and before the first one backwards from it.
    latest = down[np.clip(np.searchsorted(down, number, side="right") - 1, 0, len(down) - 1)]
    place = (number - latest) % plan.rhythm.bar_beats
    level = np.where(place == 0, 0, np.where((plan.rhythm.bar_beats == 4) & (place == 2), 1, 2))
    if period_s > DIVIDED_BEAT_S:
        halves = 0.5 * (times_s[1:] + times_s[:-1])
        times_s, level = np.concatenate([times_s, halves]), np.concatenate([level, np.full(len(halves), 3)])
        order = np.argsort(times_s)
        times_s, level = times_s[order], level[order]
    return Pulses(times_s, level)


def stroke_size(plan: SongPlan, intensity: FloatArray) -> FloatArray:
    """(N,) about 0 to 1.4: how large a stroke is there, by energy and feeling; 0 in rests, smaller under held notes."""
    size = QUIET_GROOVE + (1.0 - QUIET_GROOVE) * np.power(plan.energy, ENERGY_POWER)
    size = size * (0.78 + 0.4 * intensity)
    held = np.zeros(plan.count, dtype=np.float32)
    for note in plan.held_notes:
        if note.end_s - note.start_s > 0.8:
            held[round((note.start_s + 0.2) * FEATURE_RATE_HZ) : round(note.end_s * FEATURE_RATE_HZ)] = 1.0
    size = size * (1.0 - (1.0 - HELD_GROOVE) * smooth(held, 0.15))
    band = np.zeros(plan.count, dtype=np.float32)
    for start_s, end_s in plan.instrumentals:
        band[round(start_s * FEATURE_RATE_HZ) : round(end_s * FEATURE_RATE_HZ)] = 1.0
    size = size * (1.0 + (BAND_GROOVE - 1.0) * smooth(band, 0.6))
    now_s = np.arange(plan.count) / FEATURE_RATE_HZ
    heard_s = now_s[int(np.argmax(plan.sounding > 0.5))]
    join = np.clip(0.3 + (now_s - heard_s) / JOIN_S, 0.0, 1.0)
    leave = np.clip((plan.duration_s - now_s) / LEAVE_S, 0.0, 1.0)
    return (size * join * leave * plan.sounding).astype(np.float32)


def _nods(pulses: Pulses, met_s: np.ndarray, local: np.ndarray, steps: list[Step], generator: np.random.Generator) -> np.ndarray:
    """(P,) size of the nod on each pulse, 0 where none is made."""
    nod = np.asarray([step.gesture.nod[level] for step, level in zip(steps, pulses.level, strict=True)]) * local
    left_out = (generator.random(len(nod)) < LEFT_OUT) & (pulses.level > 0)
    nod[left_out] = 0.0
    # Of two strokes too near to each other the one on the weaker place goes.
    for weakest in (3, 2, 1):
        struck = np.flatnonzero(nod > 0.05)
        gaps_s = np.diff(met_s[struck])
        for position in np.flatnonzero(gaps_s < SHORTEST_STROKE_S):
            pair = struck[position], struck[position + 1]
            for pulse in pair:
                if pulses.level[pulse] == weakest:
                    nod[pulse] = 0.0
    return np.where(nod > 0.05, nod, 0.0)


def _strokes(met_s: np.ndarray, sizes: np.ndarray, count: int, generator: np.random.Generator) -> FloatArray:
    """(count,) curve that falls to -size on each struck moment and stands a little above 0 before and after."""
    struck = np.flatnonzero(sizes > 0.0)
    times, values = [np.zeros(1)], [np.zeros(1)]
    for order, pulse in enumerate(struck):
        here_s, size = float(met_s[pulse]), float(sizes[pulse])
        gap_s = float(met_s[struck[order + 1]] - here_s) if order + 1 < len(struck) else 2.0
        following = float(sizes[struck[order + 1]]) if order + 1 < len(struck) else 0.0
        size *= min(1.0, gap_s / FULL_SIZE_PERIOD_S)
        share = float(np.clip(generator.normal(REBOUND_SHARE, REBOUND_SPREAD), 0.38, 0.62))
        up_s = min(share * gap_s, LONGEST_RISE_S)
        times.append(np.asarray([here_s, here_s + up_s]))
        values.append(np.asarray([-size, REBOUND_HEIGHT * 0.5 * (size + following)]))
        fall_s = gap_s - LONGEST_FALL_S
        if fall_s > up_s + 0.15:
            # A long wait: come back to rest, then lift before the next stroke.
            times.append(np.asarray([here_s + fall_s]))
            values.append(np.asarray([REBOUND_HEIGHT * following]))
    times_s, keys = in_order(np.concatenate(times), np.concatenate(values)[:, None], 0.05)
    return through(times_s, keys, count)[:, 0]


def _sides(
    pulses: Pulses,
    met_s: np.ndarray,
    local: np.ndarray,
    steps: list[Step],
    count: int,
    generator: np.random.Generator,
    turning: bool,
) -> FloatArray:
    """(count,) curve from side to side that arrives on the beat; tilts of half bars or bars, or turns of bars."""
    side = float(generator.choice([-1.0, 1.0]))
    times, values = [0.0], [0.0]
    for pulse, step in enumerate(steps):
        quick = step.gesture.quick_sway and not turning
        if pulses.level[pulse] > (1 if quick else 0):
            continue
        if generator.random() > STAYS:
            side = -side
        size = step.gesture.turn if turning else step.gesture.sway
        uneven = float(np.exp(0.25 * generator.standard_normal()))
        times.append(float(met_s[pulse]))
        values.append(side * size * uneven * float(local[pulse]))
    times_s, keys = in_order(np.asarray(times), np.asarray(values)[:, None], 0.3)
    return through(times_s, keys, count)[:, 0]
