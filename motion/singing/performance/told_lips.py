"""What the lips do for phonemes whose times the voice tells: for m, b and p they shut, for f and v the lower one goes to the
teeth, for u, o and w they round.

A synthesiser knows what it says and when; nothing need be guessed. The rest of the mouth, how far and how quickly it opens for
which vowel, stays that of the lips that hear the sound. Symbols are IPA, with those short forms that Kokoro has besides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.contracts import FloatArray, TimedPhoneme
from core.easing import smooth_step
from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.smoothing import smooth
from motion.singing.performance.articulation_parts import Articulation

#: Sounds whose lips meet, and those whose lower lip meets the teeth.
CLOSING, TO_TEETH = frozenset("mbpɓɸβ"), frozenset("fvɱʋ")
#: How round the lips are for a sound, 1 for a whistle's; of the diphthongs O (oʊ), W (aʊ) and Q (əʊ) the end rounds.
ROUNDING = {
    **dict.fromkeys("uwʉɯ", 0.85),
    **dict.fromkeys("yøʊoɥ", 0.7),
    **dict.fromkeys("OQ", 0.65),
    **dict.fromkeys("ɔœW", 0.45),
    **dict.fromkeys("ʃʒʧʤɹ", 0.4),
}
LATE = frozenset("OQW")
#: Lips stay shut at least so long, so that a film of 25 frames a second shows it wherever its frames fall; a stop of the lips
#: between vowels takes about as long. They come together and part within `EDGE_S`.
LEAST_SHUT_S, EDGE_S = 0.085, 0.045
#: The same of the lip at the teeth.
LEAST_TEETH_S = 0.06
#: Rounding begins before its sound, and is slow.
ROUND_LEAD_S, ROUND_SIGMA_S = 0.05, 0.03
#: What is left of a closure that the lips were taken to make in the midst of sounds that have none.
UNTOLD_SHARE = 0.3
#: How far the lips are apart, of what they would be, with the lower one at the teeth.
TEETH_OPENING = 0.2


@dataclass(frozen=True)
class ToldLips:
    """Curves (N,) in [0, 1] at `FEATURE_RATE_HZ`: shut, the lower lip at the teeth, rounded; said: something is being said."""

    shut: FloatArray
    teeth: FloatArray
    rounded: FloatArray
    said: FloatArray


def told_lips(phonemes: Sequence[TimedPhoneme], count: int) -> ToldLips:
    """The curves of phonemes in order."""
    rounded, said = np.zeros(count, dtype=np.float32), np.zeros(count, dtype=np.float32)
    for each in phonemes:
        if not each.symbol.isalpha():
            continue
        said[place(each.start_s) : place(each.end_s)] = 1.0
        if (strength := ROUNDING.get(each.symbol)) is not None:
            start_s = 0.5 * (each.start_s + each.end_s) if each.symbol in LATE else each.start_s - ROUND_LEAD_S
            held = slice(place(start_s), place(each.end_s))
            rounded[held] = np.maximum(rounded[held], strength)
    return ToldLips(
        shut=held_curve(((each.start_s, each.end_s) for each in phonemes if each.symbol in CLOSING), count, LEAST_SHUT_S),
        teeth=held_curve(((each.start_s, each.end_s) for each in phonemes if each.symbol in TO_TEETH), count, LEAST_TEETH_S),
        rounded=smooth(rounded, ROUND_SIGMA_S),
        said=said,
    )


def place(time_s: float) -> int:
    """The feature frame of a time; none before the first."""
    return max(0, round(time_s * FEATURE_RATE_HZ))


def held_curve(spans_s: Iterable[tuple[float, float]], count: int, least_s: float) -> FloatArray:
    """(count,) 1 over each span (start, end in seconds), or over `least_s` around its middle, with soft edges."""
    curve = np.zeros(count, dtype=np.float32)
    for start_s, end_s in spans_s:
        middle_s, half_s = 0.5 * (start_s + end_s), 0.5 * max(end_s - start_s, least_s)
        first, last = place(middle_s - half_s - EDGE_S), min(count, place(middle_s + half_s + EDGE_S) + 1)
        away_s = np.abs(np.arange(first, last) / FEATURE_RATE_HZ - middle_s)
        curve[first:last] = np.maximum(curve[first:last], 1.0 - smooth_step(away_s, half_s, half_s + EDGE_S))
    return curve


def heeding(heard: Articulation, told: ToldLips) -> Articulation:
    """What was heard of the mouth, with the lips where the phonemes have them."""
    teeth = (told.teeth * (1.0 - told.shut)).astype(np.float32)
    closure = np.maximum(told.shut, heard.closure * (1.0 - (1.0 - UNTOLD_SHARE) * told.said) * (1.0 - teeth))
    rounded = told.rounded * heard.gate
    return replace(
        heard,
        opening=(heard.opening * (1.0 - (1.0 - TEETH_OPENING) * teeth)).astype(np.float32),
        spread=(heard.spread * (1.0 - rounded) - rounded).astype(np.float32),
        closure=closure.astype(np.float32),
        teeth=teeth,
    )
