"""The mouth of somebody who sings into a microphone: blocks of sound in, shapes of the mouth out, a fifth of a second late.

The live lips network says what the lips do; what singing adds is put on as in `singing/performance/sung_lips.py`, by what is
known so soon: loud vowels open further, faded ones less, and where nobody sings the mouth is shut. Who sings is told by the
voice detector, and, since a note held for seconds is no speech to it, by a clear tone that goes on as loud as the voice was.
"""

from __future__ import annotations

import numpy as np
from scipy import fft

from core.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES
from core.contracts import FloatArray
from motion.singing.analysis.framing import ANALYSIS_RATE_HZ, FEATURE_RATE_HZ, HOP_SAMPLES
from motion.singing.analysis.smoothing import ramp
from motion.singing.lips.lip_curves import CURVE_NAMES, LIP_RATE_HZ
from motion.singing.lips.streaming import LOOK_AHEAD_S, LiveLips
from motion.singing.performance.articulation_parts import Articulation
from motion.singing.performance.emotions_performance import roundness
from motion.singing.performance.mouth_shapes import mouth_shapes
from motion.singing.performance.sung_lips import (
    FADED_LOUDNESS,
    FADED_SHARE,
    GAIN_LOUDNESS,
    OPEN_VOWEL_MM,
    OPENING_MM,
    SUNG_GAIN,
    SUNG_POWER,
    VOWEL_LOUDNESS,
    VOWEL_OPENING,
    closing_of,
    spread_of,
)
from motion.singing.settings import SingingSettings
from neural.voice_detector import FRAME_S, VoiceDetector

#: What of the past is remembered, and the rows of one frame that are averaged.
MEMORY_S = 3.0
#: The voice's level is that of its loud places: how quickly it is followed up, how slowly it is forgotten, and the lowest that
#: counts as a voice, in dB re full scale.
RISE_SHARE, FORGET_DB_PER_S, LEAST_LEVEL_DB = 0.12, 1.2, -52.0
#: Loudness is 1 at that level and 0 so many dB below.
LOUDNESS_DB = 26.0
#: Somebody sings from the first to the second probability on, so long before and after what the detector says.
VOICE, BEFORE_S, AFTER_S = (0.4, 0.75), 0.10, 0.08
#: A clear tone: likeness to itself a period later, in the voice's range; it goes on so long, so far below the voice's level.
TONE, LOWEST_HZ, HIGHEST_HZ = 0.72, 75.0, 1000.0
HELD_S, HELD_DB = 6.0, 12.0
WINDOW_SAMPLES = 1024
#: The phrase's loudness follows the syllables' within so long, and the gate opens and shuts within so long.
PHRASE_LAG_S, GATE_LAG_S = 0.35, 0.035


