"""The scripted host's rules: what people say in words, alternatives and places to fill, after the manner of AIML.

A pattern is written in small letters without marks: `my name is *`. `(a|b)` are alternatives, `[a]` may be missing, `*` takes
words until what follows it, `^` and `$` stand for the sentence's beginning and end. It may match anywhere in a sentence; the
rule whose match holds the most letters wins.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

#: A match that holds no more than the blanks around the words at `*`; such a one is no answer where there are many words.
LETTERS_OF_NONE, MOST_WORDS_OF_AN_ANSWER = 3, 4
_MARKS = re.compile(r"[^\w\s]|_")
_SENTENCE_ENDS = re.compile(r"(?<=[.!?…])\s+|\n+")
_TOKEN = re.compile(r"\*|\^|\$|\(|\)|\||\[|\]|[^\s()|\[\]*^$]+")


@dataclass(frozen=True)
class Rule:
    """One thing that people say, and what is answered.

    patterns: compiled. answers: one is chosen each time; where places such as {name} lack their word, it is passed over, and
    where all do, one of `otherwise` is said. after:
    the question that must have been asked just before; empty: any time. asks: the question that the answers end with. remember:
    as what the words at `*` are kept. steps: the list that is begun; going_on, again: whether it asks for the next step, or for
    the last answer once more. ends: whether the conversation is over.
    """

    name: str
    patterns: tuple[re.Pattern[str], ...]
    answers: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()
    after: str = ""
    asks: str = ""
    remember: str = ""
    steps: str = ""
    going_on: bool = False
    again: bool = False
    ends: bool = False
    light: bool = False


@dataclass(frozen=True)
class Script:
    """All that the host knows in one language.

    questions: what it asks back by itself, by the name that `Rule.after` knows. steps: explanations in parts. feelings: what it
    says to a feeling of Ekman's where no rule knows what it is about. unknown: to anything else. swap: words that change with the
    point of view ("my" to "your"). no_names: words that no one is called.
    """

    rules: tuple[Rule, ...]
    questions: Mapping[str, str]
    steps: Mapping[str, tuple[str, ...]]
    feelings: Mapping[str, tuple[str, ...]]
    unknown: tuple[str, ...]
    greetings: tuple[str, ...]
    swap: Mapping[str, str]
    no_names: frozenset[str]
    words: Mapping[str, str]


@dataclass(frozen=True)
class Match:
    """A rule that fits a sentence: with how many letters, and the words at its `*`."""

    rule: Rule
    letters: int
    words: str = field(default="")

    @property
    def rank(self) -> tuple[int, int]:
        """Those that wait for the question just asked come first; those that would take any answer to it come last."""
        takes_all = self.letters <= LETTERS_OF_NONE and bool(self.words)
        return (-1 if takes_all else int(bool(self.rule.after))), self.letters


def plain(text: str) -> str:
    """A sentence in small letters, without marks and apostrophes, its words one blank apart."""
    return " ".join(_MARKS.sub(" ", re.sub(r"['’`´]", "", text.lower())).split())


def sentences(text: str) -> list[str]:
    """The sentences of what somebody said, as written; questions keep their mark."""
    return [part.strip() for part in _SENTENCE_ENDS.split(text) if plain(part)]


def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern as a regular expression over a `plain` sentence that is surrounded by blanks."""
    parts = []
    for sign in _TOKEN.findall(pattern):
        if sign == "*":
            parts.append(r"(?P<words>\S+(?: \S+)*?) ")
        elif sign in ("^", "$"):
            parts.append(r"^ " if sign == "^" else r"$")
        elif sign in ("(", "["):
            parts.append("(?:")
        elif sign in (")", "]"):
            parts.append(")" if sign == ")" else ")?")
        else:
            parts.append("|" if sign == "|" else f"{re.escape(sign)} ")
    body = "".join(parts)
    if not pattern.startswith("^"):
        body = f" {body}"
    return re.compile(f"{body}$" if pattern.rstrip().endswith("*") else body)


def best_match(script: Script, sentence: str, asked: str) -> Match | None:
    """The rule that fits the sentence best. asked: the question that was asked just before, empty where none was."""
    text = f" {plain(sentence)} "
    matches = [
        Match(rule, found.end() - found.start() - len(words := found.groupdict().get("words") or ""), words)
        for rule in script.rules
        if rule.after in ("", asked)
        for pattern in rule.patterns
        if (found := pattern.search(text))
    ]
    words_said = text.split()
    no_answer = len(words_said) > MOST_WORDS_OF_AN_ANSWER or "?" in sentence or words_said[0] in script.no_names
    return max((each for each in matches if each.rank[0] >= 0 or not no_answer), key=lambda each: each.rank, default=None)


@cache
def script_of(language: str) -> Script:
    """The script of `en` or `de`; other languages are answered in English."""
    path = Path(__file__).parent / f"{language}.toml"
    table: dict[str, Any] = tomllib.loads((path if path.is_file() else path.with_name("en.toml")).read_text(encoding="utf-8"))
    rules = tuple(
        Rule(
            **{
                **rule,
                "patterns": tuple(map(compiled, rule["patterns"])),
                **{key: tuple(rule.get(key, ())) for key in ("answers", "otherwise")},
            }
        )
        for rule in table["rule"]
    )
    lists = {name: {key: tuple(value) for key, value in table[name].items()} for name in ("steps", "feelings")}
    return Script(
        rules=rules,
        questions=table["questions"],
        steps=lists["steps"],
        feelings=lists["feelings"],
        unknown=tuple(table["unknown"]["answers"]),
        greetings=tuple(table["greetings"]["answers"]),
        swap=table["swap"],
        no_names=frozenset(table["no_names"]["words"]),
        words=table["words"],
    )
