"""What every part of the live performer knows of a moment: what the avatar does, what it feels, how loud it speaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.contracts import FloatArray
from core.easing import Lag
from motion.singing.performance.emotions import FELT_STYLES
from motion.singing.performance.emotions_faces import STYLES

#: What an avatar does, in the order of the columns of `Moment.doing`.
Doing = Literal["idle", "listening", "thinking", "speaking"]
DOINGS: tuple[Doing, ...] = ("idle", "listening", "thinking", "speaking")
#: It goes over from one to another, and from one feeling to another, about so long behind what it is told: nine tenths of a
#: change are made in as long again.
DOING_LAG_S, FEELING_LAG_S = 0.42, 0.2
#: The person's loudness and liveliness, as they are noticed, fade within so long where nothing more is told.
NOTICE_LAG_S, NOTICE_HOLDS_S = 0.25, 0.6


@dataclass(frozen=True)
class Moment:
    """One frame. now_s: its middle. doing: (4,) how much of each of `DOINGS` is in effect, of sum 1. weights: (5,) likewise of
    `FELT_STYLES`. strength: of the feeling. loudness: of its own voice. noticed: (2,) loudness and liveliness of the person.
    fps: frames a second.
    """

    now_s: float
    fps: float
    doing: FloatArray
    weights: FloatArray
    strength: float
    loudness: float
    noticed: FloatArray

    def of(self, doing: Doing) -> float:
        """How much the avatar does that."""
        return float(self.doing[DOINGS.index(doing)])

    def bias(self, name: str, usual: float) -> float:
        """What the feeling makes of one of the numbers of `emotions_faces.Style`."""
        table = _BIASES[name]
        return usual + min(1.0, self.strength) * float(self.weights @ (table - usual))


_BIASES = {
    name: np.asarray([getattr(STYLES[style], name) for style in FELT_STYLES])
    for name in ("pitch_deg", "roll_deg", "lean", "gaze_up_deg", "droop", "blink_rate", "blink_length", "away")
}


class Mood:
    """Eases what the avatar is told to do and to feel, and what it notices."""

    def __init__(self, fps: float) -> None:
        self._fps = fps
        self.doing: Doing = "idle"
        self._felt = np.eye(len(FELT_STYLES))[0]
        self._strength = 0.0
        self._noticed, self._noticed_s = np.zeros(2), -NOTICE_HOLDS_S
        self._doing = Lag(DOING_LAG_S, np.eye(len(DOINGS))[0])
        self._feeling = Lag(FEELING_LAG_S, np.append(self._felt, 0.0))
        self._attention = Lag(NOTICE_LAG_S, np.zeros(2))

    def feel(self, style: str, strength: float) -> None:
        """The feeling to go over to."""
        self._felt, self._strength = np.eye(len(FELT_STYLES))[FELT_STYLES.index(style)], strength

    def notice(self, loudness: float, lively: float, now_s: float) -> None:
        """What is noticed of the person."""
        self._noticed, self._noticed_s = np.asarray([loudness, lively]), now_s

    @property
    def heard(self) -> float:
        """Loudness of the person, as it was last noticed."""
        return float(self._noticed[0])

    def moment(self, now_s: float, loudness: float) -> Moment:
        """The next frame's."""
        if now_s - self._noticed_s > NOTICE_HOLDS_S:
            self._noticed = np.zeros(2)
        felt = self._feeling.step(np.append(self._felt, self._strength), self._fps)
        doing = self._doing.step(np.eye(len(DOINGS))[DOINGS.index(self.doing)], self._fps)
        weights = np.maximum(felt[:-1], 0.0)
        return Moment(
            now_s,
            self._fps,
            np.maximum(doing, 0.0),
            weights / weights.sum(),
            max(float(felt[-1]), 0.0),
            loudness,
            self._attention.step(self._noticed, self._fps),
        )
