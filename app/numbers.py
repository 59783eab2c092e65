"""Numbers in sentences as the visitor's language writes them: `0.20 s` is `0,20 s` in German."""

from __future__ import annotations

import re

from babel.numbers import get_decimal_symbol
from flask_babel import get_locale

#: A number with a decimal point, and not part of a word, a version or an address.
_WITH_POINT = re.compile(r"(?<![\w.])(\d+)\.(\d+)(?!\.?\w)")


def decimal_symbol() -> str:
    """The decimal point or comma of the visitor's language; a point where nobody asks."""
    locale = get_locale()
    return "." if locale is None else get_decimal_symbol(locale)


def own_numbers(text: str) -> str:
    """The text with its decimal numbers as the visitor's language writes them, every digit kept.

    Not for what persons have written, such as titles.
    """
    return _WITH_POINT.sub(rf"\g<1>{decimal_symbol()}\g<2>", text)
