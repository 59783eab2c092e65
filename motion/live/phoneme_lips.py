"""What the mouth does for a piece of speech whose phonemes and their times are known, with its loudness.

Every phoneme asks for an opening of the lips, a place of the jaw and a width with some weight, and what is asked is blended over
time: dominance functions in the spirit of Cohen & Massaro ("Modeling coarticulation in synthetic visual speech", 1993). What each
asks for was fitted to the lips that the singing performer hears in sentences of eight voices in three languages; symbols that
did not occur there have what their kind has. Lips that meet, and the lower one at the teeth, `told_lips.py` says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.contracts import FloatArray
from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.smoothing import bell, smooth
from motion.singing.performance.articulation_parts import Articulation
from motion.singing.performance.sung_lips import SPOKEN_LEAD_S, SPOKEN_SIGMA_S, SPOKEN_TAIL_S, voice_gate
from motion.singing.performance.told_lips import heeding, told_lips
from speech.voice import Phoneme

#: Of each symbol (IPA, with Kokoro's short forms): opening, jaw, and width from rounded (-) to spread, as in `Articulation`.
ASKED = {
    "A": (0.57, 0.34, 0.80), "I": (0.60, 0.42, -0.04), "O": (0.30, 0.26, -0.47), "Q": (0.30, 0.25, -0.46),
    "W": (0.44, 0.33, -0.11), "Y": (0.26, 0.24, -0.61), "a": (0.49, 0.35, 0.03), "b": (0.00, 0.19, -0.71),
    "c": (0.34, 0.20, 0.08), "d": (0.38, 0.25, 0.11), "e": (0.36, 0.27, 0.17), "f": (0.00, 0.12, -0.35),
    "h": (0.43, 0.25, 0.03), "i": (0.38, 0.25, 0.59), "j": (0.37, 0.21, 0.27), "k": (0.42, 0.27, 0.34),
    "l": (0.28, 0.24, -0.51), "m": (0.00, 0.22, -0.44), "n": (0.35, 0.26, -0.03), "o": (0.18, 0.22, -0.60),
    "p": (0.00, 0.20, -0.30), "q": (0.34, 0.20, 0.08), "r": (0.33, 0.20, 0.07), "s": (0.38, 0.20, 0.45),
    "t": (0.38, 0.24, 0.30), "u": (0.16, 0.19, -0.53), "v": (0.00, 0.10, -0.27), "w": (0.00, 0.20, -0.80),
    "x": (0.28, 0.12, 0.23), "y": (0.14, 0.18, -0.61), "z": (0.34, 0.19, 0.39), "æ": (0.50, 0.34, 0.20),
    "ç": (0.28, 0.12, 0.15), "ð": (0.20, 0.16, -0.11), "ø": (0.23, 0.22, -0.45), "ŋ": (0.39, 0.25, 0.33),
    "œ": (0.24, 0.22, -0.40), "ɐ": (0.42, 0.30, 0.11), "ɑ": (0.50, 0.36, -0.24), "ɒ": (0.37, 0.32, -0.45),
    "ɔ": (0.33, 0.29, -0.52), "ɕ": (0.28, 0.12, 0.15), "ɖ": (0.34, 0.20, 0.08), "ɘ": (0.36, 0.26, 0.10),
    "ə": (0.32, 0.27, -0.06), "ɚ": (0.36, 0.26, 0.10), "ɛ": (0.45, 0.32, 0.03), "ɜ": (0.30, 0.25, -0.34),
    "ɟ": (0.34, 0.20, 0.08), "ɡ": (0.35, 0.25, -0.02), "ɣ": (0.32, 0.19, 0.02), "ɤ": (0.36, 0.26, 0.10),
    "ɥ": (0.08, 0.16, -0.60), "ɨ": (0.34, 0.24, 0.30), "ɪ": (0.38, 0.27, 0.38), "ɯ": (0.34, 0.24, 0.30),
    "ɰ": (0.34, 0.20, 0.08), "ɲ": (0.34, 0.20, 0.08), "ɳ": (0.34, 0.20, 0.08), "ɴ": (0.34, 0.20, 0.08),
    "ɵ": (0.14, 0.18, -0.60), "ɹ": (0.09, 0.18, -0.50), "ɻ": (0.34, 0.20, 0.08), "ɽ": (0.34, 0.20, 0.08),
    "ɾ": (0.29, 0.19, -0.03), "ʁ": (0.38, 0.23, 0.12), "ʂ": (0.28, 0.12, 0.15), "ʃ": (0.32, 0.18, -0.15),
    "ʈ": (0.34, 0.20, 0.08), "ʉ": (0.14, 0.18, -0.60), "ʊ": (0.15, 0.21, -0.72), "ʋ": (0.34, 0.20, 0.08),
    "ʌ": (0.40, 0.32, -0.26), "ʎ": (0.34, 0.20, 0.09), "ʒ": (0.26, 0.13, -0.28), "ʔ": (0.34, 0.20, 0.08),
    "ʝ": (0.28, 0.12, 0.17), "ʤ": (0.28, 0.17, -0.20), "ʧ": (0.35, 0.17, 0.00), "ː": (0.26, 0.21, -0.30),
    "β": (0.01, 0.17, -0.15), "θ": (0.21, 0.15, 0.05), "χ": (0.34, 0.20, 0.08), "ᵊ": (0.28, 0.25, -0.29),
    "ᵻ": (0.34, 0.24, 0.30),
}  # fmt: skip
#: Of any other symbol, and of a pause.
OTHER, PAUSE = (0.33, 0.20, 0.05), (0.03, 0.03, 0.0)
#: Vowels ask with weight 1; consonants with less.
VOWELS, CONSONANT_WEIGHT = frozenset("AIOQWYaeiouyæøœɐɑɒɔɘəɚɛɜɤɨɪɯɵʉʊʌᵊᵻ"), 0.7
#: Of its own time, around the middle, a phoneme asks fully for so much; before and after that less and less, by these bells.
CORE_SHARE, BEFORE_S, AFTER_S = 0.45, 0.06, 0.055
#: What of the weights rests with the shut mouth.
REST_WEIGHT = 0.05
#: What of the opening loudness has no part in; loudness of speech falls by 1 in so many dB from its loudest, and is smoothed.
LOUDNESS_FREE, LOUDNESS_RANGE_DB, LOUDNESS_SIGMA_S = 0.6, 30.0, 0.03
#: Share of the sound's moments that are softer than its loudest ones, and what those have at least, where it is no silence.
LOUDEST_PERCENTILE, LEAST_LOUDEST_DB = 95.0, -55.0
#: Sounds of teeth nearly shut, and how much their hiss shows.
HISSES, HISS, HISS_BELL_S = frozenset("szʃʒʧʤʦʣɕʂʨʥ"), 0.75, (0.024, 0.020)


def spoken_articulation(phonemes: Sequence[Phoneme], loudness: FloatArray) -> Articulation:
    """The mouth of a piece of speech at `FEATURE_RATE_HZ`. phonemes: times from the curve's beginning. loudness: (N,)."""
    count = len(loudness)
    told = told_lips(phonemes, count)
    gate = voice_gate(told.said, SPOKEN_LEAD_S, SPOKEN_TAIL_S, SPOKEN_SIGMA_S)
    opening, jaw, spread = _blended(phonemes, count).T
    gain = LOUDNESS_FREE + (1.0 - LOUDNESS_FREE) * smooth(loudness, LOUDNESS_SIGMA_S)
    nothing = np.zeros(count, dtype=np.float32)
    heard = Articulation(*[nothing] * 12)
    heard = replace(
        heard,
        opening=(opening * gain * gate).astype(np.float32),
        jaw=(jaw * gain * gate).astype(np.float32),
        spread=(spread * gate).astype(np.float32),
        hiss=(bell(_hiss(phonemes, count), *HISS_BELL_S) * gate).astype(np.float32),
        effort=smooth(loudness, 0.25).astype(np.float32),
        gate=gate,
    )
    return heeding(heard, told)


