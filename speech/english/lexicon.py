"""How English words are pronounced: looked up in misaki's two dictionaries, their endings by rule, names letter by letter.

Dictionaries: hexgrad, misaki (2025, Apache-2.0): one checked by hand, one made by rule. Where a word is spoken in several ways,
the first one gives them by part of speech; `DEFAULT` is one of them, `None` the way before a pause.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache

from speech.english.tables import SOUNDS
from speech.reading import STRESSES
from weights.fetch import ensure_all

VOWELS = frozenset("AIOQWYaeiuæɑɒɔəɛɜɪʊʌᵻoɐ")
#: After these a t between vowels is soft in American English: water.
SOFTENING = frozenset("AIOWYiuæɑəɛɪɹʊʌ")
#: Both a short form and a word; in capitals they are the short form, unless a whole sentence is.
LETTERS_FIRST = frozenset(["US", "ID", "AD", "LED", "GI", "OS", "LA", "PA", "MA", "MO", "SAT"])
#: Letters of each of two words in one.
LEAST_PART = 4
#: Several ways to speak a word, by part of speech.
Ways = Mapping[str, str | None]


def stressed(phonemes: str, mark: str) -> str:
    """The same with `mark` before the first vowel where nothing is stressed."""
    if any(each in phonemes for each in STRESSES):
        return phonemes
    place = next((k for k, each in enumerate(phonemes) if each in VOWELS), None)
    return phonemes if place is None else phonemes[:place] + mark + phonemes[place:]


def weakened(phonemes: str) -> str:
    """Its main stress made a lesser one."""
    return phonemes.replace("ˌ", "").replace("ˈ", "ˌ")


class Lexicon:
    """The dictionaries of American or British English."""

    def __init__(self, british: bool) -> None:
        """Raises MissingError where the dictionaries can't be had."""
        self.british = british
        land = "gb" if british else "us"
        checked, ruled = ensure_all([f"misaki_{land}_gold", f"misaki_{land}_silver"])
        self._checked: dict[str, str | Ways] = json.loads(checked.read_text(encoding="utf-8"))
        self._ruled: dict[str, str] = json.loads(ruled.read_text(encoding="utf-8"))

    def ways(self, word: str) -> Ways | None:
        """The ways to speak a word as it is written, or with an ending that is added by rule; None where it is unknown."""
        found = self._written(word)
        return found if found is not None else self._with_ending(word.lower()) or self._compound(word.lower())

    def _written(self, word: str) -> Ways | None:
        """A word of the dictionaries, its capitals aside."""
        plain = "".join(each for each in unicodedata.normalize("NFD", word) if not unicodedata.combining(each))
        for form in dict.fromkeys((word, plain, plain.lower(), plain.capitalize())):
            found = self._checked.get(form) or self._ruled.get(form) or SOUNDS.get(form)
            if found is not None:
                return {"DEFAULT": found} if isinstance(found, str) else found
        return None

    def _with_ending(self, word: str) -> Ways | None:
        for ending in (self._possessive, self._plural, self._past, self._going, self._affixed):
            found = ending(word)
            if found is not None:
                return found
        return None

    def _compound(self, word: str) -> Ways | None:
        """Two words of the checked dictionary in one: the first is stressed."""
        for cut in range(len(word) - LEAST_PART, LEAST_PART - 1, -1):
            first, second = (self._checked.get(part) for part in (word[:cut], word[cut:]))
            if isinstance(first, str) and isinstance(second, str) and "ˈ" in first and "ˈ" in second:
                return {"DEFAULT": first + weakened(second)}
        return None

    def _possessive(self, word: str) -> Ways | None:
        for end, sound in (("n't", "ᵊnt"), ("'ll", "ᵊl"), ("'ve", "v"), ("'re", "ə" if self.british else "əɹ"), ("'d", "d")):
            if word.endswith(end):
                return _each(self._stem(word.removesuffix(end)), _adding(sound))
        if word.endswith("s'"):
            return self._stem(word[:-1])
        return _each(self._stem(word[:-2]), self.with_s) if word.endswith("'s") else None

    def _plural(self, word: str) -> Ways | None:
        if not word.endswith("s") or word.endswith("ss") or len(word) < 3:
            return None
        stems = [word[:-1], *([word[:-2]] if word.endswith("es") else []), *([word[:-3] + "y"] if word.endswith("ies") else [])]
        return self._first(stems, self.with_s)

    def _past(self, word: str) -> Ways | None:
        if not word.endswith("ed") or len(word) < 5:
            return None
        return self._first(_stems_before(word[:-2]), self.with_d)

    def _going(self, word: str) -> Ways | None:
        for end in ("ing", "in'"):
            if word.endswith(end) and len(word) > 5:
                sound = "ɪŋ" if end == "ing" else "ɪn"
                return self._first(_stems_before(word[:-3]), self._adding(sound))
        return None

    def _affixed(self, word: str) -> Ways | None:
        """A known word with a prefix or suffix that leaves it as it is."""
        for prefix, sound in PREFIXES:
            rest = word.removeprefix(prefix)
            if rest != word and len(rest) > 3 and (ways := self._stem(rest)) is not None:
                return _each(ways, sound.__add__)
        er = "ə" if self.british else "əɹ"
        for suffix, sound in (*SUFFIXES, ("er", er), ("ers", er + "z")):
            if word.endswith(suffix) and len(word) - len(suffix) > 2:
                stems = _stems_before(word.removesuffix(suffix)) if suffix[0] in "aei" else [word.removesuffix(suffix)]
                return self._first(stems, self._adding(sound)) or None
        return None

    def _stem(self, word: str) -> Ways | None:
        """A word without the ending, which may have another one: singers'."""
        if len(word) < 2:
            return None
        return self._written(word) or self._plural(word)

    def _first(self, stems: list[str], ended: Callable[[str], str]) -> Ways | None:
        for stem in stems:
            if len(stem) > 1 and (ways := self._written(stem)) is not None:
                return _each(ways, ended)
        return None

    def with_s(self, stem: str) -> str:
        """The sound of -s after a stem."""
        if stem[-1:] in tuple("szʃʒʧʤ"):
            return stem + ("ɪz" if self.british else "ᵻz")
        return stem + ("s" if stem[-1:] in tuple("ptkfθ") else "z")

    def with_d(self, stem: str) -> str:
        """The sound of -ed after a stem."""
        if stem[-1:] in ("t", "d"):
            return self._softened(stem) + ("ɪd" if self.british else "ᵻd")
        return stem + ("t" if stem[-1:] in tuple("pkfθʃsʧ") else "d")

    def _adding(self, sound: str) -> Callable[[str], str]:
        """Adds an ending that begins with a vowel."""
        return lambda stem: self._softened(stem) + sound

    def _softened(self, stem: str) -> str:
        """A stem before a vowel: its last t may be soft."""
        soft = not self.british and stem.endswith("t") and stem[-2:-1] in SOFTENING
        return stem[:-1] + "ɾ" if soft else stem

    def spells(self, capitals: str, part: str) -> bool:
        """Whether a word in capitals is letters by themselves, as in "the US" or "a CD", and no word, as NASA or STOP."""
        known = self._checked.get(capitals)
        if known is None:
            return capitals.lower() not in self._checked and capitals.lower() not in SOUNDS
        return not isinstance(known, str) and (capitals in LETTERS_FIRST or (part == "NOUN" and known.get("NOUN", "") is None))

    def letters(self, text: str) -> str:
        """Letters by their names, the last one stressed most."""
        names = [self._checked.get(each.upper()) for each in text]
        told = [weakened(name) for name in names if isinstance(name, str)]
        return "".join([*told[:-1], told[-1].replace("ˌ", "ˈ")]) if told else ""


