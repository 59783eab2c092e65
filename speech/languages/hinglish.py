"""Hindi in Latin letters written back to Devanagari: "main theek hoon" as "मैं ठीक हूँ".

Common words are in a list. Others are written by rule: Latin letters tell neither t and d of the tongue's tip from those bent
back, nor always a long a from a short one, so that these are uncertain.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

#: Consonants, the longest first.
CONSONANTS = {
    "chh": "छ", "kh": "ख", "gh": "घ", "ch": "च", "jh": "झ", "th": "थ", "dh": "ध", "ph": "फ", "bh": "भ", "sh": "श", "gy": "ज्ञ",
    "k": "क", "g": "ग", "c": "क", "j": "ज", "t": "त", "d": "द", "n": "न", "p": "प", "f": "फ़", "b": "ब", "m": "म", "y": "य",
    "r": "र", "l": "ल", "v": "व", "w": "व", "s": "स", "h": "ह", "z": "ज़", "q": "क़", "x": "क्स",
}  # fmt: skip
#: A vowel by itself, and after a consonant.
VOWELS = {
    "aa": ("आ", "ा"), "ai": ("ऐ", "ै"), "au": ("औ", "ौ"), "ee": ("ई", "ी"), "ii": ("ई", "ी"), "oo": ("ऊ", "ू"), "uu": ("ऊ", "ू"),
    "ei": ("ए", "े"), "ou": ("औ", "ौ"), "a": ("अ", ""), "e": ("ए", "े"), "i": ("इ", "ि"), "o": ("ओ", "ो"), "u": ("उ", "ु"),
}  # fmt: skip
#: Short vowels at a word's end are spoken long.
AT_END = {"a": "aa", "i": "ee", "u": "oo"}
VIRAMA, NASAL = "्", "ं"
LATIN = re.compile(r"[a-z]+")
SOUNDS = re.compile("|".join(sorted((*CONSONANTS, *VOWELS), key=len, reverse=True)))


@cache
def common_words() -> dict[str, str]:
    """Words that are not left to the rule, in Latin letters and in Devanagari."""
    listed: dict[str, str] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["words"]
    return listed


def is_latin(word: str) -> bool:
    """Whether a word is written in plain Latin letters."""
    return LATIN.fullmatch(word.lower()) is not None


def devanagari(word: str) -> tuple[str, bool]:
    """A Hindi word in Latin letters as Devanagari writes it, and whether that is certain."""
    low = word.lower()
    if low in common_words():
        return common_words()[low], True
    text, consonant_before, found = "", False, SOUNDS.findall(low)
    for place, sound in enumerate(found):
        last, only = place == len(found) - 1, len(found) == 1
        if sound in VOWELS:
            spoken = AT_END.get(sound, sound) if last and not only else sound
            text += VOWELS[spoken][1 if consonant_before else 0]
            consonant_before = False
        elif sound == "n" and not last and found[place + 1] not in VOWELS and not consonant_before and place:
            text += NASAL
        else:
            text += (VIRAMA if consonant_before else "") + CONSONANTS[sound]
            consonant_before = True
    return text, False