def loudness_of(sound: FloatArray, rate_hz: int, count: int, before_s: float) -> FloatArray:
    """(count,) in [0, 1.2] at `FEATURE_RATE_HZ`: how loud a sound (n,) is, which begins `before_s` after the curve."""
    hop = rate_hz / FEATURE_RATE_HZ
    power = np.concatenate([[0.0], np.cumsum(np.square(sound, dtype=np.float64))])
    middles = (np.arange(count) / FEATURE_RATE_HZ - before_s) * rate_hz
    first, last = (np.clip(np.round(middles + side * 1.5 * hop), 0, len(sound)).astype(np.int64) for side in (-1, 1))
    level_db = 10.0 * np.log10((power[last] - power[first]) / (3.0 * hop) + 1e-10)
    loudest_db = max(float(np.percentile(level_db, LOUDEST_PERCENTILE)), LEAST_LOUDEST_DB)
    return np.clip(1.0 + (level_db - loudest_db) / LOUDNESS_RANGE_DB, 0.0, 1.2).astype(np.float32)


def _blended(phonemes: Sequence[Phoneme], count: int) -> FloatArray:
    """(count, 3) what all phonemes together ask for."""
    asked, weights = np.zeros((count, 3)), np.full(count, REST_WEIGHT)
    reach_s = 4.0 * max(BEFORE_S, AFTER_S)
    for each in phonemes:
        middle_s, half_s = 0.5 * (each.start_s + each.end_s), 0.5 * CORE_SHARE * (each.end_s - each.start_s)
        first = max(0, int((middle_s - half_s - reach_s) * FEATURE_RATE_HZ))
        last = min(count, int((middle_s + half_s + reach_s) * FEATURE_RATE_HZ) + 1)
        away_s = np.arange(first, last) / FEATURE_RATE_HZ - middle_s
        outside = np.maximum(np.abs(away_s) - half_s, 0.0) / np.where(away_s < 0.0, BEFORE_S, AFTER_S)
        weight = (1.0 if each.symbol in VOWELS else CONSONANT_WEIGHT) * np.exp(-0.5 * np.square(outside))
        wanted = ASKED.get(each.symbol, OTHER) if each.symbol.isalpha() else PAUSE
        asked[first:last] += weight[:, None] * np.asarray(wanted)
        weights[first:last] += weight
    return np.asarray(asked / weights[:, None])


def _hiss(phonemes: Sequence[Phoneme], count: int) -> FloatArray:
    """(count,) in [0, 1]: the hisses."""
    curve = np.zeros(count, dtype=np.float32)
    for each in phonemes:
        if each.symbol in HISSES:
            curve[max(0, round(each.start_s * FEATURE_RATE_HZ)) : round(each.end_s * FEATURE_RATE_HZ)] = HISS
    return curve
