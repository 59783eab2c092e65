"""Blinks and gaze, frame by frame; what is known of both stands in the singing performer's `eyes.py`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray
from core.easing import least_jerk
from motion.live.slow_chance import SlowChance
from motion.live.state import DOINGS, Moment
from motion.singing.performance.chance import stream
from motion.singing.performance.eyes import (
    BLINK_BOUNDS_S,
    BLINK_CUE_CHANCE,
    BLINK_MEDIAN_S,
    BLINK_SPREAD,
    DOUBLE_BLINK_CHANCE,
    FIXATION_MEDIAN_S,
    FIXATION_SPREAD,
    GAZE_LIMIT_DEG,
    LARGE_SHIFT_DEG,
    NEAR_DEG,
    REFLEX,
    blink_shape,
)

#: Chance of looking away from the camera in each of `DOINGS`, how far then (spread of yaw and pitch in degrees), and where to:
#: somebody who thinks looks aside and up, to the side to which the head turned.
AWAY = np.asarray([0.22, 0.05, 0.88, 0.10])
AWAY_DEG = np.asarray([(4.0, 2.0), (3.0, 1.5), (2.2, 1.6), (6.0, 2.6)])
THINKING_AT_DEG = (10.0, 7.0)
#: How much longer or shorter than usual the eyes rest, and how much oftener or seldomer they blink, in each of `DOINGS`.
REST, BLINKS = np.asarray([1.1, 1.3, 0.9, 1.0]), np.asarray([1.0, 0.8, 0.75, 1.1])
#: A turn of the eyes takes so long, and so much longer for every degree.
SACCADE_S, SACCADE_S_PER_DEG = 0.05, 0.003
#: After a change of what is done the eyes go there so soon, and lids may blink with it.
CHANGE_S = (0.05, 0.2)
#: A blink follows another only after so long; one that a cue invites begins so soon.
LEAST_REST_S, CUE_S = 0.9, (0.02, 0.2)
TREMOR_DEG, TREMOR_SIGMA_S = 0.08, 0.12


@dataclass(frozen=True)
class Blink:
    """One blink; `late_s`: of the left eye after the right one."""

    start_s: float
    close_s: float
    shut_s: float
    open_s: float
    depth: float
    late_s: float

    @property
    def end_s(self) -> float:
        """When both eyes are open again."""
        return self.start_s + max(self.late_s, 0.0) + self.close_s + self.shut_s + self.open_s

    def at(self, now_s: float) -> FloatArray:
        """(2,) how far the left and the right eye are shut."""
        since_s = now_s - self.start_s - np.asarray([self.late_s, 0.0])
        return np.asarray(self.depth * blink_shape(since_s, self.close_s, self.shut_s, self.open_s))


class Eyes:
    """Where the eyes look, and how far they are shut."""

    def __init__(self, fps: float, seed: int) -> None:
        self._fps = fps
        self._looks, self._blinks = stream(seed, "live gaze"), stream(seed, "live blinks")
        self._tremor = SlowChance(stream(seed, "live tremor"), TREMOR_SIGMA_S, 2)
        self._from, self._to, self._turned_s = np.zeros(2), np.zeros(2), -1.0
        self._next_look_s = float(self._looks.uniform(0.3, 1.2))
        self._blink: list[Blink] = []
        self._last_blink_s, self._next_blink_s = -LEAST_REST_S, float(self._blinks.uniform(0.4, 2.5))
        self._cues_s: list[float] = []
        self._side = 1.0

    def begin(self, now_s: float, side: float) -> None:
        """Something else is done from now on: the eyes go where that asks them to. side: to which they look aside, 1 or -1."""
        self._side = side
        self._next_look_s = min(self._next_look_s, now_s + float(self._looks.uniform(*CHANGE_S)))

    def cue(self, at_s: float) -> None:
        """A moment at which people blink: the end of a sentence."""
        self._cues_s.append(at_s)

    def hush(self, now_s: float) -> None:
        """What was to come does not."""
        self._cues_s = [time_s for time_s in self._cues_s if time_s <= now_s]

    def at(self, moment: Moment, rotation_deg: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Gaze (2,) in degrees to the picture's right and up, within the head; how far the eyes are shut (2,): left, right."""
        if moment.now_s >= self._next_look_s:
            self._look(moment)
        way = np.clip((moment.now_s - self._turned_s) / _saccade_s(self._from, self._to), 0.0, 1.0)
        fixated = self._from + (self._to - self._from) * least_jerk(float(way))
        gaze = fixated + TREMOR_DEG * self._tremor.at(moment.now_s) - REFLEX * rotation_deg[:2]
        gaze[1] += moment.bias("gaze_up_deg", 0.0)
        bound = np.asarray(GAZE_LIMIT_DEG)
        return np.asarray(bound * np.tanh(gaze / bound)), self._lids(moment)

    def _look(self, moment: Moment) -> None:
        """To another place."""
        doing = int(np.argmax(moment.doing))
        near = np.clip(self._looks.standard_normal(2), -2.0, 2.0) * np.asarray(NEAR_DEG)
        away = np.clip(self._looks.standard_normal(2), -1.6, 1.6) * AWAY_DEG[doing]
        if DOINGS[doing] == "thinking":
            away += np.asarray([self._side * THINKING_AT_DEG[0], THINKING_AT_DEG[1]])
        aside = self._looks.random() < AWAY[doing] * moment.bias("away", 1.0)
        self._from, self._to, self._turned_s = self._to, away if aside else near, moment.now_s
        rest_s = FIXATION_MEDIAN_S * np.exp(FIXATION_SPREAD * self._looks.standard_normal()) * REST[doing]
        self._next_look_s = moment.now_s + float(np.clip(rest_s, 0.4, 4.5))
        if np.linalg.norm(self._to - self._from) > LARGE_SHIFT_DEG:
            self.cue(moment.now_s)

    def _lids(self, moment: Moment) -> FloatArray:
        now_s = moment.now_s
        due = [time_s for time_s in self._cues_s if time_s <= now_s]
        self._cues_s = [time_s for time_s in self._cues_s if time_s > now_s]
        if due and self._blinks.random() < BLINK_CUE_CHANCE and now_s - self._last_blink_s > LEAST_REST_S:
            self._next_blink_s = min(self._next_blink_s, now_s + float(self._blinks.uniform(*CUE_S)))
        if now_s >= self._next_blink_s:
            self._begin_blink(moment)
        shut = np.zeros(2)
        for blink in self._blink:
            shut = np.maximum(shut, blink.at(now_s))
        self._blink = [blink for blink in self._blink if blink.end_s > now_s]
        droop = moment.bias("droop", 0.0)
        return np.asarray(droop + (1.0 - droop) * shut)

    def _begin_blink(self, moment: Moment) -> None:
        start_s, length = self._next_blink_s, moment.bias("blink_length", 1.0)
        close_s, shut_s, open_s = (length * self._blinks.uniform((0.06, 0.025, 0.11), (0.085, 0.05, 0.155))).tolist()
        depth, late_s = float(self._blinks.uniform(0.94, 1.0)), float(self._blinks.normal(0.0, 0.004))
        self._blink.append(Blink(start_s, close_s, shut_s, open_s, depth, late_s))
        if self._blinks.random() < DOUBLE_BLINK_CHANCE:
            self._blink.append(Blink(start_s + 0.34, close_s, shut_s, open_s, depth, late_s))
        self._last_blink_s = start_s
        rest_s = float(np.clip(BLINK_MEDIAN_S * np.exp(BLINK_SPREAD * self._blinks.standard_normal()), *BLINK_BOUNDS_S))
        often = moment.bias("blink_rate", 1.0) * float(moment.doing @ BLINKS)
        self._next_blink_s = start_s + rest_s / often


def _saccade_s(start: FloatArray, end: FloatArray) -> float:
    return SACCADE_S + SACCADE_S_PER_DEG * float(np.linalg.norm(end - start))
