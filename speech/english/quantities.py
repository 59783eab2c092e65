"""Numbers with what belongs to them in English text: units, coins, shares, spans, telephones."""

from __future__ import annotations

import re
import unicodedata

from speech.english import numbers, tables
from speech.english.moments import below_hundred, is_year, may_be_year
from speech.english.piece import Piece

COIN = f"(?:US)?[{''.join(tables.COINS)}]"
NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+"
PLAIN = re.compile(rf"([-−–+~]?)({NUMBER})")
WITH_UNIT = re.compile(rf"([-−–+~]?)({NUMBER})(°?[A-Za-z/%]*[23]?)")
MONEY = re.compile(rf"([-−–+~]?)({COIN})({NUMBER})([A-Za-z]*)")
MONEY_AFTER = re.compile(rf"({NUMBER})({COIN})")
RANGE = re.compile(rf"((?:{COIN})?)({NUMBER})[-–—]({NUMBER})(.*)")
#: 1920x1080, 6'2", 10^6, $20/month, 2.0.1.
SIZE = re.compile(rf"({NUMBER})[x×]({NUMBER})(?:[x×]({NUMBER}))?([A-Za-z]*)")
FEET = re.compile(r"(\d+)'(?:(\d{1,2})\"?)?")
POWER = re.compile(rf"({NUMBER})\^(\d+)")
EACH = re.compile(r"(.*\d.*)/([a-z]+)")
VERSION = re.compile(r"v?(\d+(?:\.\d+){2,})")
FRACTION = re.compile(r"(\d{1,3})/(\d{1,3})")
SPECIAL_FRACTION = re.compile(r"(\d*)([½¼¾⅓⅔⅛])")
PHONE = re.compile(r"\+?\d{1,4}(?:[-.]\d{2,}){1,5}|\(?\d{3}\)?-\d{3}-\d{4}|\d+(?:-\d+){3,}")
LOCAL_PHONE = re.compile(r"\d{3}-\d{4}")
#: What a thing may be parted into; 9/11 is none.
PARTS = (*range(2, 11), 12, 16, 20, 32, 64, 100)
SIGN_WORDS = {"-": "minus", "−": "minus", "–": "minus", "+": "plus", "~": "about", "": ""}


def number(text: str, british: bool) -> list[str]:
    """A number as it is counted, with its decimals."""
    whole, _, part = text.replace(",", "").partition(".")
    return numbers.decimal(whole, part, british) if part else numbers.cardinal(whole, british)


def is_one(text: str) -> bool:
    """Whether one thing is counted."""
    return text.lstrip("0") == "1"


def coin(sign: str) -> list[str]:
    """The names of a coin, and of dollars whose they are."""
    one, several, *small = tables.COINS[sign[-1]]
    return [f"US {one}", f"US {several}", *small] if len(sign) > 1 else [one, several, *small]


def money(piece: Piece) -> list[str] | None:
    """$3.50, 5€, £3bn, $5-10, and what stands apart: "$3 million", "5 €"."""
    if (apart := _coins_apart(piece)) is not None:
        return apart
    if found := MONEY_AFTER.fullmatch(piece.core):
        whole, _, part = found[1].replace(",", "").partition(".")
        return _split(numbers.money(whole or "0", part, coin(found[2]), piece.british))
    if (ranged := RANGE.fullmatch(piece.core)) and ranged[1]:
        large = [] if piece.low_after in tables.LARGE_WORDS else [coin(ranged[1])[1]]
        return [*number(ranged[2], piece.british), "to", *number(ranged[3], piece.british), *large] if not ranged[4] else None
    found = MONEY.fullmatch(piece.core)
    if not found or (found[4] and found[4].lower() not in tables.LARGE):
        return None
    names, sign = coin(found[2]), SIGN_WORDS[found[1]]
    if found[4]:
        return _split([sign, *number(found[3], piece.british), tables.LARGE[found[4].lower()], names[1]])
    if piece.low_after in tables.LARGE_WORDS:
        return [sign, *number(found[3], piece.british)]
    whole, _, part = found[3].replace(",", "").partition(".")
    return _split([sign, *numbers.money(whole or "0", part, names, piece.british)])


def _split(words: list[str]) -> list[str]:
    return [each for word in words for each in word.split()]


def _coins_apart(piece: Piece) -> list[str] | None:
    """The coins of a sum whose number stands before them."""
    before = MONEY.fullmatch(piece.before)
    if before and piece.low in tables.LARGE_WORDS:
        return [tables.LARGE.get(piece.low, piece.low), *coin(before[2])[1].split()]
    counted = PLAIN.fullmatch(piece.before)
    if piece.core in tables.COINS:
        return [tables.COINS[piece.core][0 if counted and is_one(counted[2]) else 1]]
    return None


def span(piece: Piece) -> list[str] | None:
    """10-15 km, 1990-1995."""
    found = RANGE.fullmatch(piece.core)
    if not found or found[1] or "-" in found[4] or (len(found[2]) == 3 and len(found[3]) == 4):
        return None
    if found[4] and found[4].lower() not in tables.UNITS:
        return None
    years = all(may_be_year(each) for each in (found[2], found[3]))
    first, last = (numbers.year(each, piece.british) if years else number(each, piece.british) for each in (found[2], found[3]))
    return [*first, "to", *last, *unit(found[4], False)]


