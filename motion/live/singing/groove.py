"""The head on the beat of music that is still to come: nods that are lowest on it, and tilts to both sides that arrive on it."""

from __future__ import annotations

import numpy as np

from core.contracts import FloatArray
from core.easing import least_jerk
from motion.live.singing.beat_follower import BeatFollower, Comb
from motion.singing.performance.chance import stream
from motion.singing.performance.groove import (
    BOB,
    ENERGY_POWER,
    FULL_SIZE_PERIOD_S,
    LEFT_OUT,
    LONGEST_FALL_S,
    LONGEST_RISE_S,
    NOD_DEG,
    QUIET_GROOVE,
    REBOUND_HEIGHT,
    REBOUND_SHARE,
    SHORTEST_STROKE_S,
    SWAY_DEG,
    TURN_DEG,
    UNEVENNESS,
)

#: Joining in and letting go takes so long, and the energy of the moment follows the sound within so long.
JOIN_S, ENERGY_LAG_S = 1.6, 0.8
#: Every so many strokes the head turns to the other side.
STROKES_A_TURN = 4
#: A share of the nod's size, taken off where somebody sings: the voice leads.
SINGING_GROOVE = 0.85


class LiveGroove:
    """One head. Times never go back."""

    def __init__(self, fps: float, seed: int) -> None:
        self._fps, self._chance = fps, stream(seed, "live groove")
        self._joined = self._energy = 0.0
        self._strokes: list[tuple[float, float]] = [(-10.0, 0.0), (-9.0, 0.0)]  # when, and how large; the last is the next one
        self._side, self._turn, self._count = float(self._chance.choice([-1.0, 1.0])), 1.0, 0

    def at(self, now_s: float, follower: BeatFollower, loudness: float, sings: float) -> tuple[FloatArray, float]:
        """Rotation (3,) yaw, pitch, roll in degrees, and how far the head goes down, in face widths."""
        comb = follower.comb
        self._joined += ((comb is not None) - self._joined) / (JOIN_S * self._fps)
        self._energy += (loudness - self._energy) / (ENERGY_LAG_S * self._fps)
        if now_s >= self._strokes[-1][0]:
            self._strokes = [*self._strokes[-1:], self._next(now_s, comb)]
        elif comb is not None and self._strokes[-1][0] - now_s > LONGEST_FALL_S:
            self._strokes[-1] = (self._moved(now_s, comb), self._strokes[-1][1])
        (last_s, last), (next_s, next_) = self._strokes
        size = (QUIET_GROOVE + (1.0 - QUIET_GROOVE) * max(self._energy, 0.0) ** ENERGY_POWER) * self._joined
        size *= 1.0 - (1.0 - SINGING_GROOVE) * sings
        gap_s = max(next_s - last_s, 1e-3)
        nod = size * min(1.0, gap_s / FULL_SIZE_PERIOD_S) * _between(now_s, last_s, last, next_s, next_)
        way = _eased((now_s - last_s) / gap_s)
        tilt = self._side * (2.0 * way - 1.0)
        turn = self._turn * np.sin(0.5 * np.pi * (self._count % STROKES_A_TURN + way - 1.0) / STROKES_A_TURN * 2.0)
        rotation = np.asarray([0.6 * TURN_DEG * turn * size, NOD_DEG * nod, 0.75 * SWAY_DEG * tilt * size])
        return rotation, -BOB * nod

    def _next(self, now_s: float, comb: Comb | None) -> tuple[float, float]:
        """When the next stroke is, and how large."""
        self._side, self._count = -self._side, self._count + 1
        if self._count % STROKES_A_TURN == 0:
            self._turn = -self._turn
        if comb is None:
            return now_s + 1.0, 0.0
        coming = comb.strokes(now_s + 0.6 * SHORTEST_STROKE_S, now_s + 4.0, SHORTEST_STROKE_S)
        uneven = float(np.clip(1.0 + UNEVENNESS * self._chance.standard_normal(), 0.45, 1.6))
        left_out = self._chance.random() < LEFT_OUT and self._count % STROKES_A_TURN
        return float(coming[0]), 0.0 if left_out else uneven

    def _moved(self, now_s: float, comb: Comb) -> float:
        """The next stroke where the beat is now expected, which the head has not yet begun to fall to."""
        coming = comb.strokes(now_s + LONGEST_FALL_S, now_s + 4.0, SHORTEST_STROKE_S)
        nearest = coming[np.argmin(np.abs(coming - self._strokes[-1][0]))] if len(coming) else self._strokes[-1][0]
        return float(nearest)


def _between(now_s: float, last_s: float, last: float, next_s: float, next_: float) -> float:
    """Height between two strokes: -`last` at the one, up over rest, and down to -`next_` at the other."""
    gap_s = next_s - last_s
    up_s = min(REBOUND_SHARE * gap_s, LONGEST_RISE_S)
    top = REBOUND_HEIGHT * 0.5 * (last + next_)
    if now_s < last_s + up_s:
        return -last + (top + last) * _eased((now_s - last_s) / up_s)
    fall_s = min(gap_s - up_s, LONGEST_FALL_S)
    return top - (top + next_) * _eased((now_s - (next_s - fall_s)) / fall_s)


def _eased(part: float) -> float:
    """The way between two moments, 0 before the first and 1 after the second."""
    return least_jerk(min(max(part, 0.0), 1.0))
