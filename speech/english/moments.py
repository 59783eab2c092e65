"""Times of day, dates, years and ordinal numbers in English text."""

from __future__ import annotations

import re

from speech.english import numbers, tables
from speech.english.piece import Piece

TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?([ap]\.?m\.?)?", re.IGNORECASE)
TIME_WITH_DOT = re.compile(r"(\d{1,2})\.(\d{2})()([ap]\.?m\.?)?", re.IGNORECASE)
TIMES = re.compile(r"(\d{1,2}:\d{2})[-–—](\d{1,2}:\d{2})(.*)")
HOUR = re.compile(r"(\d{1,2})([ap])\.?m\.?")
SCORE = re.compile(r"(\d+):(\d+)")
ORDINAL = re.compile(r"(\d[\d,]*)(st|nd|rd|th)", re.IGNORECASE)
DECADE = re.compile(r"'?(\d{4}|\d0)'?s")
CLIPPED_YEAR = re.compile(r"'(\d\d)")
DATE = re.compile(r"(\d{1,2})([/.])(\d{1,2})\2(\d{4}|\d{2})")
ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
HALVES = ("am", "pm")


def time_of_day(piece: Piece) -> list[str] | None:
    """5:30, 17:45, 5.30pm, 9am, 9:00-17:00; the score 3:2."""
    if span := TIMES.fullmatch(piece.core):
        first, last = (time_of_day(Piece(each, "", piece.after, False, piece.british)) for each in (span[1], span[2] + span[3]))
        return [*first, "to", *last] if first and last else None
    found = TIME.fullmatch(piece.core) or TIME_WITH_DOT.fullmatch(piece.core)
    if found and ":" not in found[0] and not found[4] and piece.low_after not in HALVES:
        found = None
    if found and int(found[1]) < 25 and int(found[2]) < 60:
        half = found[4] or ""
        if found[3]:
            return [*numbers.cardinal(found[1], False), *below_hundred(found[2]), *below_hundred(found[3])]
        follows = bool(half) or piece.low_after in (*HALVES, "o'clock")
        words = numbers.time_of_day(found[1], found[2], follows, piece.british)
        return [*words, *([f"{half[0].upper()}.M."] if half else [])]
    if score := SCORE.fullmatch(piece.core):
        return [*numbers.cardinal(score[1], False), "to", *numbers.cardinal(score[2], False)]
    if hour := HOUR.fullmatch(piece.low):
        return [*numbers.cardinal(hour[1], False), f"{hour[2].upper()}.M."]
    return None


def below_hundred(digits: str) -> list[str]:
    """Two digits after others: 05 is oh five."""
    return [*(["oh"] if digits[0] == "0" else []), *numbers.cardinal(digits, False)]


def date(piece: Piece) -> list[str] | None:
    """2024-12-25, 12/25/2024 in the order of the land, 25.12.2024."""
    if found := ISO_DATE.fullmatch(piece.core):
        year, month, day = found[1], int(found[2]), int(found[3])
    elif (found := DATE.fullmatch(piece.core)) and (len(found[4]) == 4 or found[2] == "/"):
        first, second, year = int(found[1]), int(found[3]), found[4]
        day_first = piece.british or first > 12 or found[2] == "."
        day, month = (first, second) if day_first else (second, first)
        year = year if len(year) == 4 else ("20" if year < "50" else "19") + year
    else:
        return None
    return numbers.date(day, month, year, piece.british) if 1 <= month <= 12 and 1 <= day <= 31 else None


def ordinal(piece: Piece) -> list[str] | None:
    """21st, 1980s, '80s, '99; the day in "May 5" and "5 May"."""
    if found := ORDINAL.fullmatch(piece.core):
        return numbers.ordinal(found[1].replace(",", ""), piece.british)
    if found := DECADE.fullmatch(piece.core):
        return numbers.decade(found[1], piece.british)
    if found := CLIPPED_YEAR.fullmatch(piece.core):
        return numbers.cardinal(found[1], piece.british)
    day = piece.core.isdecimal() and 1 <= len(piece.core) <= 2 and 1 <= int(piece.core) <= 31
    if day and piece.low_before in tables.MONTHS:
        return numbers.ordinal(piece.core, piece.british)
    if day and piece.before_name and piece.low_after in tables.MONTHS:
        the = [] if piece.low_before == "the" else ["the"]
        return [*the, *numbers.ordinal(piece.core, piece.british), "of"]
    return None


def may_be_year(digits: str) -> bool:
    """Whether four digits may be a year."""
    return len(digits) == 4 and digits.isdecimal() and 1100 <= int(digits) < 2100


def is_year(piece: Piece) -> bool:
    """Whether what stands beside four digits lets them be a year: no unit, nothing counted."""
    after = piece.low_after
    counted = after.endswith("s") and after not in tables.NO_PLURALS and len(after) > 2
    return piece.low_before in tables.BEFORE_YEARS or piece.before.isdecimal() or not (counted or after in tables.UNITS)
