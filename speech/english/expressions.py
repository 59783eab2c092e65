"""What a piece of English text is read as: numbers with what belongs to them, abbreviations, links, words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from speech.english import numbers, tables

NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+"
PLAIN = re.compile(rf"([-−–+~]?)({NUMBER})")
WITH_UNIT = re.compile(rf"([-−–+~]?)({NUMBER})(°?[A-Za-z/%]*[23]?)")
MONEY = re.compile(rf"([-−–+~]?)([{''.join(tables.COINS)}])({NUMBER})([A-Za-z]*)")
MONEY_AFTER = re.compile(rf"({NUMBER})([{''.join(tables.COINS)}])")
TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?([ap]\.?m\.?)?", re.IGNORECASE)
TIME_WITH_DOT = re.compile(r"(\d{1,2})\.(\d{2})()([ap]\.?m\.?)?", re.IGNORECASE)
SCORE = re.compile(r"(\d+):(\d+)")
ORDINAL = re.compile(r"(\d[\d,]*)(st|nd|rd|th)", re.IGNORECASE)
DECADE = re.compile(r"'?(\d{4}|\d0)'?s")
CLIPPED_YEAR = re.compile(r"'(\d\d)")
RANGE = re.compile(rf"([{''.join(tables.COINS)}]?)({NUMBER})[-–—]({NUMBER})(.*)")
FRACTION = re.compile(r"(\d{1,3})/(\d{1,3})")
SPECIAL_FRACTION = re.compile(r"(\d*)([½¼¾⅓⅔⅛])")
DATE = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
PHONE = re.compile(r"\+?\d{1,4}(?:[-.]\d{2,}){1,5}|\(?\d{3}\)?-\d{3}-\d{4}")
LINK = re.compile(r"(?:https?://)?(?:[\w.+-]+@)?[\w-]+(?:\.[\w-]+)*\.([a-z]{2,4})(?:[/?#:]\S*)?", re.IGNORECASE)
LETTERS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")
RUNS = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+(?:'[^\W\d_]+)*|[^\w\s]|_")
IN_LINKS = {
    ".": "dot", "/": "slash", "@": "at", "-": "dash", "_": "underscore", ":": "colon", "?": "question mark", "=": "equals",
    "#": "hash", "&": "and", "+": "plus", "%": "percent", "~": "tilde",
}  # fmt: skip
SIGN_WORDS = {"-": "minus", "−": "minus", "–": "minus", "+": "plus", "~": "about", "": ""}


@dataclass(frozen=True)
class Piece:
    """A piece without its punctuation, in its place: what stands before and after it, in lower case."""

    core: str
    before: str
    after: str
    dotted: bool
    british: bool
    raw_after: str = ""

    @property
    def low(self) -> str:
        return self.core.lower()


def words_of(core: str, dotted: bool, cores: Sequence[str], place: int, british: bool) -> tuple[list[str], bool]:
    """The words of a piece, and whether a full stop after it belongs to it and is no pause.

    dotted: whether one follows. cores: all pieces of the sentence without their punctuation, this one at `place`.
    """
    before = cores[place - 1].lower() if place else ""
    after = cores[place + 1] if place + 1 < len(cores) else ""
    piece = Piece(core, before, after.lower(), dotted, british, after)
    if not core:
        return [], False
    if (short := _abbreviation(piece)) is not None:
        return short.split(), dotted
    for rule in (_link, _money, _time, _date, _ordinal, _range, _fraction, _telephone, _counted, _roman):
        words = rule(piece)
        if words is not None:
            return [word for word in words if word], False
    return _mixed(core, british), False


def _abbreviation(piece: Piece) -> str | None:
    low, numbered = piece.low, piece.raw_after[:1].isdigit()
    if low in tables.SIGNS:
        return tables.SIGNS[low]
    if low in tables.ALWAYS:
        return tables.ALWAYS[low]
    if low == "st" and piece.dotted:
        return "saint" if piece.raw_after[:1].isupper() and piece.before not in ("main", "wall") else "street"
    if numbered and low in tables.BEFORE_NUMBERS and (piece.dotted or low == "pp"):
        return tables.BEFORE_NUMBERS[low]
    if low in tables.TITLES and piece.core[0].isupper() and piece.raw_after[:1].isupper():
        return tables.TITLES[low]
    if low == "dr" and piece.dotted:
        return "drive"
    if piece.dotted and low in tables.DOTTED and (low not in ("no", "sun", "sat", "mar", "art", "max", "fig", "min", "co")):
        return tables.DOTTED[low]
    if LETTERS.fullmatch(piece.core):
        return "".join(f"{letter.upper()}." for letter in piece.core.split("."))
    return None


def _link(piece: Piece) -> list[str] | None:
    found = LINK.fullmatch(piece.core)
    if not found or (found[1].lower() not in tables.TOP_DOMAINS and "://" not in piece.core and "@" not in piece.core):
        return None
    words = []
    for run in re.findall(r"\d+|[^\W\d_]+|[^\w\s]|_", re.sub(r"^https?://|/$", "", piece.core)):
        if run.isdigit():
            words += numbers.cardinal(run, False) if len(run) < 3 else numbers.one_by_one(run)
        elif run in IN_LINKS:
            words += IN_LINKS[run].split()
        elif run[0].isalpha():
            words += [run] if run.lower() != "www" else ["W.W.W."]
    return words


def _number(text: str, british: bool) -> list[str]:
    """A number as it is counted, with its decimals."""
    whole, _, part = text.replace(",", "").partition(".")
    return numbers.decimal(whole, part, british) if part else numbers.cardinal(whole, british)


def _is_one(text: str) -> bool:
    return text.lstrip("0") == "1"


def _money(piece: Piece) -> list[str] | None:
    if found := MONEY_AFTER.fullmatch(piece.core):
        whole, _, part = found[1].replace(",", "").partition(".")
        return numbers.money(whole or "0", part, tables.COINS[found[2]], piece.british)
    if ranged := RANGE.fullmatch(piece.core):
        if not ranged[1] or ranged[4]:
            return None
        several = tables.COINS[ranged[1]][1]
        large = [] if piece.after in tables.LARGE_WORDS else [several]
        return [*_number(ranged[2], piece.british), "to", *_number(ranged[3], piece.british), *large]
    found = MONEY.fullmatch(piece.core)
    if not found or (found[4] and found[4].lower() not in tables.LARGE):
        return None
    names, sign = tables.COINS[found[2]], SIGN_WORDS[found[1]]
    if found[4]:
        return [sign, *_number(found[3], piece.british), tables.LARGE[found[4].lower()], names[1]]
    if piece.after in tables.LARGE_WORDS:  # "$3 million": the coins come after it
        return [sign, *_number(found[3], piece.british)]
    whole, _, part = found[3].replace(",", "").partition(".")
    return [sign, *numbers.money(whole or "0", part, names, piece.british)]


def _time(piece: Piece) -> list[str] | None:
    found = TIME.fullmatch(piece.core) or TIME_WITH_DOT.fullmatch(piece.core)
    if found and "." in found[0][:3] and not found[4] and piece.after.replace(".", "") not in ("am", "pm"):
        found = None
    if found and int(found[1]) < 25 and int(found[2]) < 60:
        half = found[4] or ""
        if found[3]:
            return [*numbers.cardinal(found[1], False), *_below_hour(found[2]), *_below_hour(found[3])]
        follows = bool(half) or piece.after.replace(".", "") in ("am", "pm", "o'clock")
        words = numbers.time_of_day(found[1], found[2], follows, piece.british)
        return [*words, *([f"{half[0].upper()}.M."] if half else [])]
    if score := SCORE.fullmatch(piece.core):
        return [*numbers.cardinal(score[1], False), "to", *numbers.cardinal(score[2], False)]
    if half_only := re.fullmatch(r"(\d{1,2})([ap])\.?m\.?", piece.low):
        return [*numbers.cardinal(half_only[1], False), f"{half_only[2].upper()}.M."]
    return None


def _below_hour(digits: str) -> list[str]:
    return [*(["oh"] if digits[0] == "0" else []), *numbers.cardinal(digits, False)]


def _date(piece: Piece) -> list[str] | None:
    if found := ISO_DATE.fullmatch(piece.core):
        year, month, day = found[1], int(found[2]), int(found[3])
    elif found := DATE.fullmatch(piece.core):
        first, second, year = int(found[1]), int(found[2]), found[3]
        day_first = piece.british or first > 12
        day, month = (first, second) if day_first else (second, first)
    else:
        return None
    return numbers.date(day, month, year, piece.british) if 1 <= month <= 12 and 1 <= day <= 31 else None


def _ordinal(piece: Piece) -> list[str] | None:
    if found := ORDINAL.fullmatch(piece.core):
        return numbers.ordinal(found[1].replace(",", ""), piece.british)
    if found := DECADE.fullmatch(piece.core):
        return numbers.decade(found[1], piece.british)
    if found := CLIPPED_YEAR.fullmatch(piece.core):
        return numbers.cardinal(found[1], piece.british)
    day = piece.core.isdecimal() and 1 <= len(piece.core) <= 2 and 1 <= int(piece.core) <= 31
    if day and piece.before.rstrip(".") in tables.MONTHS:
        return numbers.ordinal(piece.core, piece.british)
    if day and piece.raw_after[:1].isupper() and piece.after in tables.MONTHS:
        the = [] if piece.before == "the" else ["the"]
        return [*the, *numbers.ordinal(piece.core, piece.british), "of"]
    return None


def _range(piece: Piece) -> list[str] | None:
    found = RANGE.fullmatch(piece.core)
    if not found or found[1] or "-" in found[4] or (len(found[2]) == 3 and len(found[3]) == 4):
        return None
    if found[4] and found[4].lower() not in tables.UNITS:
        return None
    years = all(_may_be_year(each) for each in (found[2], found[3]))
    first, last = (numbers.year(each, piece.british) if years else _number(each, piece.british) for each in (found[2], found[3]))
    return [*first, "to", *last, *_unit(found[4], False)]


def _unit(text: str, one: bool) -> list[str]:
    return tables.UNITS[text.lower()][0 if one else 1].split() if text else []


def _may_be_year(digits: str) -> bool:
    return len(digits) == 4 and digits.isdecimal() and 1100 <= int(digits) < 2100


def _fraction(piece: Piece) -> list[str] | None:
    if found := SPECIAL_FRACTION.fullmatch(piece.core):
        part = numbers.of_character(found[2], unicodedata.numeric(found[2]), piece.british)
        return (
            [*numbers.cardinal(found[1], piece.british), "and", *(["a"] if part[0] == "one" else part[:1]), *part[1:]]
            if found[1]
            else part
        )
    found = FRACTION.fullmatch(piece.core)
    if not found:
        return None
    over, under = int(found[1]), int(found[2])
    if not 0 < over < under <= 100:
        return [*numbers.cardinal(found[1], piece.british), "over", *numbers.cardinal(found[2], piece.british)]
    mixed = ["and"] if piece.before.isdecimal() else []
    return [*mixed, *numbers.fraction(over, under, piece.british)]


def _telephone(piece: Piece) -> list[str] | None:
    if not PHONE.fullmatch(piece.core) or sum(each.isdecimal() for each in piece.core) < 7:
        return None
    words: list[str] = ["plus"] if piece.core.startswith("+") else []
    for group in re.findall(r"\d+", piece.core):
        words += [*numbers.one_by_one(group), ","]
    return words[:-1]


def _counted(piece: Piece) -> list[str] | None:
    """A number by itself or with its unit, in this piece or before it."""
    if unit := _unit_apart(piece):
        return unit
    found = WITH_UNIT.fullmatch(piece.core)
    if not found:
        return None
    sign, text, unit_text = SIGN_WORDS[found[1]], found[2], found[3].lower()
    if unit_text in tables.LARGE_AFTER_NUMBERS or found[3] == "M":
        return [sign, *_number(text, piece.british), tables.LARGE[unit_text]]
    if unit_text:
        if unit_text not in tables.UNITS:
            return None
        return [sign, *_number(text, piece.british), *_unit(unit_text, _is_one(text))]
    if _may_be_year(text) and _is_year(piece):
        return numbers.year(text, piece.british)
    if len(text) > 1 and text[0] == "0" and text.isdecimal():
        return numbers.one_by_one(text)
    if text.isdecimal() and len(text) == 4 and text.endswith("00") and text[1] != "0":
        return [sign, *numbers.cardinal(text[:2], piece.british), "hundred"]
    return [sign, *_number(text, piece.british)]


def _is_year(piece: Piece) -> bool:
    counted = piece.after.endswith("s") and piece.after not in tables.NO_PLURALS and len(piece.after) > 2
    return piece.before in tables.BEFORE_YEARS or piece.before.isdecimal() or not (counted or piece.after in tables.UNITS)


def _unit_apart(piece: Piece) -> list[str] | None:
    """A unit that stands apart from its number, or the coins of "$3 million"."""
    if money := MONEY.fullmatch(piece.before):
        large = tables.LARGE.get(piece.low, piece.low)
        return [large, tables.COINS[money[2]][1]] if piece.low in tables.LARGE_WORDS else None
    number, ranged = PLAIN.fullmatch(piece.before), RANGE.fullmatch(piece.before)
    if not (number or ranged) or piece.low not in tables.UNITS or piece.low in tables.ATTACHED_ONLY:
        return None
    return _unit(piece.low, bool(number and _is_one(number[2])))


def _roman(piece: Piece) -> list[str] | None:
    """A Roman number after a word that is numbered, or after a ruler's name."""
    value = numbers.roman(piece.core)
    if value and piece.before in tables.NUMBERED:
        return numbers.cardinal(str(value), piece.british)
    if value and len(piece.core) > 1 and piece.before in tables.RULERS:
        return ["the", *numbers.ordinal(str(value), piece.british)]
    return None


def _mixed(core: str, british: bool) -> list[str]:
    """A word, words with hyphens, or letters and digits in one."""
    words: list[str] = []
    if core.startswith("#") and core[1:2].isalpha():
        words, core = ["hashtag"], core[1:]
    elif core.startswith("@") and len(core) > 1:
        words, core = ["at"], core[1:]
    for run in RUNS.findall(core):
        if run[0].isdigit():
            words += _digits_in_name(run, british)
        elif run[0].isalpha():
            words.append(run)
        elif run in tables.SIGNS and run not in "*/_":
            words += tables.SIGNS[run].split()
    return words


def _digits_in_name(run: str, british: bool) -> list[str]:
    """Digits among letters: MP3, COVID-19, B747, GPT-4.5."""
    if "." in run:
        return _number(run, british)
    if run[0] == "0" or len(run) > 4:
        return numbers.one_by_one(run)
    if len(run) == 3 and not run.endswith("00"):
        return [numbers.DIGITS[int(run[0])], *_below_hour(run[1:])]
    return numbers.year(run, british) if _may_be_year(run) else numbers.cardinal(run, british)
