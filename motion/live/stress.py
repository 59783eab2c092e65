"""Which moments of a piece of speech are stressed: there the head and the brows speak along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.signal import find_peaks

from core.contracts import FloatArray
from motion.live.phoneme_lips import loudness_of
from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.smoothing import smooth
from speech.voice import Said

#: Syllables are smoothed so far.
SYLLABLE_SIGMA_S = 0.06
#: Stressed moments lie at least so far apart; of two nearer ones the stronger stays.
APART_S = 0.42
#: A word of so few letters says little and is stressed only where it is as much louder than the others.
SHORT_WORD, LOUDER = 3, 0.12
#: How many of the words that may be stressed are, and at least as loud for a sound without words.
STRESSED_SHARE, PEAK_HEIGHT = 0.6, 0.1


@dataclass(frozen=True)
class Stress:
    """A stressed moment, in seconds from the sound's beginning, and how strong it is, 0.5 to 1."""

    at_s: float
    strength: float


def stressed_moments(said: Said) -> tuple[Stress, ...]:
    """The stressed moments of a piece in order: of its words where they are known, else of its loudness."""
    count = max(1, round(len(said.sound) / said.rate_hz * FEATURE_RATE_HZ))
    loudness = smooth(loudness_of(said.sound, said.rate_hz, count, 0.0), SYLLABLE_SIGMA_S)
    found = _of_words(said, loudness) if said.words else _of_peaks(loudness)
    return _apart(found)


def _of_words(said: Said, loudness: FloatArray) -> list[Stress]:
    """One a word that is longer or louder than others, at its loudest."""
    usual = float(np.mean(loudness[loudness > 0.3])) if (loudness > 0.3).any() else 0.0
    candidates = []
    for word in said.words:
        first = min(len(loudness) - 1, max(0, round(word.start_s * FEATURE_RATE_HZ)))
        span = loudness[first : max(first + 1, round(word.end_s * FEATURE_RATE_HZ))]
        louder = float(span.max()) - usual
        letters = sum(character.isalnum() for character in word.text)
        if letters > SHORT_WORD or louder > LOUDER:
            weight = louder + 0.02 * min(letters, 10) + 0.2 * (word.end_s - word.start_s)
            candidates.append((weight, (first + int(np.argmax(span))) / FEATURE_RATE_HZ))
    kept = sorted(candidates, reverse=True)[: max(1, round(STRESSED_SHARE * len(candidates)))]
    return _graded(kept)


def _of_peaks(loudness: FloatArray) -> list[Stress]:
    """Where the loudness rises above what is around."""
    peaks, facts = find_peaks(loudness, prominence=PEAK_HEIGHT, distance=round(APART_S * FEATURE_RATE_HZ))
    return _graded([(float(height), peak / FEATURE_RATE_HZ) for height, peak in zip(facts["prominences"], peaks, strict=True)])


def _graded(weighed: Sequence[tuple[float, float]]) -> list[Stress]:
    """Strengths by the rank of each one's weight."""
    order = sorted(weighed, reverse=True)
    return [Stress(at_s, 1.0 - 0.5 * rank / max(1, len(order) - 1)) for rank, (_, at_s) in enumerate(order)]


def _apart(found: Sequence[Stress]) -> tuple[Stress, ...]:
    kept: list[Stress] = []
    for each in sorted(found, key=lambda stress: -stress.strength):
        if all(abs(each.at_s - other.at_s) >= APART_S for other in kept):
            kept.append(each)
    return tuple(sorted(kept, key=lambda stress: stress.at_s))
