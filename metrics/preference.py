"""A page on which people say which of two films they prefer, and what their answers mean.

`python -m metrics.preference page pairs.json out.html` writes one HTML page that needs no other file but the films. It shows them
side by side, in an order and on sides drawn by chance, hidden controls among them, and saves the answers as a file.
`python -m metrics.preference count pairs.json answers.json ...` counts such files and says what is beyond chance.

pairs.json: a list of {"name", "first", "second", "control", "question"}: two films' addresses, relative to the page, and, for a
pair whose answer is known, which of them is plainly better ("first"); null elsewhere. question: what is asked of this pair alone;
empty: what the page asks. Pairs of one question are also counted together.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from math import comb
from pathlib import Path
from typing import Any

from core.errors import InputError

#: What a person may answer of a pair.
FIRST, SECOND, SAME = "first", "second", "same"
#: Who misses more of the controls than this does not look, or does not hear; their answers are left out.
MOST_MISSED = 0.25
#: Chance as large as this is no evidence.
EVIDENCE = 0.05
PAGE = Path(__file__).with_name("preference.html")


@dataclass(frozen=True)
class Pair:
    """Two films that say the same. control: the side that is plainly better, where that is known; None for what is asked.
    question: of this pair alone; empty: the page's."""

    name: str
    first: str
    second: str
    control: str | None = None
    question: str = ""


@dataclass(frozen=True)
class Tally:
    """What people said of one pair, or of all pairs of a question. chance: how likely votes at least as uneven are where nobody
    can tell the two apart (a two-sided sign test; those who saw no difference are left out of it)."""

    name: str
    first: int
    second: int
    same: int
    chance: float

    @property
    def told_apart(self) -> bool:
        """Whether people preferred one of them by more than chance."""
        return self.chance < EVIDENCE


def sign_test(first: int, second: int) -> float:
    """How likely votes at least as uneven are by chance, two-sided: the exact binomial test of one half."""
    total, larger = first + second, max(first, second)
    tail = sum(comb(total, count) for count in range(larger, total + 1)) / 2**total
    return min(1.0, 2 * tail)


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a file. Raises InputError where it is none."""
    try:
        pairs = [Pair(**each) for each in json.loads(path.read_text(encoding="utf-8"))]
        if not all(isinstance(text, str) for pair in pairs for text in (pair.name, pair.first, pair.second, pair.question)):
            raise TypeError("a pair holds something else than texts")
    except (OSError, ValueError, TypeError) as error:
        raise InputError("metrics.no_pairs_of_films", path=path) from error
    if not pairs or any(pair.control not in (None, FIRST, SECOND) for pair in pairs):
        raise InputError("metrics.no_pairs_of_films", path=path)
    if len({pair.name for pair in pairs}) < len(pairs):
        raise InputError("metrics.pairs_of_one_name", path=path)
    return pairs


def page_of(pairs: Sequence[Pair], question: str) -> str:
    """The page. It does not say which pairs are controls."""
    shown = [
        {"name": pair.name, "first": pair.first, "second": pair.second, "question": pair.question or question} for pair in pairs
    ]
    content = json.dumps(shown).replace("<", "\\u003c")
    return PAGE.read_text(encoding="utf-8").replace("{{question}}", escape(question)).replace('"{{pairs}}"', content)


def attentive(answers: Mapping[str, str], pairs: Iterable[Pair]) -> bool:
    """Whether a person's answers (pair's name: first, second or same) hold up on the controls."""
    asked = [pair for pair in pairs if pair.control is not None and pair.name in answers]
    missed = sum(answers[pair.name] != pair.control for pair in asked)
    return missed <= MOST_MISSED * len(asked)


def counted(people: Sequence[Mapping[str, str]], pairs: Sequence[Pair]) -> tuple[list[Tally], int]:
    """The votes on each pair that is no control, and how many people were left out for missing the controls."""
    heard = [answers for answers in people if attentive(answers, pairs)]
    tallies = []
    for pair in pairs:
        if pair.control is None:
            votes = [answers.get(pair.name) for answers in heard]
            first, second, same = (votes.count(side) for side in (FIRST, SECOND, SAME))
            tallies.append(Tally(pair.name, first, second, same, sign_test(first, second)))
    return tallies, len(people) - len(heard)


def by_question(tallies: Iterable[Tally], pairs: Sequence[Pair]) -> list[Tally]:
    """The votes on all pairs of each question together, in the questions' order; the tallies are those of `counted`."""
    question_of = {pair.name: pair.question for pair in pairs}
    sums: dict[str, list[int]] = {}
    for tally in tallies:
        votes = sums.setdefault(question_of[tally.name], [0, 0, 0])
        votes[:] = (a + b for a, b in zip(votes, (tally.first, tally.second, tally.same), strict=True))
    return [Tally(name, first, second, same, sign_test(first, second)) for name, (first, second, same) in sums.items()]


def read_answers(path: Path) -> dict[str, str]:
    """One person's answers, as the page saves them. Raises InputError for another file."""
    try:
        told: Any = json.loads(path.read_text(encoding="utf-8"))
        answers = {str(name): str(side) for name, side in told["answers"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError("metrics.no_answers", path=path) from error
    if not set(answers.values()) <= {FIRST, SECOND, SAME}:
        raise InputError("metrics.no_answers", path=path)
    return answers


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(prog="python -m metrics.preference", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    page = commands.add_parser("page", help="write the page")
    page.add_argument("pairs", type=Path)
    page.add_argument("out", type=Path)
    page.add_argument("--question", default="Whose lips go with the sound, and look more real?")
    count = commands.add_parser("count", help="count answers")
    count.add_argument("pairs", type=Path)
    count.add_argument("answers", type=Path, nargs="+")
    options = parser.parse_args(arguments)
    try:
        pairs = read_pairs(options.pairs)
        if options.command == "page":
            options.out.write_text(page_of(pairs, options.question), encoding="utf-8")
            return 0
        tallies, left_out = counted([read_answers(path) for path in options.answers], pairs)
    except InputError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    told = {
        name: [{**asdict(tally), "told_apart": tally.told_apart} for tally in each]
        for name, each in (("pairs", tallies), ("questions", by_question(tallies, pairs)))
    }
    print(json.dumps({**told, "left_out": left_out}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