class SungMouth:
    """One voice."""

    def __init__(self, fps: float, seed: int) -> None:
        """Raises MissingError where the trained lips or the voice detector can't be had."""
        self._fps, self._settings = fps, SingingSettings(seed=seed)
        self._lips, self._detector = LiveLips(), VoiceDetector()
        self._curves, self._curves_begun = np.zeros((0, len(CURVE_NAMES)), np.float32), 0
        self._voice, self._voice_begun = np.zeros(0, np.float32), 0
        self._levels, self._levels_begun = np.zeros((0, 2), np.float32), 0  # loudness, whether a tone is heard
        self._held = np.zeros(WINDOW_SAMPLES // 2, np.float32)
        self._level_db, self._sung_until_s = LEAST_LEVEL_DB + LOUDNESS_DB, -HELD_S
        self._phrase = self._gate = 0.0

    @property
    def known_s(self) -> float:
        """Up to when the mouth is known."""
        return (self._curves_begun + len(self._curves)) / LIP_RATE_HZ

    def hear(self, block: FloatArray) -> None:
        """(n,) float32 in [-1, 1] at 16 kHz, mono, in order."""
        self._curves = np.concatenate([self._curves, self._lips.feed(block)])
        self._voice = np.concatenate([self._voice, self._detector.push(block)])
        self._levels = np.concatenate([self._levels, self._heard_levels(block)])
        self._forget()

    def at(self, time_s: float) -> tuple[FloatArray, float, float]:
        """Shapes (52,) of the mouth, how round it is and how loud the voice, around a time; times rise by a frame each."""
        row = np.clip(time_s * LIP_RATE_HZ - self._curves_begun, 0, max(len(self._curves) - 1, 0))
        if not len(self._curves):
            return np.zeros(len(BLENDSHAPE_NAMES), np.float32), 0.0, 0.0
        low, part = int(row), float(row - int(row))
        curves = (1.0 - part) * self._curves[low] + part * self._curves[min(low + 1, len(self._curves) - 1)]
        loudness, gate = self._loudness(time_s), self._gated(time_s)
        self._phrase += (loudness - self._phrase) / (PHRASE_LAG_S * self._fps) * min(1.0, 4.0 * gate)
        return self._shapes(dict(zip(CURVE_NAMES, curves.tolist(), strict=True)), loudness, gate)

    def _shapes(self, curves: dict[str, float], loudness: float, gate: float) -> tuple[FloatArray, float, float]:
        def one(value: float) -> FloatArray:
            return np.full(1, value, np.float32)

        aperture_mm = one(max(curves["aperture_mm"], 0.0))
        closure = closing_of(one(curves["closure"]), aperture_mm) * gate
        gain = SUNG_GAIN[0] + (SUNG_GAIN[1] - SUNG_GAIN[0]) * ramp(one(self._phrase), *GAIN_LOUDNESS)
        gain *= FADED_SHARE + (1.0 - FADED_SHARE) * ramp(one(loudness), *FADED_LOUDNESS)
        vowel = ramp(one(loudness), *VOWEL_LOUDNESS) * gate * (1.0 - closure)
        sung_mm = OPEN_VOWEL_MM * np.power(aperture_mm / OPEN_VOWEL_MM, 1.0 - (1.0 - SUNG_POWER) * vowel)
        opening = np.maximum(sung_mm * gain / OPENING_MM, VOWEL_OPENING * vowel)
        nothing = np.zeros(1, np.float32)
        mouth = Articulation(
            opening=(np.clip(opening, 0.0, 1.2) * gate).astype(np.float32),
            spread=spread_of(aperture_mm, one(curves["width_mm"]), one(curves["mouthPucker"])) * gate,
            closure=closure,
            hiss=nothing,
            held=nothing,
            high=nothing,
            effort=one(self._phrase),
            breath=nothing,
            semitones=nothing,
            gate=one(gate),
            jaw=(np.clip(max(curves["jaw_mm"], 0.0) * gain / OPENING_MM, 0.0, 1.0) * gate).astype(np.float32),
            teeth=nothing,
        )
        found = mouth_shapes(mouth, self._settings)
        shapes = np.zeros(len(BLENDSHAPE_NAMES), np.float32)
        for name, curve in found.items():
            shapes[BLENDSHAPE_INDEX[name]] = curve[0]
        return shapes, float(roundness(found)[0]), loudness

    def _loudness(self, time_s: float) -> float:
        place = round(time_s * FEATURE_RATE_HZ) - self._levels_begun
        near = self._levels[max(place - 1, 0) : place + 3, 0]
        return float(near.mean()) if len(near) else 0.0

    def _gated(self, time_s: float) -> float:
        """How far the mouth may be open, 0 to 1."""
        first, last = (round((time_s + away_s) / FRAME_S) - self._voice_begun for away_s in (-AFTER_S, BEFORE_S))
        near = self._voice[max(first, 0) : max(last, 0) + 1]
        sings = float(ramp(near.max(initial=0.0)[None], *VOICE)[0])
        place = round(time_s * FEATURE_RATE_HZ) - self._levels_begun
        if sings > 0.5:
            self._sung_until_s = time_s
        elif 0 <= place < len(self._levels) and time_s - self._sung_until_s < HELD_S:
            loud, toned = self._levels[place]
            goes_on = toned > 0.5 and loud > 1.0 - HELD_DB / LOUDNESS_DB
            sings = max(sings, 1.0) if goes_on else sings
            self._sung_until_s = self._sung_until_s if goes_on or time_s - self._sung_until_s < 0.2 else -HELD_S
        self._gate += (sings - self._gate) * min(1.0, 1.0 / (GATE_LAG_S * self._fps))
        return self._gate

    def _heard_levels(self, block: FloatArray) -> FloatArray:
        """(k, 2) of every hundredth of a second that is whole: the loudness, and 1 where a clear tone is heard."""
        self._held = np.concatenate([self._held, block.astype(np.float32, copy=False)])
        count = max(0, (len(self._held) - WINDOW_SAMPLES) // HOP_SAMPLES + 1)
        if not count:
            return np.zeros((0, 2), np.float32)
        frames = np.lib.stride_tricks.sliding_window_view(self._held, WINDOW_SAMPLES)[: count * HOP_SAMPLES : HOP_SAMPLES]
        middle = frames[:, WINDOW_SAMPLES // 2 - 2 * HOP_SAMPLES : WINDOW_SAMPLES // 2 + 2 * HOP_SAMPLES]
        levels_db = 10.0 * np.log10(np.square(middle).mean(axis=1) + 1e-9)
        told = np.stack([levels_db, _toned(frames)], axis=1).astype(np.float32)
        for row in told:
            rise = float(row[0]) - self._level_db
            fallen_db = max(self._level_db - FORGET_DB_PER_S / FEATURE_RATE_HZ, LEAST_LEVEL_DB + LOUDNESS_DB)
            self._level_db = self._level_db + RISE_SHARE * rise if rise > 0.0 else fallen_db
            row[0] = np.clip(1.0 + (float(row[0]) - self._level_db) / LOUDNESS_DB, 0.0, 1.2)
        self._held = self._held[count * HOP_SAMPLES :]
        return told

    def _forget(self) -> None:
        """What nobody asks for any more."""
        for name, rate_hz in (("curves", LIP_RATE_HZ), ("voice", 1.0 / FRAME_S), ("levels", FEATURE_RATE_HZ)):
            values = getattr(self, f"_{name}")
            old = max(0, len(values) - round(MEMORY_S * rate_hz))
            setattr(self, f"_{name}", values[old:])
            setattr(self, f"_{name}_begun", getattr(self, f"_{name}_begun") + old)


def _toned(frames: FloatArray) -> FloatArray:
    """(k,) 1 where a frame (k, WINDOW_SAMPLES) is like itself a period of the voice later."""
    spectrum = fft.rfft(frames - frames.mean(axis=1, keepdims=True), 2 * WINDOW_SAMPLES, axis=1)
    likeness = fft.irfft(np.square(np.abs(spectrum)), axis=1)[:, :WINDOW_SAMPLES]
    fall = 1.0 - np.arange(WINDOW_SAMPLES) / WINDOW_SAMPLES
    lags = slice(int(ANALYSIS_RATE_HZ / HIGHEST_HZ), int(ANALYSIS_RATE_HZ / LOWEST_HZ))
    highest = (likeness[:, lags] / fall[lags]).max(axis=1)
    return np.asarray(highest > TONE * np.maximum(likeness[:, 0], 1e-6), dtype=np.float32)


#: How much later than the sound the mouth is known.
LATE_S = LOOK_AHEAD_S + 1.0 / LIP_RATE_HZ
