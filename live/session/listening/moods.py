"""What is seen of the person's mood in the face that listens: the words' feeling, and how loud and lively the voice is."""

from __future__ import annotations

from collections import deque

import numpy as np

from core.contracts import FloatArray
from live.avatar import MICROPHONE_HZ
from speech.emotion.classifier import feeling_of
from speech.emotion.feeling import NEUTRAL, Feeling, feeling

#: How much of a feeling is mirrored, and how clear it must be.
MIRRORED, LEAST_STRENGTH = 0.35, 0.3
#: Levels that count as 0 and 1 of loudness, in dB.
QUIET_DB, LOUD_DB = -50.0, -15.0
#: Pitch of voices, and how alike two periods are at least where there is one.
LOWEST_HZ, HIGHEST_HZ, LEAST_ALIKE = 70.0, 400.0, 0.5
#: A voice whose pitch varies by so many semitones is as lively as can be.
LIVELIEST_SEMITONES = 5.0
#: Pitch is found in pieces of 64 ms; of the last 32 of them.
PIECE, PIECES = 1024, 32


class VoiceMood:
    """How loud and lively a voice is, 0 to 1 each, over the last two seconds."""

    def __init__(self) -> None:
        self._held = np.zeros(0, dtype=np.float32)
        self._tones: deque[float] = deque(maxlen=PIECES)
        self.loudness, self.lively = 0.0, 0.0

    def push(self, block: FloatArray) -> bool:
        """Whether a new value is there."""
        self._held = np.concatenate([self._held, block])
        new = False
        while len(self._held) >= PIECE:
            self._piece(self._held[:PIECE])
            self._held, new = self._held[PIECE:], True
        return new

    def _piece(self, sound: FloatArray) -> None:
        level_db = 20.0 * float(np.log10(np.sqrt(np.mean(np.square(sound))) + 1e-6))
        self.loudness = float(np.clip((level_db - QUIET_DB) / (LOUD_DB - QUIET_DB), 0.0, 1.0))
        tone_hz = pitch_hz(sound)
        if tone_hz:
            self._tones.append(12.0 * float(np.log2(tone_hz)))
        spread = float(np.std(self._tones)) if len(self._tones) > 3 else 0.0
        self.lively = min(1.0, spread / LIVELIEST_SEMITONES)


def pitch_hz(sound: FloatArray) -> float:
    """The pitch of a piece of voice, (1024,) at 16 kHz; 0 where there is none."""
    plain = sound - sound.mean()
    spectrum = np.fft.rfft(plain, 2 * len(plain))
    alike = np.fft.irfft(spectrum * np.conj(spectrum))[: len(plain)]
    if alike[0] <= 1e-4:
        return 0.0
    first, last = int(MICROPHONE_HZ / HIGHEST_HZ), int(MICROPHONE_HZ / LOWEST_HZ)
    fair = alike[first:last] / (1.0 - np.arange(first, last) / len(plain)) / alike[0]
    best = int(fair.argmax())
    return MICROPHONE_HZ / (first + best) if fair[best] >= LEAST_ALIKE else 0.0


def mirrored(text: str, language: str) -> Feeling:
    """What the listening face shows of what is being said: little, and nothing where it is unclear."""
    felt = feeling_of(text, language) if text else NEUTRAL
    if felt.emotion == "neutral" or felt.strength < LEAST_STRENGTH:
        return NEUTRAL
    return feeling(felt.emotion, MIRRORED * min(1.0, felt.strength + 0.3))
