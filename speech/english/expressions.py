"""What a piece of English text is read as: quantities and moments, abbreviations, links, words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from speech.english import moments, numbers, quantities, tables
from speech.english.piece import Piece

LINK = re.compile(r"(?:https?://)?(?:[\w.+-]+@)?[\w-]+(?:\.[\w-]+)*\.([a-z]{2,4})(?:[/?#:]\S*)?", re.IGNORECASE)
WITH_PROTOCOL = re.compile(r"https?://\S+", re.IGNORECASE)
LETTERS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")
#: Words that are joined: well-known, mid-1980s.
HYPHENS = re.compile(r"[-–]+")
RUNS = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+(?:'[^\W\d_]+)*|[^\w\s]|_")
IN_LINKS = {
    ".": "dot", "/": "slash", "@": "at", "-": "dash", "_": "underscore", ":": "colon", "?": "question mark",
    "=": "equals", "#": "hash", "&": "and", "+": "plus", "%": "percent", "~": "tilde",
}  # fmt: skip
#: Signs that are read inside of words, too.
IN_WORDS = frozenset("&+=@%°×÷≤≥≈±€£")
#: Tried in turn.
RULES = (
    quantities.money, moments.time_of_day, moments.date, moments.ordinal, quantities.measured, quantities.span,
    quantities.fraction, quantities.telephone, quantities.counted,
)  # fmt: skip


def words_of(core: str, dotted: bool, cores: Sequence[str], place: int, british: bool) -> tuple[list[str], bool]:
    """The words of a piece, and whether a full stop after it belongs to it and is no pause.

    dotted: whether one follows. cores: all pieces of the sentence without their punctuation, this one at `place`.
    """
    before, after = cores[place - 1] if place else "", cores[place + 1] if place + 1 < len(cores) else ""
    piece = Piece(core, before, after, dotted, british)
    if not core:
        return [], False
    if (short := _abbreviation(piece)) is not None:
        return short.split(), dotted
    words = _told(piece)
    return [word for word in words if word], False


def _told(piece: Piece) -> list[str]:
    for rule in (_link, *RULES, _roman):
        words = rule(piece)
        if words is not None:
            return words
    return _mixed(piece)


def _abbreviation(piece: Piece) -> str | None:
    low, numbered = piece.low, piece.after[:1].isdigit()
    if low in tables.ALWAYS or (low in tables.SIGNS and piece.core not in tables.COINS):
        return tables.ALWAYS[low] if low in tables.ALWAYS else tables.SIGNS[low]
    if low == "st" and piece.dotted:
        return "saint" if piece.before_name and piece.low_before not in ("main", "wall") else "street"
    if numbered and low in tables.BEFORE_NUMBERS and (piece.dotted or low == "pp"):
        return tables.BEFORE_NUMBERS[low]
    if low in tables.TITLES and piece.core[0].isupper() and (piece.before_name or (piece.dotted and piece.after)):
        return tables.TITLES[low]
    if low == "dr" and piece.dotted:
        return "drive"
    if piece.dotted and low in tables.DOTTED and (low not in tables.ALSO_WORDS):
        return tables.DOTTED[low]
    single = piece.dotted and len(piece.core) == 1 and piece.core.isupper() and piece.core != "I" and piece.before_name
    if single or LETTERS.fullmatch(piece.core):
        return "".join(f"{letter.upper()}." for letter in piece.core.split("."))
    return None


def _link(piece: Piece) -> list[str] | None:
    found = LINK.fullmatch(piece.core)
    known = found and (found[1].lower() in tables.TOP_DOMAINS or "@" in piece.core)
    if not known and not WITH_PROTOCOL.fullmatch(piece.core):
        return None
    words = []
    for run in re.findall(r"\d+|[^\W\d_]+|[^\w\s]|_", re.sub(r"^https?://|/$", "", piece.core)):
        if run.isdigit():
            words += numbers.cardinal(run, False) if len(run) < 3 else numbers.one_by_one(run)
        elif run in IN_LINKS:
            words += IN_LINKS[run].split()
        elif run[0].isalpha():
            words += [run] if run.lower() != "www" else ["W.W.W."]
    return words


def _roman(piece: Piece) -> list[str] | None:
    """A Roman number after a word that is numbered, or after a ruler's name."""
    value = numbers.roman(piece.core)
    if value and piece.low_before in tables.NUMBERED:
        return numbers.cardinal(str(value), piece.british)
    if value and len(piece.core) > 1 and piece.low_before in tables.RULERS:
        return ["the", *numbers.ordinal(str(value), piece.british)]
    return None


def _mixed(piece: Piece) -> list[str]:
    """A word, words with hyphens, or letters and digits in one."""
    words: list[str] = []
    core = piece.core
    if core.startswith("#") and len(core) > 1:
        words, core = ["hashtag" if core[1].isalpha() else "number"], core[1:]
    elif core.startswith("@") and len(core) > 1:
        words, core = ["at"], core[1:]
    parts = [part for part in HYPHENS.split(core) if part]
    if len(parts) > 1:
        for part in parts:
            words += (moments.ordinal(Piece(part, "", "", False, piece.british)) if part[-1] == "s" else None) or _runs(
                part, piece.british
            )
        return words
    return words + _runs(core, piece.british)


def _runs(text: str, british: bool) -> list[str]:
    words: list[str] = []
    for run in RUNS.findall(text):
        if run[0].isdigit():
            words += quantities.in_name(run, british)
        elif run[0].isalpha():
            words.append(run)
        elif run in IN_WORDS:
            words += (tables.SIGNS.get(run) or tables.COINS[run][1]).split()
    return words
