"""How a word is spoken that no dictionary has: letter by letter, by the letters beside each, as learned from the dictionaries.

The trees are our own (`speech.english.training.learn_spelling`), learned from misaki's dictionaries (hexgrad, Apache-2.0).
"""

from __future__ import annotations

import gzip
import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

#: What is spoken, and branches by the next letter of the context.
Tree = list[Any]
#: Where the letters of a context stand, from the letter; and what stands for those beyond the word's edges.
CONTEXT = (1, -1, 2, -2, 3, -3, 4, -4, 5)
EDGE = "_"
UNIT = re.compile(r"[ˈˌ]?.ː?")


def tree_path() -> Path:
    """The file of the trees."""
    return Path(__file__).resolve().parents[2] / "weights" / "trained" / "spelling.json.gz"


def units_of(phonemes: str) -> list[str]:
    """Phonemes one by one, with the stress before and the length after them."""
    return UNIT.findall(phonemes)


@cache
def _trees() -> dict[str, dict[str, Tree]]:
    trees: dict[str, dict[str, Tree]] = json.loads(gzip.decompress(tree_path().read_bytes()))
    return trees


def spoken(word: str, british: bool) -> str:
    """The phonemes of a word in letters; an empty text where it has none of a to z."""
    plain = "".join(each for each in unicodedata.normalize("NFD", word.lower()) if "a" <= each <= "z")
    return walked(_trees()["gb" if british else "us"], plain)


def walked(trees: dict[str, Tree], word: str) -> str:
    """The phonemes that the trees give, one of them stressed most."""
    units = []
    for place, letter in enumerate(word):
        tree = trees[letter]
        for step in CONTEXT:
            there = word[place + step] if 0 <= place + step < len(word) else EDGE
            if len(tree) < 2 or there not in tree[1]:
                break
            tree = tree[1][there]
        units.append(tree[0])
    return _stressed_once("".join(units))


def _stressed_once(phonemes: str) -> str:
    """With one main stress: the first that there is, else on the first lesser one, else on the first vowel that is not weak."""
    if "ˈ" in phonemes:
        first = phonemes.index("ˈ") + 1
        return phonemes[:first] + phonemes[first:].replace("ˈ", "ˌ")
    if "ˌ" in phonemes:
        return phonemes.replace("ˌ", "ˈ", 1)
    found = re.search("[AIOQWYaeiuæɑɒɔɛɜɪʊʌ]", phonemes) or re.search("[əɐᵻ]", phonemes)
    return phonemes if found is None else f"{phonemes[: found.start()]}ˈ{phonemes[found.start() :]}"
