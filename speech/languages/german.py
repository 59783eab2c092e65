"""Reads German by espeak-ng: numbers, times, money, dates and abbreviations in words first, as people say them.

No voice of Kokoro's is German; one of another language lends itself, with an accent. Which of its symbols come nearest to German
sounds was chosen by what Whisper understands (`benchmarks.spoken_words`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from num2words import num2words

from speech.languages.espeak import Espeak, by_words, phonemes_of, plain
from speech.reading import Reading, pause_after
from speech.sentences import GERMAN_MONTHS

#: Words after which an ordinal number ends in -n: am dritten Mai; and in -e: der dritte Mai.
BEFORE_N = frozenset(
    ["am", "vom", "zum", "beim", "im", "dem", "den", "des", "einem", "einen", "eines", "seit", "bis", "ab", "dieses", "diesem"]
)
BEFORE_E = frozenset(["der", "die", "das", "diese", "dieser", "dieses", "jede"])
#: As they stand in a text, without points and blanks in between.
ABBREVIATIONS = {
    "z.b.": "zum Beispiel", "d.h.": "das heißt", "u.a.": "unter anderem", "bzw.": "beziehungsweise", "usw.": "und so weiter",
    "ca.": "circa", "dr.": "Doktor", "prof.": "Professor", "hr.": "Herr", "fr.": "Frau", "nr.": "Nummer", "str.": "Straße",
    "st.": "Sankt",
    "evtl.": "eventuell", "ggf.": "gegebenenfalls", "inkl.": "inklusive", "sog.": "sogenannte", "etc.": "et cetera",
}  # fmt: skip
SIGNS = {"&": "und", "+": "plus", "=": "gleich", "%": "Prozent", "€": "Euro", "$": "Dollar", "£": "Pfund", "°C": "Grad Celsius"}
UNITS = {
    "km": "Kilometer", "cm": "Zentimeter", "mm": "Millimeter", "m": "Meter", "kg": "Kilogramm", "g": "Gramm", "l": "Liter",
    "h": "Stunden", "min": "Minuten", "s": "Sekunden", "Hz": "Hertz", "kHz": "Kilohertz", "km/h": "Kilometer pro Stunde",
    "Mio.": "Millionen", "Mrd.": "Milliarden", "EUR": "Euro", **SIGNS,
}  # fmt: skip
COINS = ("Euro", "Dollar", "Pfund")
CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
NUMBER = re.compile(r"[-−]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?")
ORDINAL = re.compile(r"\d{1,3}\.")
#: A number and what is written to it without a blank: 12%, 3,50€, 5kg, 10-15.
JOINED = re.compile(r"(?P<sign>[€$£]?)(?P<number>[-−]?\d[\d.,]*\d|\d)(?P<rest>\D*)")
RANGE = re.compile(r"(\d[\d.,]*)[-–](\d[\d.,]*)(.*)")
#: Marks around a word.
OPENING, CLOSING = "\"'„“‚‘»«([", "\"'“”‘’«»)].,;:!?…"


class German(Espeak):
    """Deutsch."""

    def __init__(self) -> None:
        """Raises MissingError where espeak-ng is not installed."""
        super().__init__("de")

    def read(self, sentence: str) -> tuple[Reading, ...]:
        """The words of a sentence, in their order. Raises MissingError where espeak-ng fails."""
        readings: list[Reading] = []
        for clause in spoken_clauses(sentence.split()):
            words = [plain(spoken) for _, spoken, _ in clause]
            sounds = by_words(phonemes_of(" ".join(filter(None, words)), self._voice), words, self._voice)
            readings += [Reading(text, sound + pause) for (text, _, pause), sound in zip(clause, sounds, strict=True)]
        return tuple(readings)


def spoken_clauses(texts: Sequence[str]) -> Iterator[list[tuple[str, str, str]]]:
    """Of each piece of a text: itself, how it is spoken, and the pause after it; up to each pause."""
    clause: list[tuple[str, str, str]] = []
    for piece in in_words(texts):
        clause.append(piece)
        if piece[2]:
            yield clause
            clause = []
    if clause:
        yield clause


def in_words(texts: Sequence[str]) -> list[tuple[str, str, str]]:
    """Each piece, how it is spoken (nothing where the piece before says it), and the pause after it."""
    pieces: list[tuple[str, str, str]] = []
    place = 0
    while place < len(texts):
        text, following = texts[place], texts[place + 1] if place + 1 < len(texts) else ""
        before = texts[place - 1].lower().strip(OPENING) if place else ""
        core = text.lstrip(OPENING)
        if (whole := abbreviation(core, following)) is not None:
            spoken, both = whole
            pieces.append((text, spoken, ""))
            place += 1
            if both:
                pieces.append((following, "", pause_after(following.partition(".")[2])))
                place += 1
            continue
        if ORDINAL.fullmatch(core) and following and (following.startswith(GERMAN_MONTHS) or before in BEFORE_N | BEFORE_E):
            pieces.append((text, ordinal(int(core[:-1]), before), ""))
            place += 1
            continue
        unit = following if following in UNITS else following.rstrip(CLOSING)
        spoken, takes = number_with(core.rstrip(CLOSING), unit)
        takes = takes and not pause_after(text)
        pieces.append((text, spoken, pause_after(text)))
        place += 1
        if takes:
            pieces.append((following, "", "" if following in UNITS else pause_after(following)))
            place += 1
    if pieces and not pieces[-1][2]:
        pieces[-1] = (*pieces[-1][:2], pause_after(texts[-1]))
    return pieces


def abbreviation(text: str, following: str) -> tuple[str, bool] | None:
    """What an abbreviation means, and whether it takes the next piece too, as in "z. B."; None for other words."""
    both = (text + following.rstrip(",;:!?")).lower()
    if len(text) == 2 and text.endswith(".") and both in ABBREVIATIONS:
        return ABBREVIATIONS[both], True
    found = ABBREVIATIONS.get(text.rstrip(",;:!?").lower())
    return (found, False) if found else None


def number_with(text: str, following: str) -> tuple[str, bool]:
    """How a piece is spoken, and whether it says the unit after it as well: "3,50 €" is "drei Euro fünfzig"."""
    unit = UNITS.get(following, following)
    if found := CLOCK.fullmatch(text):
        hour, minute = int(found[1]), int(found[2])
        minutes = f" {cardinal(minute)}" if minute else ""
        return f"{'ein' if hour == 1 else cardinal(hour)} Uhr{minutes}", following == "Uhr"
    if found := RANGE.fullmatch(text):
        last, takes = number_with(found[2] + found[3], following)
        return f"{number_words(found[1])} bis {last}", takes
    if NUMBER.fullmatch(text):
        if unit in COINS:
            return money(text, unit), True
        if following in UNITS and following != "&":
            return f"{one_of(number_words(text), unit)} {unit}", True
        return number_words(text), False
    found = JOINED.fullmatch(text)
    if found and (UNITS.get(found["rest"] or found["sign"]) is not None) and NUMBER.fullmatch(found["number"]):
        unit = UNITS[found["rest"] or found["sign"]]
        return (money(found["number"], unit) if unit in COINS else f"{one_of(number_words(found['number']), unit)} {unit}"), False
    return SIGNS.get(text, text), False


def one_of(words: str, unit: str) -> str:
    """eins Meter is ein Meter."""
    return "ein" if words == "eins" else words


def money(text: str, coin: str) -> str:
    """A sum as it is said."""
    whole, _, rest = text.partition(",")
    said = f"{one_of(number_words(whole), coin)} {coin}"
    return f"{said} {cardinal(int(rest))}" if len(rest) == 2 and int(rest) else said


def number_words(text: str) -> str:
    """A number in words: years up to 1999 by hundreds, what follows a comma digit by digit."""
    sign = "minus " if text[0] in "-−" else ""
    whole, comma, rest = text.lstrip("-−").partition(",")
    if "." not in whole and not comma and 1100 <= int(whole) <= 1999:
        return str(num2words(int(whole), lang="de", to="year"))
    if len(whole) > 1 and whole[0] == "0":
        return sign + " ".join(cardinal(int(digit)) for digit in whole)
    digits = " ".join(cardinal(int(digit)) for digit in rest)
    return sign + cardinal(int(whole.replace(".", ""))) + (f" Komma {digits}" if comma else "")


@cache
def cardinal(number: int) -> str:
    """eins, zwei, drei; what is too large to be said is read digit by digit."""
    if number >= 10**15:
        return " ".join(str(num2words(int(digit), lang="de")) for digit in str(number))
    return str(num2words(number, lang="de"))


def ordinal(number: int, before: str) -> str:
    """dritte, dritten or dritter, by the word before it."""
    word = str(num2words(number, lang="de", to="ordinal"))
    return word if before in BEFORE_E else f"{word}{'n' if before in BEFORE_N else 'r'}"
