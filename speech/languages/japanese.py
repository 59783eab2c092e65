"""Reads Japanese: kana by their own sounds, anything else by pyopenjtalk-plus (MIT; 350 MB in all) where that is there.

Moras are written as Kokoro learned them: Hepburn's sounds in IPA, ʔ for a doubled consonant, ɴ for the nasal.
"""

from __future__ import annotations

import importlib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.errors import MissingError
from speech.reading import PAUSES, SAME_PAUSE, Reading, pause_after, without_pictures

#: The sounds of the rows of kana, in the order a, i, u, e, o.
ROWS = {
    "アイウエオ": "a i ɯ e o",
    "ァィゥェォ": "a i ɯ e o",
    "カキクケコ": "ka kʲi kɯ ke ko",
    "ガギグゲゴ": "ɡa ɡʲi ɡɯ ɡe ɡo",
    "サシスセソ": "sa ɕi sɨ se so",
    "ザジズゼゾ": "ʣa ʥi zɨ ʣe ʣo",
    "タチツテト": "ta ʨi ʦɨ te to",
    "ダヂヅデド": "da ʥi zɨ de do",
    "ナニヌネノ": "na ɲi nɯ ne no",
    "ハヒフヘホ": "ha çi ɸɯ he ho",
    "バビブベボ": "ba bʲi bɯ be bo",
    "パピプペポ": "pa pʲi pɯ pe po",
    "マミムメモ": "ma mʲi mɯ me mo",
    "ラリルレロ": "ɾa ɾʲi ɾɯ ɾe ɾo",
    "ヤユヨャュョ": "ja jɯ jo ja jɯ jo",
    "ワヮヰヱヲヴ": "βa βa i e o vɯ",
    "ッンー": "ʔ ɴ ː",
}
MORAS = {kana: sound for row, sounds in ROWS.items() for kana, sound in zip(row, sounds.split(), strict=True)}
SMALL_Y, SMALL_VOWELS = {"ャ": "a", "ュ": "ɨ", "ョ": "o"}, {"ァ": "a", "ィ": "i", "ゥ": "ɯ", "ェ": "e", "ォ": "o"}
#: What is left of a mora before a small vowel.
BEFORE_SMALL = {
    "フ": "ɸ", "ヴ": "v", "ク": "kᵝ", "グ": "ɡᵝ", "ツ": "ʦ", "ウ": "β", "テ": "tʲ", "デ": "dʲ", "ト": "t", "ド": "d",
    "シ": "ɕ", "ジ": "ʥ", "チ": "ʨ", "ス": "s", "ズ": "z", "イ": "j",
}  # fmt: skip
HIRAGANA, TO_KATAKANA = range(0x3041, 0x3097), 0x60
CLAUSE = re.compile(r"[^、。，．！？!?,.…；：;:]*[、。，．！？!?,.…；：;:]*")
#: Joined to the verb before them.
AUXILIARY, VERBS = "助動詞", ("動詞", "助動詞")
#: Spoken otherwise than they are written; told apart only where they are whole.
GREETINGS = {"コンニチハ": "コンニチワ", "コンバンハ": "コンバンワ", "デハ": "デワ"}


class Japanese:
    """Japanese by kana, or by pyopenjtalk-plus."""

    between = ""

    def read(self, sentence: str) -> tuple[Reading, ...]:
        """The words of a sentence. Raises MissingError where it has more than kana and pyopenjtalk-plus is not installed."""
        readings: list[Reading] = []
        for clause in CLAUSE.findall(unicodedata.normalize("NFKC", without_pictures(sentence)).strip()):
            mark = "".join(SAME_PAUSE.get(each, each) for each in clause)
            words = clause.rstrip("".join(PAUSES) + "、。")
            told = [*self._words(words)] if words.strip() else []
            if told:
                text, sound = told[-1]
                told[-1] = (text + clause[len(words) :], sound + pause_after(mark))
            readings += [Reading(text, sound) for text, sound in told]
        return tuple(readings)

    def _words(self, clause: str) -> Iterator[tuple[str, str]]:
        openjtalk = package()
        if openjtalk is not None:
            yield from words_of(clause, openjtalk.run_frontend(clause))
            return
        for word in clause.split():
            if not is_kana(word):
                raise MissingError("speech.no_japanese")
            yield word, sounds(long_vowels(as_spoken(katakana(word))))


def package() -> Any:
    """pyopenjtalk, or None where it is not installed."""
    try:
        return importlib.import_module("pyopenjtalk")
    except ImportError:
        return None


def words_of(clause: str, nodes: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """The words that were found, each with its own piece of the clause: digits were written out in them."""
    words: list[tuple[str, str]] = []
    before = ""
    for node in nodes:
        sound = sounds(str(node["pron"]))
        if words and node["pos"] == AUXILIARY and before in VERBS:
            words[-1] = (words[-1][0] + node["string"], words[-1][1] + sound)
        else:
            words.append((node["string"], sound))
        before = node["pos"]
    yield from in_clause(clause, words)


def in_clause(clause: str, words: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The same sounds with the clause's own pieces; words that it has otherwise, as "25", share what is between the others."""
    pieces: list[tuple[int, str]] = []
    at, found_before = 0, False
    for text, sound in words:
        place = clause.find(text, at)
        if place >= 0:
            pieces.append((place, sound))
            at = place + len(text)
        elif pieces and not found_before:
            pieces[-1] = (pieces[-1][0], f"{pieces[-1][1]} {sound}")
        else:
            pieces.append((at, sound))
        found_before = place >= 0
    ends = [place for place, _ in pieces[1:]] + [len(clause)]
    for (place, sound), end in zip(pieces, ends, strict=True):
        yield clause[place:end].strip(), sound


def is_kana(text: str) -> bool:
    """Whether a text is written in kana alone."""
    return all(each in MORAS or each in "・’'" for each in katakana(text))


def katakana(text: str) -> str:
    """Hiragana as katakana."""
    return "".join(chr(ord(each) + TO_KATAKANA) if ord(each) in HIRAGANA else each for each in text)


def as_spoken(kana: str) -> str:
    """A particle at a word's end as it is spoken: は as わ, へ as え."""
    if kana in GREETINGS:
        return GREETINGS[kana]
    return (
        kana[:-1] + {"ハ": "ワ", "ヘ": "エ"}.get(kana[-1], kana[-1])
        if len(kana) > 1
        else {"ハ": "ワ", "ヘ": "エ"}.get(kana, kana)
    )


def long_vowels(kana: str) -> str:
    """Written-out long vowels by their mark: オウ as オー, エイ as エー."""
    text = ""
    for each in kana:
        vowel = MORAS.get(text[-1:], "")[-1:]
        same = (each == "ウ" and vowel in ("o", "ɯ", "ɨ")) or (each == "イ" and vowel == "e")
        text += "ー" if same else each
    return text


def sounds(kana: str) -> str:
    """The phonemes of katakana; what is none is left out."""
    told: list[str] = []
    before = ""
    for each in kana:
        sound = MORAS.get(each)
        if sound is None:
            continue
        if each in SMALL_Y and told and told[-1].endswith("i"):
            told[-1] = told[-1][:-1] + SMALL_Y[each]
        elif each in SMALL_VOWELS and before in BEFORE_SMALL:
            told[-1] = BEFORE_SMALL[before] + SMALL_VOWELS[each]
        elif each != "ー" or told:
            told.append(sound)
        before = each
    return "".join(told)
