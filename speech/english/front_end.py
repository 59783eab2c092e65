"""Reads English: text to phonemes with the words they belong to."""

from __future__ import annotations

import re

from speech.english import context, spelling
from speech.english.lexicon import VOWELS, Ways, lexicon, stressed
from speech.english.wording import said
from speech.reading import PAUSES, Reading

#: Kokoro knows a soft t by T, and no glottal stop in English.
AS_KOKORO_WRITES = str.maketrans({"ɾ": "T", "ʔ": "t"})
#: Where a word in a word begins.
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
#: Before a vowel, and before anything else.
TO, THE = ("tʊ", "tə"), ("ði", "ðə")
#: Spoken alike wherever they stand but before a pause.
WEAK = {"a": "ɐ", "an": "ɐn", "am": "ɐm"}


class English:
    """American or British English."""

    between = " "

    def __init__(self, british: bool = False) -> None:
        """Raises MissingError where the dictionaries can't be had."""
        self._british = british
        self._lexicon = lexicon(british)

    def read(self, sentence: str) -> tuple[Reading, ...]:
        """The words of a sentence, in their order."""
        told = said(sentence, self._british)
        flat = [word for _, words in told for word in words]
        sounds = self._sounds(flat)
        readings, at = [], 0
        for text, words in told:
            mine = sounds[at : at + len(words)]
            at += len(words)
            readings.append(Reading(text, _joined(words, mine), unsure=any(self._is_guessed(word) for word in words)))
        return tuple(readings)

    def _sounds(self, words: list[str]) -> list[str]:
        """The phonemes of every word; from the last to the first, since what follows decides how some are spoken."""
        low = [word.lower() for word in words]
        shouted = sum(len(word) > 1 and word.isupper() for word in words if word.isalpha()) > 0.7 * max(
            2, sum(word.isalpha() for word in words)
        )
        sounds: list[str] = []
        following = ""
        for place in reversed(range(len(words))):
            sound = words[place] if words[place] in PAUSES else self._sound(words, low, place, following, shouted)
            sounds.append(sound.translate(AS_KOKORO_WRITES))
            following = sound or following
        return sounds[::-1]

    def _sound(self, words: list[str], low: list[str], place: int, following: str, shouted: bool) -> str:
        word, before_vowel = words[place], following.lstrip("ˈˌ")[:1] in VOWELS and following != ""
        before_pause = following == "" or following in PAUSES
        if word.endswith("."):
            return self._lexicon.letters(word.replace(".", ""))
        if len(word) == 1 and low[place] not in ("a", "i", "o"):
            return self._lexicon.letters(word)
        if low[place] == "the":
            return THE[0 if before_vowel else 1]
        if low[place] == "to" and not before_pause:
            return TO[0 if before_vowel else 1]
        if low[place] in WEAK and not before_pause and not (word == "A" and place):
            return WEAK[low[place]]
        if word == "I":
            return "ˌI"
        if (other := context.other_sound(low, place, self._british)) is not None:
            return other
        return self._looked_up(words, low, place, before_pause, shouted)

    def _looked_up(self, words: list[str], low: list[str], place: int, before_pause: bool, shouted: bool) -> str:
        word = words[place]
        capitals = len(word) > 1 and word.isupper()
        ways = self._lexicon.ways(low[place] if shouted and capitals else word)
        if ways is None and word.endswith("s") and word[:-1].isupper() and len(word) > 2:
            return self._lexicon.with_s(self._lexicon.letters(word[:-1]))
        if ways is None:
            return self._unknown(word)
        part = context.special(low, place) or context.part_of_speech(low, place)
        if capitals and not shouted and self._lexicon.spells(word, part):
            return self._lexicon.letters(word)
        sound = chosen(ways, part, before_pause)
        return stressed(sound, "ˈ") if capitals and not shouted else sound

    def _unknown(self, word: str) -> str:
        """A word that is in no dictionary: the words in it, as in iPhone; else as English is spelt; else its letters."""
        parts = CAMEL.sub(" ", word).split()
        if len(parts) > 1:
            ways = [self._lexicon.ways(part) for part in parts]
            return " ".join(chosen(way, "", False) if way else self._unknown(part) for way, part in zip(ways, parts, strict=True))
        if _can_be_spoken(word):
            return spelling.spoken(word, self._british)
        return self._lexicon.letters(word)

    def _is_guessed(self, word: str) -> bool:
        """Whether a word is spoken by rule alone."""
        parts = () if word in PAUSES or word.endswith(".") else CAMEL.sub(" ", word).split()
        return self._lexicon.ways(word) is None and any(
            _can_be_spoken(part) and self._lexicon.ways(part) is None for part in parts
        )


def _can_be_spoken(word: str) -> bool:
    """Whether a word that nobody knows is one to speak: it has a vowel, and small letters."""
    return len(word) > 2 and not word.rstrip("s").isupper() and any(each in "aeiouyáàâäåéèêëíîïóôöøúûüæ" for each in word.lower())


def chosen(ways: Ways, part: str, before_pause: bool) -> str:
    """The way that fits: by the part of speech, before a pause the fuller one."""
    if before_pause and ways.get("None"):
        return ways["None"] or ""
    return ways.get(part) or ways["DEFAULT"] or ""


def _joined(words: list[str], sounds: list[str]) -> str:
    """The sounds of a piece in one text; pauses stand close to what is before them."""
    text = ""
    for word, sound in zip(words, sounds, strict=True):
        text += sound if word in PAUSES or not text else f" {sound}" if sound else ""
    return text
