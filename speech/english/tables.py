"""What short forms in English texts stand for, and words that tell how others are spoken: `tables.toml`, as it is used."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

_TABLES: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
TITLES: dict[str, str] = _TABLES["titles"]
DOTTED: dict[str, str] = _TABLES["dotted"]
ALWAYS: dict[str, str] = _TABLES["always"]
BEFORE_NUMBERS: dict[str, str] = _TABLES["before_numbers"]
SIGNS: dict[str, str] = _TABLES["signs"]
PER: dict[str, str] = _TABLES["per"]
SOUNDS: dict[str, str] = _TABLES["sounds"]
LARGE: dict[str, str] = _TABLES["large"]
#: One and several.
UNITS: dict[str, list[str]] = _TABLES["units"]
#: One coin, several, one small coin, several.
COINS: dict[str, list[str]] = _TABLES["coins"]


def words(name: str) -> frozenset[str]:
    """A list of words by its name."""
    return frozenset(_TABLES["words"][name].split())


MONTHS = words("months")
BEFORE_YEARS = words("before_years") | MONTHS
NO_PLURALS = words("no_plurals")
NUMBERED = words("numbered")
RULERS = words("rulers")
TOP_DOMAINS = words("top_domains")
LARGE_WORDS = words("large_words")
LARGE_AFTER_NUMBERS = frozenset(("k", "mn", "bn", "tn"))
ALSO_WORDS = words("also_words")
ATTACHED_ONLY = words("attached_only")
