"""The acting face, frame by frame: what is felt, stressed words, short expressions, attention and thought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray
from core.easing import Lag
from motion.live.slow_chance import SlowChance
from motion.live.state import Doing, Moment
from motion.live.stress import Stress
from motion.singing.performance.chance import stream
from motion.singing.performance.emotions import FELT_STYLES
from motion.singing.performance.emotions_faces import FLASHES, STYLES, UNSIDED, Face, shape_names, stems
from motion.singing.performance.emotions_performance import (
    FLASH_BOUNDS_S,
    FLASH_LENGTH_S,
    FLASH_REST_S,
    FLASH_SPREAD,
    PHRASE_SPREAD,
    SIDE_PASSING,
    SIDE_SPREAD,
    SLOW_SPREAD,
    SPREAD_BOUND,
    WANDER_S,
    eased_shapes,
    flash_shape,
    table_of,
)

#: What attention, thought and a lively person do to the face.
DOING_FACES: dict[Doing, Face] = {
    "listening": {"browInnerUp": 0.15, "browOuterUp": 0.13, "eyeWide": 0.06, "mouthSmile": 0.04},
    "thinking": {"browDown": 0.16, "browInnerUp": 0.10, "eyeSquint": 0.16, "mouthPress": 0.14, "mouthDimple": 0.10},
}
MIRRORED: Face = {"mouthSmile": 0.16, "cheekSquint": 0.10, "browInnerUp": 0.08, "browOuterUp": 0.10}
#: A feeling shows by this power of its strength; a face that feels nothing in particular lives by so much.
SHOWN_POWER, PLAIN_STRENGTH = 0.8, 0.5
#: Brows rise to a stressed word and sink after it within so long; not to every one.
STRESS_RISE_S, STRESS_FALL_S, STRESS_CHANCE = 0.14, 0.34, 0.6
#: Short expressions are the rarer the less happens: how often in each of `DOINGS` one that is due is made.
FLASH_CHANCE = np.asarray([0.35, 0.5, 0.35, 0.8])
#: A sentence's end draws one.
FLASH_CUE_CHANCE = 0.35
CHANGE_LAG_S = 0.7


@dataclass(frozen=True)
class Flash:
    """A short expression: rows (2, stems) of the left and the right half."""

    start_s: float
    length_s: float
    rows: FloatArray


class ActingFace:
    """What the face does besides speaking and blinking."""

    def __init__(self, fps: float, seed: int) -> None:
        self.stems = stems()
        self._fps, count = fps, len(self.stems)
        self._chance = stream(seed, "live face")
        styles = [STYLES[style] for style in FELT_STYLES]
        self._held, self._accent = (
            table_of([getattr(style, part) for style in styles], self.stems) for part in ("face", "accent")
        )
        self._listening, self._thinking = table_of([DOING_FACES["listening"], DOING_FACES["thinking"]], self.stems)
        self._mirrored = table_of([MIRRORED], self.stems)[0]
        self._slow = SlowChance(stream(seed, "live face drift"), 1.5, count)
        self._passing = SlowChance(stream(seed, "live face sides"), 1.2, count)
        sided = np.asarray([name not in UNSIDED for name in self.stems], dtype=np.float64)
        lasting = np.clip(self._chance.normal(0.0, SIDE_SPREAD, count), -2.0 * SIDE_SPREAD, 2.0 * SIDE_SPREAD)
        self._sided, self._lasting = sided, sided * lasting
        self._changed, self._change = Lag(CHANGE_LAG_S, np.zeros(count)), np.zeros(count)
        self._next_change_s = 0.0
        self._stresses: list[Stress] = []
        self._flashes: list[Flash] = []
        self._next_flash_s = float(self._chance.uniform(1.0, 4.0))

    def say(self, at_s: float, end_s: float, stresses: Sequence[Stress]) -> None:
        """A piece of speech is heard from `at_s` to `end_s`."""
        self._stresses += [Stress(at_s + each.at_s, each.strength) for each in stresses if self._chance.random() < STRESS_CHANCE]
        if self._chance.random() < FLASH_CUE_CHANCE:
            self._next_flash_s = max(self._next_flash_s, end_s)

    def hush(self, now_s: float) -> None:
        """What was to be said is not."""
        self._stresses = [each for each in self._stresses if each.at_s - STRESS_RISE_S < now_s]

    def at(self, moment: Moment) -> FloatArray:
        """(2, stems) shapes of any size of the left and the right half."""
        plain = float(moment.weights[0])
        strength = PLAIN_STRENGTH * plain + (1.0 - plain) * moment.strength**SHOWN_POWER
        face = (moment.weights @ self._held) * (1.0 + self._variation(moment)) * strength
        face = face + (moment.weights @ self._accent) * self._stressed(moment.now_s) * (0.4 + 0.6 * strength)
        attentive, thoughtful = moment.of("listening"), moment.of("thinking")
        face = face + attentive * (self._listening + float(moment.noticed[1]) * self._mirrored) + thoughtful * self._thinking
        difference = self._lasting + SIDE_PASSING * self._sided * self._passing.at(moment.now_s)
        both = np.stack([face * (1.0 + difference), face * (1.0 - difference)])
        self._begin_flash(moment)
        for flash in self._flashes:
            place = np.asarray([(moment.now_s - flash.start_s) / flash.length_s])
            both += max(strength, 0.4) * flash_shape(place)[0] * flash.rows
        self._flashes = [each for each in self._flashes if each.start_s + each.length_s > moment.now_s]
        return both

    def shapes(self, both: FloatArray) -> dict[str, FloatArray]:
        """Curves (T,) in [0, 1] by ARKit name of (T, 2, stems) that `at` gave."""
        eased = eased_shapes(both)
        found: dict[str, FloatArray] = {}
        for column, stem in enumerate(self.stems):
            for side, name in enumerate(shape_names(stem)):
                found[name] = eased[:, side, column]
        return found

    def _variation(self, moment: Moment) -> FloatArray:
        """(stems,) by how much every shape is stronger or weaker now."""
        if moment.now_s >= self._next_change_s:
            self._change = self._chance.normal(0.0, PHRASE_SPREAD, len(self.stems))
            self._next_change_s = moment.now_s + float(self._chance.uniform(*WANDER_S))
        now = self._changed.step(self._change, self._fps) + SLOW_SPREAD * self._slow.at(moment.now_s)
        return np.clip(now, -SPREAD_BOUND, SPREAD_BOUND)

    def _stressed(self, now_s: float) -> float:
        """How far the brows speak along, 0 to 1."""
        most = 0.0
        for each in self._stresses:
            since_s = now_s - each.at_s
            part = 1.0 + since_s / STRESS_RISE_S if since_s < 0.0 else 1.0 - since_s / STRESS_FALL_S
            part = min(max(part, 0.0), 1.0)
            most = max(most, each.strength * part * part * (3.0 - 2.0 * part))
        self._stresses = [each for each in self._stresses if each.at_s + STRESS_FALL_S > now_s]
        return most

    def _begin_flash(self, moment: Moment) -> None:
        if moment.now_s < self._next_flash_s:
            return
        made, kind_draw, side_draw, size, length = self._chance.random(5)
        rest_s = np.clip(FLASH_REST_S * np.exp(FLASH_SPREAD * self._chance.standard_normal()), *FLASH_BOUNDS_S)
        start_s, self._next_flash_s = self._next_flash_s, moment.now_s + float(rest_s)
        if made > float(moment.doing @ FLASH_CHANCE):
            return
        kinds = STYLES[FELT_STYLES[int(np.argmax(moment.weights))]].flashes
        kind = kinds[int(kind_draw * len(kinds))]
        row = (0.5 + 0.5 * size) * table_of([FLASHES[kind]], self.stems)[0]
        weaker = 0.3 if kind in ("half smile", "nose") else 0.85
        shares = (1.0, weaker) if side_draw < 0.5 else (weaker, 1.0)
        length_s = FLASH_LENGTH_S[0] + (FLASH_LENGTH_S[1] - FLASH_LENGTH_S[0]) * float(length)
        self._flashes.append(Flash(start_s, length_s, np.stack([share * row for share in shares])))
