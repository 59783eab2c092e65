"""Reads Mandarin Chinese by pypinyin (MIT): words to syllables, syllables to Kokoro's phonemes with their tones.

Sounds of the syllables: Duanmu, "The Phonology of Standard Chinese", 2007; Kokoro writes tones → ↗ ↓ ↘ after the vowel.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from core.errors import MissingError
from speech.reading import PAUSES, Reading, pause_after, without_pictures

TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
INITIALS = {
    "b": "p", "p": "pʰ", "m": "m", "f": "f", "d": "t", "t": "tʰ", "n": "n", "l": "l", "g": "k", "k": "kʰ", "h": "x", "j": "ʨ",
    "q": "ʨʰ", "x": "ɕ", "zh": "ꭧ", "ch": "ꭧʰ", "sh": "ʂ", "r": "ɻ", "z": "ʦ", "c": "ʦʰ", "s": "s",
}  # fmt: skip
#: Before the tone, and after it.
FINALS = {
    "a": ("a", ""), "o": ("wo", ""), "e": ("ɤ", ""), "ai": ("ai", ""), "ei": ("ei", ""), "ao": ("au", ""), "ou": ("ou", ""),
    "an": ("a", "n"), "en": ("ə", "n"), "ang": ("a", "ŋ"), "eng": ("ə", "ŋ"), "ong": ("ʊ", "ŋ"), "er": ("ɚ", ""), "i": ("i", ""),
    "ia": ("ja", ""), "ie": ("je", ""), "iao": ("jau", ""), "iou": ("jou", ""), "ian": ("jɛ", "n"), "in": ("i", "n"),
    "iang": ("ja", "ŋ"), "ing": ("i", "ŋ"), "iong": ("jʊ", "ŋ"), "u": ("u", ""), "ua": ("wa", ""), "uo": ("wo", ""),
    "uai": ("wai", ""), "uei": ("wei", ""), "uan": ("wa", "n"), "uen": ("wə", "n"), "uang": ("wa", "ŋ"), "ueng": ("wə", "ŋ"),
    "ü": ("y", ""), "üe": ("ɥe", ""), "üan": ("ɥɛ", "n"), "ün": ("y", "n"), "ê": ("ɛ", ""), "io": ("jɔ", ""),
}  # fmt: skip
#: Syllables without a vowel.
HUMMED = {"m": "m", "n": "n", "ng": "ŋ", "hm": "hm", "hng": "hŋ"}
#: After these an i is no vowel of its own.
HISSES = frozenset(("z", "c", "s", "zh", "ch", "sh", "r"))
CLAUSE = re.compile(r"[^、。，．！？!?,…；：;:]*[、。，．！？!?,…；：;:]*")
PIECE = re.compile(r"[㐀-鿿]+|\d+(?:\.\d+)?%?|[^㐀-鿿\d\s]+")
YEAR = re.compile(r"(\d{4})(?=\s*年)")
DIGITS = "零一二三四五六七八九"


class Chinese:
    """Mandarin by pypinyin."""

    between = ""

    def __init__(self) -> None:
        """Raises MissingError where pypinyin is not installed."""
        try:
            from pypinyin import Style, lazy_pinyin
            from pypinyin.contrib.tone_convert import to_finals, to_initials
            from pypinyin.seg.mmseg import seg
        except ImportError as error:
            raise MissingError("speech.no_chinese") from error
        self._syllables = lambda word: lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True, errors="ignore")
        self._initial = lambda syllable: to_initials(syllable, strict=True)
        self._final = lambda syllable: to_finals(syllable, strict=True, v_to_u=True)
        self._cut = seg.cut

    def read(self, sentence: str) -> tuple[Reading, ...]:
        """The words of a sentence; Latin letters are not read."""
        readings: list[Reading] = []
        for clause in CLAUSE.findall(unicodedata.normalize("NFKC", without_pictures(sentence)).strip()):
            words = list(self._words(clause))
            if words:
                text, sound = words[-1]
                words[-1] = (text + clause[len(clause.rstrip(PAUSES + "、。")) :], sound + pause_after(clause))
            readings += [Reading(text, sound) for text, sound in words]
        return tuple(readings)

    def _words(self, clause: str) -> Iterator[tuple[str, str]]:
        years = {found.start() for found in YEAR.finditer(clause)}
        for found in PIECE.finditer(clause):
            text = found.group()
            if text[0].isdigit():
                yield text, self._sound(number(text, found.start() in years))
            elif "㐀" <= text[0] <= "鿿":
                yield from ((word, self._sound(word)) for word in self._cut(text))

    def _sound(self, word: str) -> str:
        return "".join(self.syllable(each) for each in self._syllables(word))

    def syllable(self, pinyin: str) -> str:
        """The phonemes of one syllable such as "hao3"."""
        tone = TONES.get(pinyin[-1:], "")
        letters = pinyin.rstrip("12345").replace("v", "ü")
        if letters in HUMMED:
            return HUMMED[letters] + tone
        initial = self._initial(pinyin)
        final = self._final(pinyin) or letters
        if final == "i" and initial in HISSES:
            return f"{INITIALS[initial]}ɨ{tone}"
        if final == "o" and not initial:
            return f"ɔ{tone}"
        before, after = FINALS.get(final, ("", ""))
        return f"{INITIALS.get(initial, '')}{before}{tone}{after}"


def number(text: str, is_year: bool) -> str:
    """Digits in Chinese words."""
    digits = text.rstrip("%")
    if is_year or (len(digits) > 1 and digits[0] == "0" and "." not in digits) or len(digits) > 12:
        return "".join(DIGITS[int(each)] for each in digits if each.isdigit())
    whole, _, part = digits.partition(".")
    words = counted(int(whole)) + ("点" + "".join(DIGITS[int(each)] for each in part) if part else "")
    return ("百分之" if text.endswith("%") else "") + words


def counted(value: int) -> str:
    """A whole number below 10^12 in Chinese words: 12005 is 一万二千零五."""
    for unit, name in ((10**8, "亿"), (10**4, "万")):
        if value >= unit:
            high, low = divmod(value, unit)
            return counted(high) + name + (("零" if low < unit // 10 else "") + counted(low) if low else "")
    text, skipped = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit:
            one_of_ten = unit == 10 and digit == 1 and not text
            text += ("零" if skipped else "") + ("" if one_of_ten else DIGITS[digit]) + name
        skipped = bool(text) and not digit
    return text or DIGITS[0]
