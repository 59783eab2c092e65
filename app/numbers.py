"""Numbers as the visitor's language writes them: `0.20 s` is `0,20 s` in German."""

from __future__ import annotations

from babel.numbers import get_decimal_symbol
from flask_babel import get_locale


def decimal_symbol() -> str:
    """The decimal point or comma of the visitor's language; a point where nobody asks."""
    locale = get_locale()
    return "." if locale is None else get_decimal_symbol(locale)
