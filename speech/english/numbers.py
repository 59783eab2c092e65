"""Numbers in English words: cardinal and ordinal ones, years, times of day, dates, money, fractions.

Every function gives the words in a list, in lower case. British English has "and" after the hundreds.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from num2words import num2words

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
#: Beyond that a number is read digit by digit.
MOST_DIGITS = 27


def cardinal(digits: str, british: bool) -> list[str]:
    """digits: ASCII digits only."""
    if len(digits.lstrip("0")) > MOST_DIGITS:
        return one_by_one(digits)
    return _words(num2words(int(digits)), british)


def ordinal(digits: str, british: bool) -> list[str]:
    """Like `cardinal`: 21 is twenty first."""
    if len(digits.lstrip("0")) > MOST_DIGITS:
        return one_by_one(digits)
    return _words(num2words(int(digits), to="ordinal"), british)


def _words(text: str, british: bool) -> list[str]:
    words = text.replace(",", "").replace("-", " ").split()
    return [word for word in words if british or word != "and"]


def one_by_one(digits: str) -> list[str]:
    """Each digit by its name, for telephone numbers and codes."""
    return [DIGITS[int(digit)] for digit in digits]


def decimal(whole: str, part: str, british: bool) -> list[str]:
    """3.14 is three point one four."""
    return [*(cardinal(whole, british) if whole else ["zero"]), "point", *one_by_one(part)]


def year(digits: str, british: bool) -> list[str]:
    """Four digits as years are read: nineteen eighty four, nineteen oh five, nineteen hundred, two thousand five."""
    first, last = digits[:2], digits[2:]
    if (first[1] == "0" and last[0] == "0") or digits[1:] == "000":
        return cardinal(digits, british)
    if last == "00":
        return [*cardinal(first, british), "hundred"]
    return [*cardinal(first, british), *(["oh"] if last[0] == "0" else []), *cardinal(last, british)]


def decade(digits: str, british: bool) -> list[str]:
    """1980 or 80 before an s: nineteen eighties."""
    *before, last = year(digits, british) if len(digits) == 4 else cardinal(digits, british)
    return [*before, last[:-1] + "ies" if last.endswith("y") else last + "s"]


def time_of_day(hour: str, minute: str, half_follows: bool, british: bool) -> list[str]:
    """half_follows: whether "a.m." or "p.m." comes after it."""
    words = cardinal(hour, british)
    if minute != "00":
        return [*words, *(["oh"] if minute[0] == "0" else []), *cardinal(minute, british)]
    if half_follows:
        return words
    return [*words, "o'clock"] if 1 <= int(hour) <= 12 else [*words, "hundred"]


def date(day: int, month: int, year_digits: str, british: bool) -> list[str]:
    """A whole date, in the order of the land."""
    name, of_day = MONTHS[month - 1], ordinal(str(day), british)
    return [*(["the", *of_day, "of", name] if british else [name, *of_day]), *year(year_digits, british)]


def fraction(over: int, under: int, british: bool) -> list[str]:
    """1/2 is one half, 3/4 three quarters, 2/3 two thirds."""
    several = "" if over == 1 else "s"
    if under == 2:
        parts = ["half" if over == 1 else "halves"]
    elif under == 4:
        parts = ["quarter" + several]
    else:
        parts = ordinal(str(under), british)
        parts[-1] += several
    return [*cardinal(str(over), british), *parts]


def of_character(character: str, value: float, british: bool) -> list[str]:
    """A character that is a fraction by itself: ½."""
    exact = Fraction(value).limit_denominator(10)
    return fraction(exact.numerator, exact.denominator, british)


def money(whole: str, part: str, names: Sequence[str], british: bool) -> list[str]:
    """names: of one coin and several, of one small coin and several: 3.50 is three dollars and fifty cents."""
    one, several, one_small, several_small = names
    small = part.ljust(2, "0") if one_small and len(part) <= 2 else ""
    if part and not small:
        return [*decimal(whole, part, british), several]
    counted = bool(small.strip("0"))
    words = [*cardinal(whole, british), one if whole.lstrip("0") == "1" else several] if whole.strip("0") or not counted else []
    if counted:
        words += [*(["and"] if words else []), *cardinal(small, british), one_small if small == "01" else several_small]
    return words


def roman(letters: str) -> int:
    """The number that Roman letters write, 0 where they are none: XIV is 14."""
    values = {"I": 1, "V": 5, "X": 10, "L": 50}
    if not letters or any(letter not in values for letter in letters):
        return 0
    numbers = [values[letter] for letter in letters]
    total = sum(-this if this < following else this for this, following in zip(numbers, [*numbers[1:], 0], strict=True))
    return total if 0 < total < 50 and _as_roman(total) == letters else 0


def _as_roman(number: int) -> str:
    signs = ((40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
    text = ""
    for value, sign in signs:
        text += sign * (number // value)
        number %= value
    return text
