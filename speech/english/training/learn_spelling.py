"""Learns how English is spelt, for words that no dictionary has: which letter is spoken how, by the letters beside it.

    python -m speech.english.training.learn_spelling

Letters and phonemes of the dictionaries' words are paired by dynamic programming, the costs learned from the pairs themselves;
the pairs fill a tree of contexts, the next letters first: Daelemans and van den Bosch, "Language-independent data-oriented
grapheme-to-phoneme conversion", 1997 (IGTree). A twentieth of the words is held out, and says how good the tree is.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from speech.english.lexicon import VOWELS
from speech.english.spelling import CONTEXT, EDGE, Tree, tree_path, units_of, walked
from weights.fetch import ensure_all

Pair = tuple[str, tuple[str, ...]]
#: A letter is spoken by so many units at most: x by two.
MOST_UNITS = 2
ROUNDS, ALIGNED_WORDS, HELD_OUT = 6, 40_000, 20
#: What stands in a context fewer times than that is forgotten.
LEAST_COUNT = 2


def words_of(land: str) -> dict[str, str]:
    """Words of one land's dictionaries in lower case, with their phonemes."""
    checked, ruled = (
        json.loads(path.read_text(encoding="utf-8")) for path in ensure_all([f"misaki_{land}_gold", f"misaki_{land}_silver"])
    )
    told = ruled | {word: way if isinstance(way, str) else way["DEFAULT"] for word, way in checked.items() if way}
    return {
        word.lower(): way
        for word, way in told.items()
        if word.isascii() and word.isalpha() and len(word) > 2 and not word.isupper()
    }


def first_costs(letter: str, units: tuple[str, ...]) -> float:
    """What pairing them costs before anything is learned: vowels belong to vowels."""
    if not units:
        return 2.0
    vowel = letter in "aeiouy"
    return sum(1.0 if (unit.strip("ˈˌ")[:1] in VOWELS) == vowel else 4.0 for unit in units) + 1.5 * (len(units) - 1)


class Aligner:
    """Pairs letters with units at the least cost."""

    def __init__(self) -> None:
        self._costs: dict[Pair, float] | None = None

    def cost(self, letter: str, units: tuple[str, ...]) -> float:
        """The cost of a pair."""
        return first_costs(letter, units) if self._costs is None else self._costs.get((letter, units), 14.0)

    def pairs(self, word: str, units: Sequence[str]) -> list[Pair] | None:
        """The word's letters with their units; None where they can't be paired."""
        best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
        for place, letter in enumerate(word):
            row: dict[int, tuple[float, int]] = {}
            left = len(word) - place - 1
            for used, (cost, _) in best[-1].items():
                for count in range(MOST_UNITS + 1):
                    end = used + count
                    if end <= len(units) <= end + MOST_UNITS * left:
                        now = cost + self.cost(letter, tuple(units[used:end]))
                        if end not in row or now < row[end][0]:
                            row[end] = (now, used)
            best.append(row)
        if len(units) not in best[-1]:
            return None
        told, end = [], len(units)
        for place in reversed(range(len(word))):
            used = best[place + 1][end][1]
            told.append((word[place], tuple(units[used:end])))
            end = used
        return told[::-1]

    def learn(self, told: dict[str, str]) -> None:
        """Learn the costs from the pairs that the present ones make, several times."""
        for _ in range(ROUNDS):
            pairs = Counter(pair for word, way in told.items() for pair in self.pairs(word, units_of(way)) or ())
            letters: Counter[str] = Counter()
            for (letter, _), count in pairs.items():
                letters[letter] += count
            self._costs = {pair: -math.log(count / letters[pair[0]]) for pair, count in pairs.items()}


def grown(aligned: Sequence[Sequence[Pair]]) -> dict[str, Tree]:
    """A tree for every letter."""
    seen = defaultdict(list)
    for pairs in aligned:
        word = "".join(letter for letter, _ in pairs)
        for place, (letter, units) in enumerate(pairs):
            seen[letter].append((context(word, place), "".join(units)))
    return {letter: branch(rows, 0, None) for letter, rows in sorted(seen.items())}


def context(word: str, place: int) -> tuple[str, ...]:
    """The letters beside a letter in the order of their weight."""
    return tuple(word[place + step] if 0 <= place + step < len(word) else EDGE for step in CONTEXT)


def branch(rows: Sequence[tuple[tuple[str, ...], str]], depth: int, above: str | None) -> Tree:
    """What is spoken most in these rows, and the branches that speak otherwise."""
    counts = Counter(sound for _, sound in rows)
    most = max(sorted(counts), key=counts.__getitem__)
    if above is not None and counts[above] == counts[most]:
        most = above
    branches = {}
    if len(counts) > 1 and depth < len(CONTEXT):
        parts = defaultdict(list)
        for row in rows:
            parts[row[0][depth]].append(row)
        for letter, part in sorted(parts.items()):
            if len(part) >= LEAST_COUNT:
                child = branch(part, depth + 1, most)
                if child[1:] or child[0] != most:
                    branches[letter] = child
    return [most, branches] if branches else [most]


def right(trees: dict[str, Tree], held: dict[str, str]) -> tuple[float, float]:
    """Shares of held-out words that are spoken as the dictionary says: with their stresses, and without."""
    told = [(walked(trees, word), way) for word, way in held.items()]
    bare = str.maketrans("", "", "ˈˌ")
    return (
        sum(mine == way for mine, way in told) / len(told),
        sum(mine.translate(bare) == way.translate(bare) for mine, way in told) / len(told),
    )


def learned(land: str) -> dict[str, Tree]:
    """The trees of one land's English; prints how good they are."""
    told = words_of(land)
    names = sorted(told)
    random.Random(0).shuffle(names)
    aligner = Aligner()
    aligner.learn({name: told[name] for name in names[len(names) // HELD_OUT :][:ALIGNED_WORDS]})
    pairs = [aligned for name in names[len(names) // HELD_OUT :] if (aligned := aligner.pairs(name, units_of(told[name])))]
    trees = grown(pairs)
    whole, unstressed = right(trees, {name: told[name] for name in names[: len(names) // HELD_OUT]})
    print(
        f"{land}: {len(pairs)} words learned; of {len(names) // HELD_OUT} others right {whole:.1%}, stress aside {unstressed:.1%}"
    )
    return trees


def main() -> None:
    """Learn both lands' trees and write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=tree_path())
    asked = parser.parse_args()
    text = json.dumps({land: learned(land) for land in ("us", "gb")}, ensure_ascii=False, separators=(",", ":"))
    asked.out.write_bytes(gzip.compress(text.encode(), mtime=0))
    print(f"{asked.out}: {asked.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
