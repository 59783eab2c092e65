"""Head and shoulders as they live: they drift and breathe, speak along, settle, nod, attend and think."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.contracts import FloatArray
from core.easing import Lag, least_jerk
from motion.live.slow_chance import SlowChance
from motion.live.state import DOINGS, Doing, Moment
from motion.live.stress import Stress
from motion.singing.performance.chance import stream
from motion.singing.performance.head import DRIFT_SIGMA_S, ROTATION_LIMIT_DEG, TRANSLATION_LIMIT

#: Spread of the poses that are taken, in degrees of yaw, pitch, roll, and how long each is kept in seconds, by `DOINGS`.
POSE_DEG = np.asarray([(2.4, 1.0, 1.2), (1.3, 0.6, 1.2), (1.4, 0.9, 1.0), (3.2, 1.3, 1.7)])
KEPT_S = ((2.4, 5.5), (2.6, 5.0), (2.2, 4.5), (1.5, 3.2))
POSE_REACH, POSE_LAG_S = 1.7, 0.5
#: Bearing of each of `DOINGS`: yaw, pitch, roll in degrees, yaw and roll to a side of chance; and nearer (-) or farther, in face
#: widths.
BEARING_DEG = np.asarray([(0.0, 0.0, 0.0), (0.6, 0.5, 1.5), (4.6, 2.6, -2.4), (0.0, 0.5, 0.0)])
NEARER = np.asarray([0.0, -0.026, 0.008, -0.008])
#: Spread of slow chance in degrees, and how much of it there is in each of `DOINGS`.
DRIFT_DEG, ALIVE = np.asarray([0.95, 0.5, 0.6]), np.asarray([1.0, 0.85, 0.75, 1.25])
#: The chin dips with a stressed word, by degrees from the weakest to the strongest; the head turns and tips a little with it.
DIP_DEG, DIP_TURN_DEG, DIP_FALL_S, DIP_RISE_S = (0.7, 2.2), (0.7, 0.5), (0.15, 0.22), (0.26, 0.42)
#: A piece of speech ends with the chin a little lower, for so long there and back.
SETTLE_DEG, SETTLE_FALL_S, SETTLE_RISE_S = (0.9, 1.7), 0.45, 0.95
#: A nod to somebody who pauses, and those that follow it at once.
NOD_DEG, NOD_FALL_S, NOD_RISE_S, NOD_AGAIN = (2.6, 4.2), 0.2, 0.3, 0.5
#: Seconds of a breath, how far the chest rises in face widths and the chin in degrees; while speaking less.
BREATH_S, BREATH_RISE, BREATH_DEG, SPEAKING_BREATH = (3.2, 4.8), 0.011, 0.3, 0.5
#: A new pose begins so long before a piece of speech is heard.
POSE_LEAD_S = 0.15


@dataclass(frozen=True)
class Stroke:
    """A movement there and back: it is farthest (yaw, pitch, roll in degrees) at `at_s`."""

    at_s: float
    fall_s: float
    rise_s: float
    size_deg: tuple[float, float, float]

    def at(self, now_s: float) -> float:
        """How much of it is made, 0 to 1."""
        since_s = now_s - self.at_s
        part = 1.0 + since_s / self.fall_s if since_s < 0.0 else 1.0 - since_s / self.rise_s
        return least_jerk(min(max(part, 0.0), 1.0))


class Head:
    """Where the head is, frame by frame. side: to which it turns and tips in thought, and tips with a feeling, 1 or -1."""

    def __init__(self, fps: float, seed: int) -> None:
        self._fps = fps
        self._chance = stream(seed, "live head")
        self._drift = SlowChance(stream(seed, "live head drift"), DRIFT_SIGMA_S, 3)
        self._body = SlowChance(stream(seed, "live body drift"), 1.6, 3)
        self._pose = Lag(POSE_LAG_S, np.zeros(3))
        self._target = np.zeros(3)
        self._next_pose_s = float(self._chance.uniform(0.8, 2.5))
        self.side = float(self._chance.choice([-1.0, 1.0]))
        self._strokes: list[Stroke] = []
        self._poses_s: list[float] = []
        self._breath, self._breath_s = float(self._chance.random()), float(self._chance.uniform(*BREATH_S))

    def begin(self, doing: Doing) -> None:
        """Something else is done from now on: to the other side, or to the same one."""
        if doing in ("listening", "thinking"):
            self.side = float(self._chance.choice([-1.0, 1.0]))

    def say(self, at_s: float, end_s: float, stresses: Sequence[Stress]) -> None:
        """A piece of speech is heard from `at_s` to `end_s`."""
        for stress in stresses:
            size = DIP_DEG[0] + (DIP_DEG[1] - DIP_DEG[0]) * stress.strength * float(self._chance.uniform(0.5, 1.0))
            yaw, roll = (float(spread * self._chance.standard_normal()) for spread in DIP_TURN_DEG)
            fall_s, rise_s = float(self._chance.uniform(*DIP_FALL_S)), float(self._chance.uniform(*DIP_RISE_S))
            self._strokes.append(Stroke(at_s + stress.at_s, fall_s, rise_s, (yaw, -size, roll)))
        settle = -float(self._chance.uniform(*SETTLE_DEG))
        self._strokes.append(Stroke(end_s + 0.1, SETTLE_FALL_S, SETTLE_RISE_S, (0.0, settle, 0.0)))
        self._poses_s.append(at_s - POSE_LEAD_S)

    def hush(self, now_s: float) -> None:
        """What was to be said is not."""
        self._strokes = [stroke for stroke in self._strokes if stroke.at_s - stroke.fall_s < now_s]
        self._strokes = [
            replace(stroke, size_deg=_scaled(stroke, now_s), at_s=now_s, rise_s=0.3) if stroke.at_s > now_s else stroke
            for stroke in self._strokes
        ]
        self._poses_s = []

    def nod(self, now_s: float, size: float) -> None:
        """Nod to the person, once or twice. size: 1 is a plain nod."""
        deg = size * float(self._chance.uniform(*NOD_DEG))
        at_s = now_s + NOD_FALL_S
        self._strokes.append(Stroke(at_s, NOD_FALL_S, NOD_RISE_S, (0.0, -deg, 0.0)))
        if self._chance.random() < NOD_AGAIN:
            self._strokes.append(Stroke(at_s + NOD_FALL_S + NOD_RISE_S, NOD_FALL_S, NOD_RISE_S, (0.0, -0.55 * deg, 0.0)))

    def at(self, moment: Moment) -> tuple[FloatArray, FloatArray]:
        """Rotation (3,) in degrees and translation (3,) in face widths."""
        self._change_pose(moment)
        alive = self._drift.at(moment.now_s) * DRIFT_DEG * float(moment.doing @ ALIVE)
        side = np.asarray([self.side, 1.0, self.side])
        bearing = (moment.doing @ BEARING_DEG) * side
        bearing += (0.0, moment.bias("pitch_deg", 0.0), moment.bias("roll_deg", 0.0) * self.side)
        pose = self._pose.step(self._target + bearing, self._fps)
        strokes = np.zeros(3)
        for stroke in self._strokes:
            strokes += stroke.at(moment.now_s) * np.asarray(stroke.size_deg)
        self._strokes = [stroke for stroke in self._strokes if stroke.at_s + stroke.rise_s > moment.now_s]
        breath = self._breathe() * (1.0 - (1.0 - SPEAKING_BREATH) * moment.of("speaking"))
        rotation = pose + alive + strokes
        rotation[1] += BREATH_DEG * breath
        rotation = np.asarray(ROTATION_LIMIT_DEG) * np.tanh(rotation / np.asarray(ROTATION_LIMIT_DEG))
        return rotation, self._translation(moment, rotation, strokes[1], breath)

    def _change_pose(self, moment: Moment) -> None:
        """Now and then, and with every piece of speech, another pose."""
        begins = bool(self._poses_s) and self._poses_s[0] <= moment.now_s
        self._poses_s = [time_s for time_s in self._poses_s if time_s > moment.now_s]
        if not begins and moment.now_s < self._next_pose_s:
            return
        doing = int(np.argmax(moment.doing))
        drawn = np.clip(self._chance.standard_normal(3), -POSE_REACH, POSE_REACH) * POSE_DEG[doing]
        drawn[2] -= 0.18 * drawn[0]  # a head that turns also tilts a little
        self._target = drawn
        self._next_pose_s = moment.now_s + float(self._chance.uniform(*KEPT_S[doing]))

    def _breathe(self) -> float:
        """How full the chest is, 0 to 1; no two breaths are of one length."""
        self._breath += 1.0 / (self._fps * self._breath_s)
        if self._breath >= 1.0:
            self._breath -= 1.0
            self._breath_s = float(self._chance.uniform(*BREATH_S))
        return 0.5 - 0.5 * float(np.cos(2.0 * np.pi * self._breath**0.85))

    def _translation(self, moment: Moment, rotation: FloatArray, nod_deg: float, breath: float) -> FloatArray:
        """The body goes along with the head: see `head.head_motion` of the singing performer."""
        slow = self._body.at(moment.now_s)
        side = 0.0016 * rotation[0] + 0.0030 * rotation[2] + 0.004 * slow[0]
        height = -BREATH_RISE * breath - 0.0022 * nod_deg + 0.002 * slow[1]
        depth = float(moment.doing @ NEARER) - moment.bias("lean", 0.0) + 0.0012 * nod_deg + 0.006 * slow[2]
        limit = np.asarray(TRANSLATION_LIMIT)
        return np.asarray(limit * np.tanh(np.asarray([side, height, depth]) / limit))


def _scaled(stroke: Stroke, now_s: float) -> tuple[float, float, float]:
    """As far as the stroke has come."""
    part = stroke.at(now_s)
    yaw, pitch, roll = stroke.size_deg
    return part * yaw, part * pitch, part * roll


assert len(BEARING_DEG) == len(DOINGS)
