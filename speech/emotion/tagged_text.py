"""Takes a model's text apart as it streams: feelings in tags, sentences as soon as they are whole, and nothing that isn't speech.

    reader = TaggedText()
    reader.push("*joy* What a d")          # []
    reader.push("ay! *sad* But now ...")   # [Piece("What a day!", "joy", ...)]
    reader.finish()                        # [Piece("But now ...", "sadness", ...)]

A tag is a word of `words.toml` between single asterisks where a sentence begins; it holds for that sentence. All other asterisks
are what they are elsewhere: emphasis, whose words stay; a list's bullet; a multiplication, which stays as written. Code in fences
and what a model thinks aloud (<think>) is left out; of links the words stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from speech.emotion.speakable import speakable
from speech.emotion.word_lists import TAGS

#: A sentence that goes on beyond so many characters is cut at its last comma or blank, so that speech can begin and memory ends.
MOST_CHARACTERS = 400
#: What is hidden: how it opens, how it ends.
HIDDEN = {"```": "```", "~~~": "~~~", "<think>": "</think>"}
#: After these no sentence ends, though a point and a blank stand there.
ABBREVIATIONS = frozenset(
    [
        *("mr", "mrs", "ms", "dr", "prof", "st", "vs", "etc", "e.g", "i.e", "no", "vol", "fig", "approx", "jr", "sr"),
        *("z.b", "d.h", "u.a", "bzw", "ca", "nr", "hr", "fr", "z", "b", "d", "h", "u", "usw", "evtl", "ggf", "inkl", "sog"),
    ]
)
_END = re.compile(r"(?P<mark>[.!?…]+|[。！？])[\"'»”’)\]*_]*(?P<after>\s)|(?P<asian>[。！？])|(?P<line>\n)")
_TAG = re.compile(r"\s*\*(?P<word>[^\W\d_]+)\*:?(?!\*)")
_CLAUSE = re.compile(r"[,;:—–]\s+(?=\S)")
_CLAUSE_MARKS = frozenset(",;:—–")
_LAST_WORD = re.compile(r"[\w.]+$")


@dataclass(frozen=True)
class Piece:
    """One sentence. text: as it is spoken. feeling: one of Ekman's seven (`speech.emotion.feeling.EKMAN`) where a tag said so,
    else None. written: as the model wrote it, without the tag."""

    text: str
    feeling: str | None
    written: str


class TaggedText:
    """One reply; push its characters as they come, then `finish`."""

    def __init__(self, first_clause: int | None = None) -> None:
        """first_clause: the first sentence may come in two pieces, so that it is said early: its first clause, where that has at
        least so many characters."""
        self._first_clause = first_clause
        self._held = ""
        self._hidden_until = ""
        self._feeling: str | None = None

    def push(self, text: str) -> list[Piece]:
        """The sentences that are whole now."""
        self._held += text
        return [piece for written in self._whole() if (piece := self._piece(written)) is not None]

    def finish(self) -> list[Piece]:
        """What is left at the end of the reply; afterwards another may begin."""
        rest = "" if self._hidden_until else self._held
        pieces = [piece for written in rest.split("\n") if (piece := self._piece(written)) is not None]
        self._held, self._hidden_until, self._feeling = "", "", None
        return pieces

    def _whole(self) -> Iterator[str]:
        """The whole sentences at the beginning of what is held, which are taken away."""
        while True:
            if self._hidden_until and not self._skip():
                return
            near = self._held[: 2 * MOST_CHARACTERS]
            opening = min((place for mark in HIDDEN if (place := near.find(mark)) >= 0), default=len(self._held))
            end = _sentence_end(self._held, opening)
            if end or (end := self._clause_end(opening)):
                sentence, self._held = self._held[:end], self._held[end:]
                yield sentence
            elif opening < len(self._held):
                mark = next(mark for mark in HIDDEN if self._held.startswith(mark, opening))
                before, self._held = self._held[:opening], self._held[opening + len(mark) :]
                self._hidden_until = HIDDEN[mark]
                yield before
            else:
                return

    def _clause_end(self, limit: int) -> int:
        """Where the first clause of a reply ends, its blank included; 0 where none is whole, or it is not wanted early."""
        if self._first_clause is None or limit < len(self._held):
            return 0
        begin = tag.end() if (tag := _TAG.match(self._held)) else 0
        found = _CLAUSE.search(self._held, begin + self._first_clause)
        return found.end() if found else 0

    def _skip(self) -> bool:
        """Drop what is hidden; whether its end has come."""
        end = self._held.find(self._hidden_until)
        if end < 0:
            self._held = self._held[-(len(self._hidden_until) - 1) :]
            return False
        self._held, self._hidden_until = self._held[end + len(self._hidden_until) :], ""
        return True

    def _piece(self, written: str) -> Piece | None:
        """The sentence without tags; None where nothing is left to say, in which case its tag holds for the next."""
        while (tag := _TAG.match(written)) and (emotion := _emotion_of(tag["word"], written[tag.end() :])):
            self._feeling, written = emotion, written[tag.end() :]
        text = speakable(written)
        if not any(character.isalnum() for character in text):
            return None
        feeling = self._feeling
        if self._first_clause is None or _CLAUSE_MARKS.isdisjoint(text[-1:]):
            self._feeling = None
        self._first_clause = None
        return Piece(text, feeling, written.strip())


def _emotion_of(word: str, rest: str) -> str | None:
    """What a tag means; None where it is no tag, as in "*Joy* is a feeling", a sentence that begins with an emphasised word."""
    follows = rest.lstrip()[:1]
    return None if word[0].isupper() and follows.islower() else TAGS.get(word.lower())


def _sentence_end(text: str, limit: int) -> int:
    """Where the first sentence of `text[:limit]` ends, its blank included; 0 where none is whole yet."""
    for found in _END.finditer(text, 0, min(limit, MOST_CHARACTERS + 1)):
        if found["line"] or (found["after"] or "").startswith("\n"):
            return found.end()
        if text.count("`", 0, found.start()) % 2:
            continue
        if found["asian"] or found["mark"] != "." or not _goes_on(text[: found.start()]):
            return found.end()
    if limit > MOST_CHARACTERS:
        return max(text.rfind(mark, 0, MOST_CHARACTERS) for mark in (", ", "; ", " ")) + 1 or MOST_CHARACTERS
    return 0


def _goes_on(before: str) -> bool:
    """Whether the point after these words ends no sentence: an abbreviation, an initial, a number in a row."""
    last = _LAST_WORD.search(before)
    word = last.group() if last else ""
    initial = len(word) == 1 and word.isupper() and word != "I"
    ordinal = word.isdigit() and len(word) <= 2 and not before[: -len(word)].strip(" *>-")
    return word.lower() in ABBREVIATIONS or initial or ordinal
