"""Reads German, Spanish, French, Hindi, Italian and Portuguese by espeak-ng, a program of its own that has to be installed.

espeak-ng is under the GPL: it is started as a process, and never a part of this one. It gets the text by its standard input,
clause by clause, and gives the phonemes of the whole clause, some words joined; which phonemes are whose is found by pairing
them with those of each word alone.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from core.errors import MissingError
from speech.kokoro import known_phonemes
from speech.reading import PAUSES, STRESSES, Reading, pause_after, without_pictures
from speech.sentences import BEFORE_NAMES, EITHER

#: The languages that it reads here, and the names of its voices for them.
ESPEAK_VOICES = {"de": "de", "es": "es", "fr": "fr-fr", "hi": "hi", "it": "it", "pt-BR": "pt-br"}
PROGRAM = "espeak-ng"
TIMEOUT_S = 20.0
#: Joins the parts of one phoneme in what it writes.
TIE = "^"
#: Kokoro's own short forms, and signs that it lacks.
AS_KOKORO_WRITES = {
    "a^ɪ": "I", "a^ʊ": "W", "d^z": "ʣ", "d^ʒ": "ʤ", "e^ɪ": "A", "o^ʊ": "O", "ə^ʊ": "Q", "s^s": "S", "t^s": "ʦ", "t^ʃ": "ʧ",
    "p^f": "pf", "ɔ^ø": "Y",
    "ɔ^ɪ": "Y", "g": "ɡ", "ɫ": "l", "ɱ": "m", "ʏ": "y", "ɵ": "ə", "ɝ": "ɜɹ", "ʑ": "ʒ", "ʱ": "ʰ", "ɦ": "h", "ɭ": "l",
}  # fmt: skip
#: Weak vowels at German and Portuguese words' ends, for which it has signs of its own; heard better so
#: (`benchmarks.spoken_words`).
WEAK_VOWELS = {"de": str.maketrans({"ɜ": "ə"}), "pt-br": str.maketrans({"y": "i", "æ": "ɐ"})}
#: Coins as they are called in each language, where espeak-ng names one coin only.
COINS = {
    "es": {"$": "dólares", "€": "euros", "£": "libras", "₹": "rupias", "¥": "yenes"},
    "fr-fr": {"$": "dollars", "€": "euros", "£": "livres", "₹": "roupies", "¥": "yens"},
    "hi": {"$": "डॉलर", "€": "यूरो", "£": "पाउंड", "₹": "रुपये", "¥": "येन"},
    "it": {"$": "dollari", "€": "euro", "£": "sterline", "₹": "rupie", "¥": "yen"},
    "pt-br": {"$": "dólares", "€": "euros", "£": "libras", "₹": "rúpias", "¥": "ienes"},
}
#: Titles that it spells, or reads as they stand.
TITLES = {
    "es": {"Sr.": "señor", "Sra.": "señora", "Srta.": "señorita", "Dr.": "doctor", "Dra.": "doctora"},
    "fr-fr": {"M.": "monsieur", "Mme": "madame", "Mlle": "mademoiselle", "Dr": "docteur", "Me": "maître"},
    "it": {"Sig.": "signor", "Dott.": "dottor", "Prof.": "professor"},
    "pt-br": {"Sr.": "senhor", "Sra.": "senhora", "Dr.": "doutor", "Dra.": "doutora"},
}
#: A sum with its coin before or after it, or the coin alone.
MONEY = re.compile(r"([$€£₹¥]?)([\d.,\s]*)([$€£₹¥]?)")
#: "(en)word(es)": it read a word as one of another language.
LANGUAGE_SWITCH = re.compile(rf"\({re.escape(TIE)}?[a-z][a-z{re.escape(TIE)}-]*\)")
#: Would be read as phonemes, or as the beginning of an option.
NOT_TEXT = str.maketrans("[]\\<>", "     ")


class Espeak:
    """One language by espeak-ng."""

    between = " "

    def __init__(self, language: str) -> None:
        """language: one of `ESPEAK_VOICES`. Raises MissingError where espeak-ng is not installed."""
        if shutil.which(PROGRAM) is None:
            raise MissingError("speech.no_espeak", language=language)
        self._voice = ESPEAK_VOICES[language]

    def read(self, sentence: str) -> tuple[Reading, ...]:
        """The words of a sentence, in their order. Raises MissingError where espeak-ng fails."""
        readings: list[Reading] = []
        for clause in clauses(sentence):
            written = self.written([self._plain(text) for text in clause])
            words = [word for word, _ in written]
            sounds = by_words(phonemes_of(" ".join(words), self._voice), words, self._voice)
            sounds[-1] += pause_after(clause[-1])
            readings += [
                Reading(text, sound, unsure=not certain)
                for text, sound, (_, certain) in zip(clause, sounds, written, strict=True)
            ]
        return tuple(readings)

    def _plain(self, text: str) -> str:
        """A piece in words that espeak-ng reads as people do."""
        title = TITLES.get(self._voice, {}).get(text)
        return title or with_coins(plain(text), COINS.get(self._voice, {}))

    def written(self, words: Sequence[str]) -> list[tuple[str, bool]]:
        """What espeak-ng is given for each word, and whether that is certain."""
        return [(word, True) for word in words]


def clauses(sentence: str) -> Iterator[list[str]]:
    """The pieces of a sentence, up to each pause."""
    clause: list[str] = []
    for text in sentence.split():
        clause.append(text)
        if pause_after(text) and text.rstrip(".").lower() not in BEFORE_NAMES | EITHER:
            yield clause
            clause = []
    if clause:
        yield clause


def plain(text: str) -> str:
    """A piece without what is no part of its word."""
    return without_pictures(text).translate(NOT_TEXT).strip("\"'“”‘’«»()*_`¿¡-–— " + PAUSES).strip()


def with_coins(word: str, names: Mapping[str, str]) -> str:
    """A sum of money in the order in which it is said: $5 as "5 dólares"."""
    found = MONEY.fullmatch(word)
    if not found or not (found[1] or found[3]):
        return word
    return f"{found[2].strip()} {names.get(found[1] or found[3], '')}".strip()


@lru_cache(maxsize=4096)
def phonemes_of(text: str, voice: str) -> str:
    """What espeak-ng says, in Kokoro's symbols. Raises MissingError where it fails."""
    if not text:
        return ""
    command = [PROGRAM, "-q", "--ipa", f"--tie={TIE}", "-v", voice, "--stdin"]
    try:
        run = subprocess.run(command, input=text, capture_output=True, text=True, encoding="utf-8", timeout=TIMEOUT_S, check=True)
    except (OSError, subprocess.SubprocessError, UnicodeError) as error:
        raise MissingError("speech.espeak_failed", error=error) from error
    return as_kokoro_writes(" ".join(run.stdout.split()).translate(WEAK_VOWELS.get(voice, {})))


