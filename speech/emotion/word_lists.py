"""The lists of `words.toml`, read once: what tags mean, and German words that tell a feeling."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

_TABLES = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))
#: Emotions of Ekman's by the word between asterisks.
TAGS: Mapping[str, str] = MappingProxyType({word: emotion for emotion, words in _TABLES["tags"].items() for word in words})
#: Emotions by the German word as a whole, and by the beginning of one.
GERMAN_WORDS: Mapping[str, str] = MappingProxyType(
    {word: emotion for emotion, words in _TABLES["german"].items() for word in words if not word.endswith("-")}
)
GERMAN_STEMS: Mapping[str, str] = MappingProxyType(
    {word[:-1]: emotion for emotion, words in _TABLES["german"].items() for word in words if word.endswith("-")}
)
GERMAN_NEGATIONS = frozenset(_TABLES["german_negation"]["negations"])
GERMAN_ENDS = frozenset(_TABLES["german_negation"]["ends"])
