"""The mouth by timed phonemes, where a caller has them: a vowel chooses one of the six mouths, lips shut for m, b and p.

Vowels are named in ARPABET (a stress digit is ignored) or in IPA. The motion still says how far the mouth opens, so that it stays
shut where nobody sings; the phonemes say which mouth it is. Mouths run into each other as in speech, where a sound is prepared
before it is heard: a plain form of the overlapping dominances of Cohen and Massaro ("Modeling Coarticulation in Synthetic Visual
Speech", 1993).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from animators.anime.pose import PARAMETER_INDEX, PoseCurves
from core.contracts import FloatArray
from core.contracts import TimedPhoneme as Spoken
from core.easing import smooth_step
from core.errors import InputError
from core.timebase import frame_times_s

#: The mouths in the networks' order.
MOUTHS = ("mouth_aaa", "mouth_iii", "mouth_uuu", "mouth_eee", "mouth_ooo", "mouth_delta")
#: From a vowel to one mouth, or to two in the order in which a diphthong shows them.
VOWELS: dict[str, tuple[str, ...]] = {
    "AA": ("aaa",), "AE": ("aaa",), "AH": ("delta",), "AO": ("ooo",), "AW": ("aaa", "uuu"), "AX": ("delta",),
    "AY": ("aaa", "iii"), "EH": ("eee",), "ER": ("delta",), "EY": ("eee", "iii"), "IH": ("iii",), "IX": ("iii",),
    "IY": ("iii",), "OW": ("ooo", "uuu"), "OY": ("ooo", "iii"), "UH": ("uuu",), "UW": ("uuu",), "UX": ("uuu",),
    "a": ("aaa",), "ɑ": ("aaa",), "æ": ("aaa",), "ɐ": ("aaa",), "ɒ": ("ooo",), "ʌ": ("delta",), "ə": ("delta",),
    "ɚ": ("delta",), "ɝ": ("delta",), "ɜ": ("delta",), "ɘ": ("delta",), "ɵ": ("uuu",), "e": ("eee",), "ɛ": ("eee",),
    "œ": ("ooo",), "ø": ("uuu",), "i": ("iii",), "ɪ": ("iii",), "ɨ": ("iii",), "ɯ": ("iii",), "y": ("uuu",), "ʏ": ("uuu",),
    "o": ("ooo",), "ɔ": ("ooo",), "ɤ": ("ooo",), "u": ("uuu",), "ʊ": ("uuu",), "ʉ": ("uuu",),
}  # fmt: skip
#: Consonants for which the lips touch, the same in ARPABET and IPA.
SHUT = frozenset({"M", "B", "P", "m", "b", "p"})
#: Marks of IPA that change no mouth: length, stress, nasal and non-syllabic vowels, ties.
_MARKS = str.maketrans("", "", "ːˑˈˌ̯̃͜͡")
#: A mouth is taken up so long before its sound and left so long after it; a closure is quicker.
FADE_S, SHUT_FADE_S = 0.07, 0.04
#: Openings below this part of the widest are no mouth to be reshaped.
_LEAST_OPENING = 1e-3


#: Kokoro's short forms of diphthongs, which ARPABET takes for other sounds, and of vowels that IPA has no letter for.
SHORT_FORMS = {"A": "eɪ", "I": "aɪ", "O": "oʊ", "Q": "əʊ", "W": "aʊ", "Y": "ɔɪ", "ᵻ": "ɨ", "ᵊ": "ə"}


@dataclass(frozen=True)
class TimedPhoneme:
    """A phoneme of ARPABET or IPA, and when it sounds, in seconds of the film. Raises InputError for times that make no sense."""

    start_s: float
    end_s: float
    phoneme: str

    def __post_init__(self) -> None:
        if not (math.isfinite(self.start_s) and math.isfinite(self.end_s) and 0.0 <= self.start_s < self.end_s):
            raise InputError(
                "animators.anime.phoneme_ends_before_it_begins", phoneme=self.phoneme, start_s=self.start_s, end_s=self.end_s
            )


def spoken_phonemes(phonemes: Iterable[Spoken]) -> tuple[TimedPhoneme, ...]:
    """The phonemes of a voice that tells them, written without short forms; those that take no time are left out."""
    return tuple(
        TimedPhoneme(each.start_s, each.end_s, SHORT_FORMS.get(each.symbol, each.symbol))
        for each in phonemes
        if each.symbol.isalpha() and each.start_s < each.end_s
    )


def mouths_of(phoneme: str) -> tuple[str, ...]:
    """The mouths of a vowel, one or, for a diphthong, two in turn; none for any other sound."""
    plain = phoneme.rstrip("0123456789")
    if plain.isascii() and plain.isupper():
        found = VOWELS.get(plain, ())
    else:
        letters = plain.translate(_MARKS)
        found = tuple(mouth for letter in letters for mouth in VOWELS.get(letter, ())) if letters[:1] in VOWELS else ()
    return tuple(f"mouth_{name}" for name in found[:2])


def with_phonemes(curves: PoseCurves, phonemes: Sequence[TimedPhoneme], fps: float) -> PoseCurves:
    """The poses with their mouths chosen by phonemes; where no vowel sounds, the motion's own mixture stays.

    The opening, the sum of the six mouths in each frame, stays as it was but for sounds that shut the lips.
    """
    parameters = curves.parameters.copy()
    columns = [PARAMETER_INDEX[name] for name in MOUTHS]
    own = parameters[:, columns]
    opening = own.sum(axis=1, keepdims=True)
    times_s = frame_times_s(len(curves), fps)
    wanted, shut = np.zeros_like(own), np.zeros(len(own), np.float32)
    for phoneme in phonemes:
        if phoneme.phoneme.translate(_MARKS) in SHUT:
            shut = np.maximum(shut, presence(times_s, phoneme.start_s, phoneme.end_s, SHUT_FADE_S))
        mouths = mouths_of(phoneme.phoneme)
        bounds_s = np.linspace(phoneme.start_s, phoneme.end_s, len(mouths) + 1)
        for mouth, start_s, end_s in zip(mouths, bounds_s[:-1], bounds_s[1:], strict=True):
            column = MOUTHS.index(mouth)
            wanted[:, column] = np.maximum(wanted[:, column], presence(times_s, float(start_s), float(end_s), FADE_S))
    share = np.minimum(wanted.sum(axis=1, keepdims=True), 1.0)
    mixture = wanted / np.maximum(wanted.sum(axis=1, keepdims=True), 1.0)
    kept = np.where(opening > _LEAST_OPENING, own * (1.0 - share), own)
    parameters[:, columns] = np.clip((kept + opening * mixture) * (1.0 - shut[:, None]), 0.0, 1.0)
    return replace(curves, parameters=parameters)


def presence(times_s: FloatArray, start_s: float, end_s: float, fade_s: float) -> FloatArray:
    """(T,) in [0, 1]: 1 from the start to the end of a sound, rising smoothly before it and falling after it."""
    outside_s = np.maximum(np.maximum(start_s - times_s, times_s - end_s), 0.0)
    return smooth_step(1.0 - outside_s / fade_s).astype(np.float32)