def as_kokoro_writes(ipa: str) -> str:
    """espeak-ng's signs in Kokoro's; what it does not know is left out."""
    text = LANGUAGE_SWITCH.sub("", ipa)
    for theirs, ours in sorted(AS_KOKORO_WRITES.items(), key=lambda pair: -len(pair[0])):
        text = text.replace(theirs, ours)
    known = known_phonemes()
    whole = "".join(each if each in known else unicodedata.normalize("NFD", each) for each in text)
    return " ".join("".join(each for each in whole if each in known and each not in PAUSES).split())


def by_words(spoken: str, words: Sequence[str], voice: str) -> list[str]:
    """The phonemes of a clause, each word's own."""
    parts = spoken.split()
    if len(parts) == sum(bool(word) for word in words):
        rest = iter(parts)
        return [next(rest) if word else "" for word in words]
    symbols, marks = bare(spoken)
    edges = paired(symbols, [bare(phonemes_of(word, voice))[0] for word in words])
    return [spoken[marks[begin] : marks[end]].strip() if begin < end else "" for begin, end in pairwise(edges)]


def bare(phonemes: str) -> tuple[str, list[int]]:
    """The symbols without blanks and stresses, and where each one, its stress with it, begins; the whole length as the last."""
    symbols, marks, begin = "", [], 0
    for place, each in enumerate(phonemes):
        if each in STRESSES or each == " ":
            continue
        symbols += each
        marks.append(begin)
        begin = place + 1
    return symbols, [*marks, len(phonemes)]


def paired(spoken: str, words: Sequence[str]) -> list[int]:
    """Where in `spoken` each of the words begins, and the end: by the fewest changes that turn the words into it."""
    alone = "".join(words)
    costs = [list(range(len(spoken) + 1))]
    for place, symbol in enumerate(alone):
        row = [place + 1]
        for other, heard in enumerate(spoken):
            row.append(min(costs[-1][other] + (symbol != heard), costs[-1][other + 1] + 1, row[other] + 1))
        costs.append(row)
    reached = [0] * (len(alone) + 1)
    place, other = len(alone), len(spoken)
    while place:
        reached[place] = other
        if other and costs[place][other] == costs[place - 1][other - 1] + (alone[place - 1] != spoken[other - 1]):
            place, other = place - 1, other - 1
        elif costs[place][other] == costs[place - 1][other] + 1:
            place -= 1
        else:
            other -= 1
    ends = [0]
    for word in words:
        ends.append(ends[-1] + len(word))
    edges = [reached[end] for end in ends]
    edges[0], edges[-1] = 0, len(spoken)
    return edges