def unit(text: str, one: bool) -> list[str]:
    """A unit's name; none for an empty text."""
    return tables.UNITS[text.lower()][0 if one else 1].split() if text else []


def measured(piece: Piece) -> list[str] | None:
    """1920x1080, 6'2", 10^6, $20/month, version 2.0.1."""
    british = piece.british
    if (found := SIZE.fullmatch(piece.core)) and found[4].lower() in ("", *tables.UNITS):
        sides = [number(each, british) for each in found.groups()[:3] if each]
        return [*sides[0], *(word for side in sides[1:] for word in ("by", *side)), *unit(found[4], False)]
    if found := FEET.fullmatch(piece.core):
        return [*numbers.cardinal(found[1], british), "foot", *(numbers.cardinal(found[2], british) if found[2] else [])]
    if found := POWER.fullmatch(piece.core):
        return [*number(found[1], british), "to", "the", "power", "of", *number(found[2], british)]
    if found := VERSION.fullmatch(piece.core):
        parts = [numbers.cardinal(each, british) for each in found[1].split(".")]
        return [*parts[0], *(word for part in parts[1:] for word in ("point", *part))]
    found = EACH.fullmatch(piece.core)
    if found and (found[2] in tables.PER or found[2] in tables.UNITS) and piece.low not in tables.UNITS:
        alone = Piece(found[1], piece.before, "", False, british)
        words = money(alone) or counted(alone)
        return [*words, "per", *(tables.PER.get(found[2]) or tables.UNITS[found[2]][0]).split()] if words else None
    return None


def fraction(piece: Piece) -> list[str] | None:
    """3/4, 1½, 2 1/2; 9/11 and 50/50 as they are called."""
    if found := SPECIAL_FRACTION.fullmatch(piece.core):
        part = numbers.of_character(found[2], unicodedata.numeric(found[2]), piece.british)
        if not found[1]:
            return part
        return [*numbers.cardinal(found[1], piece.british), "and", *(["a"] if part[0] == "one" else part[:1]), *part[1:]]
    found = FRACTION.fullmatch(piece.core)
    if not found:
        return None
    over, under = int(found[1]), int(found[2])
    if not 0 < over < under or under not in PARTS:
        return [*numbers.cardinal(found[1], piece.british), *numbers.cardinal(found[2], piece.british)]
    mixed = ["and"] if piece.before.isdecimal() else []
    return [*mixed, *numbers.fraction(over, under, piece.british)]


def telephone(piece: Piece) -> list[str] | None:
    """555-0199, +1-555-123-4567, (555) 123-4567, an ISBN: digit by digit."""
    digits = sum(each.isdecimal() for each in piece.core)
    area = piece.core.isdecimal() and digits == 3 and LOCAL_PHONE.fullmatch(piece.after)
    if not area and (not PHONE.fullmatch(piece.core) or digits < 7):
        return None
    words: list[str] = ["plus"] if piece.core.startswith("+") else []
    for group in re.findall(r"\d+", piece.core):
        words += [*numbers.one_by_one(group), ","]
    return words[:-1]


def counted(piece: Piece) -> list[str] | None:
    """A number by itself or with its unit, in this piece or before it."""
    if apart := _unit_apart(piece):
        return apart
    found = WITH_UNIT.fullmatch(piece.core)
    if not found:
        return None
    sign, text, unit_text = SIGN_WORDS[found[1]], found[2], found[3].lower()
    if unit_text in tables.LARGE_AFTER_NUMBERS or found[3] == "M":
        return [sign, *number(text, piece.british), tables.LARGE[unit_text]]
    if unit_text:
        return [sign, *number(text, piece.british), *unit(unit_text, is_one(text))] if unit_text in tables.UNITS else None
    if may_be_year(text) and is_year(piece):
        return numbers.year(text, piece.british)
    if len(text) > 1 and text[0] == "0" and text.isdecimal():
        return numbers.one_by_one(text)
    if text.isdecimal() and len(text) == 4 and text.endswith("00") and text[1] != "0":
        return [sign, *numbers.cardinal(text[:2], piece.british), "hundred"]
    return [sign, *number(text, piece.british)]


def _unit_apart(piece: Piece) -> list[str] | None:
    """A unit that stands apart from its number; km/h also without one."""
    before, ranged = PLAIN.fullmatch(piece.before), RANGE.fullmatch(piece.before)
    apart = (before or ranged) and piece.low not in tables.ATTACHED_ONLY
    if piece.low not in tables.UNITS or not (apart or "/" in piece.core):
        return None
    return unit(piece.low, bool(before and is_one(before[2])))


def in_name(digits: str, british: bool) -> list[str]:
    """Digits among letters: MP3, COVID-19, B747, BA2490, GPT-4.5."""
    if "." in digits:
        return number(digits, british)
    if digits[0] == "0" or len(digits) > 4:
        return numbers.one_by_one(digits)
    if len(digits) == 3 and not digits.endswith("00"):
        return [numbers.DIGITS[int(digits[0])], *below_hundred(digits[1:])]
    return numbers.year(digits, british) if len(digits) == 4 else numbers.cardinal(digits, british)
