"""What a sentence is made of for the classifier of emotions: words, pairs and threes of them, and pieces of words, by number.

A word keeps what turns its meaning round: after "not", "never", "isn't" the next few words carry a mark, so that "not happy" and
"happy" have nothing in common but the pieces. Signs that tell a feeling (!, ?, ..., emoticons, emoji) are words too. A run of the
same letter counts as two ("sooo" is "soo"), and a word in capitals adds a sign of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise
from zlib import crc32

import numpy as np
import numpy.typing as npt

from core.contracts import FloatArray

#: The longest text that is read; the rest of a longer one does not change what it feels like.
MOST_CHARACTERS = 2000
#: Words after a negation that it turns round.
NEGATED_WORDS = 3
NEGATIONS = frozenset(
    ["not", "no", "never", "none", "nobody", "nothing", "neither", "nor", "cannot", "without", "hardly", "barely", "ain't"]
    + [f"{verb}n't" for verb in ("is", "are", "was", "were", "do", "does", "did", "wo", "would", "ca", "could", "should")]
    + [f"{verb}n't" for verb in ("have", "has", "had", "must", "need")]
)
#: What ends the reach of a negation.
CLAUSE_ENDS = frozenset([".", ",", ";", ":", "but", "!", "?", "because", "although", "however"])
#: Pieces of words have these lengths, with a blank before and after the word; they count less than words.
PIECE_LENGTHS = range(2, 6)
PIECE_WEIGHT = 0.7

_WORD = re.compile(r"\[name\]|\[religion\]|[^\W\d_]+(?:'[^\W\d_]+)*|\d+|[!?]+|\.{2,}|<3|[:;=][-']?[()\[\]dpo/\\|*3]|[^\w\s]")
_RUN = re.compile(r"(\w)\1{2,}")
_CAPITALS = re.compile(r"\b[A-Z]{3,}\b")
_APOSTROPHES = str.maketrans("’‘`´", "''''")


def words_of(text: str) -> list[str]:
    """The words and signs of a text, in small letters."""
    plain = text[:MOST_CHARACTERS].translate(_APOSTROPHES)
    words = [_RUN.sub(r"\1\1", word)[:40] for word in _WORD.findall(plain.lower())]
    return [*words, "CAPITALS"] if _CAPITALS.search(plain) else words


def with_negations(words: list[str], negations: Collection[str], ends: Collection[str]) -> Iterator[tuple[str, bool]]:
    """Each word, and whether a negation reaches it: the next `NEGATED_WORDS` after one, up to what ends its clause."""
    reach = 0
    for word in words:
        if word in ends or word[0] in "!?.":
            reach = 0
        yield word, reach > 0
        reach = NEGATED_WORDS if word in negations else max(0, reach - 1)


def marked(words: list[str]) -> list[str]:
    """The words, those that a negation reaches with its mark."""
    return [f"not:{word}" if negated else word for word, negated in with_negations(words, NEGATIONS, CLAUSE_ENDS)]


def _of_words(words: list[str]) -> Iterator[str]:
    yield from words
    yield from (f"{first} {second}" for first, second in pairwise(words))
    yield from (f"{a} {b} {c}" for a, b, c in zip(words, words[1:], words[2:], strict=False))


def _of_pieces(words: list[str]) -> Iterator[str]:
    for word in words:
        if word[0].isalpha():
            padded = f" {word} "
            for length in PIECE_LENGTHS:
                yield from (f"#{padded[k : k + length]}" for k in range(max(1, len(padded) - length + 1)))


def counts_of(text: str) -> tuple[Counter[int], Counter[int]]:
    """How often each feature stands in the text, by the CRC-32 of its name: those of words, and those of pieces."""
    words = words_of(text)
    return _numbered(_of_words(marked(words))), _numbered(_of_pieces(words))


def _numbered(names: Iterator[str]) -> Counter[int]:
    return Counter(crc32(name.encode(errors="replace")) for name in names)


@dataclass(frozen=True)
class Vocabulary:
    """The features that are known.

    names: (F,) uint32, ascending, see `counts_of`. rarity: (F,) float32, how rare each is (inverse document frequency).
    """

    names: npt.NDArray[np.uint32]
    rarity: FloatArray

    def features_of(self, text: str) -> tuple[npt.NDArray[np.intp], FloatArray]:
        """Rows (k,) and weights (k,) of the known features of a text; k may be 0.

        Words are brought to length one, pieces to `PIECE_WEIGHT`.
        """
        return self.weighted(*counts_of(text))

    def weighted(self, words: Counter[int], pieces: Counter[int]) -> tuple[npt.NDArray[np.intp], FloatArray]:
        """The same, of what `counts_of` tells."""
        rows, weights = [], []
        for counts, share in ((words, 1.0), (pieces, PIECE_WEIGHT)):
            names = np.fromiter(counts, dtype=np.uint32, count=len(counts))
            often = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
            row = np.minimum(np.searchsorted(self.names, names), len(self.names) - 1)
            known = self.names[row] == names
            weight = (1.0 + np.log(often[known])) * self.rarity[row[known]]
            length = float(np.sqrt(np.square(weight).sum()))
            rows.append(row[known])
            weights.append(share * weight / length if length else weight)
        return np.concatenate(rows), np.concatenate(weights).astype(np.float32)