PREFIXES = (
    ("un", "ˌʌn"), ("re", "ɹˌi"), ("non", "nˌɑn"), ("over", "ˌOvəɹ"), ("under", "ˌʌndəɹ"), ("pre", "pɹˌi"), ("mis", "mˌɪs"),
    ("micro", "mˌIkɹO"), ("multi", "mˌʌlti"), ("super", "sˌupəɹ"), ("anti", "ˌænti"), ("inter", "ˌɪntəɹ"), ("cyber", "sˌIbəɹ"),
)  # fmt: skip
SUFFIXES = (("ness", "nəs"), ("nesses", "nəsᵻz"), ("less", "ləs"), ("ly", "li"), ("ful", "fᵊl"), ("ish", "ɪʃ"), ("able", "əbᵊl"),
            ("like", "lˌIk"), ("ship", "ʃˌɪp"), ("ism", "ˌɪzᵊm"), ("ist", "ɪst"), ("est", "əst"))  # fmt: skip


def _stems_before(stem: str) -> list[str]:
    """What may stand before -ed, -ing, -er: sing, make, stop (from stopp), try (from tri)."""
    doubled = len(stem) > 2 and stem[-1] == stem[-2] and stem[-1] not in "aeiou"
    return [stem, stem + "e", *([stem[:-1]] if doubled else []), *([stem[:-1] + "y"] if stem.endswith("i") else [])]


def _adding(sound: str) -> Callable[[str], str]:
    return lambda stem: stem + sound


def _each(ways: Ways | None, change: Callable[[str], str]) -> Ways | None:
    return None if ways is None else {part: change(sound) if sound else sound for part, sound in ways.items()}


@cache
def lexicon(british: bool) -> Lexicon:
    """The dictionaries, read once. Raises MissingError where they can't be had."""
    return Lexicon(british)
