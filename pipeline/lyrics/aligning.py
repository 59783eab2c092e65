"""Given words laid over a voice: matched to the words that were heard in it, the rest laid where it sounds between them.

Method: the longest runs of equal words first (Ratcliff and Obershelp, by `difflib`), then the words between them by the best
alignment of alike spellings (Needleman and Wunsch, 1970); what then has no time gets its share, by its letters, of the time in
which the voice sounds between its neighbours.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

import numpy as np

from pipeline.lyrics.lines import GivenLine, Lyrics, TimedLine
from speech.voice import Word

Span = tuple[float, float]
#: Spellings alike from here on, 0 to 1, may be the same word heard wrongly.
ALIKE = 0.5
#: What a word costs that nothing stands against.
UNMATCHED = -0.35
#: So many equal words on end are surely the same; fewer may stand elsewhere, too.
SURE_WORDS = 3
#: Words between two sure matches that are still compared one by one.
MOST_COMPARED = 400
#: So far beyond a line's own times a word of it may be heard.
BEYOND_LINE_S = 0.6
#: The shortest time a word gets.
LEAST_WORD_S = 0.04


@dataclass(frozen=True)
class HeardVoice:
    """words: that were heard; voiced_s: from when to when the voice sounds; both in order. length_s: of the sound."""

    words: tuple[Word, ...]
    voiced_s: tuple[Span, ...]
    length_s: float
    language: str = ""


@dataclass(frozen=True)
class Aligned:
    """lyrics: every word with its time. matched: the share of the words without a time of their own that was heard, 0 to 1; lines
    of which no word was matched or told a time are named by their places in `unmatched`."""

    lyrics: Lyrics
    matched: float
    unmatched: frozenset[int]


def plain(text: str) -> str:
    """A word as it is compared: its letters alone, small, without accents."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


@lru_cache(maxsize=65536)
def alike(one: str, other: str) -> float:
    """How alike two spellings are, 0 to 1."""
    return 1.0 if one == other else SequenceMatcher(None, one, other, autojunk=False).ratio()


def matches(given: Sequence[str], heard: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Places of words that are the same, in the texts as `plain` gives them, rising in both."""
    at_given = at_heard = 0
    for block in SequenceMatcher(None, given, heard, autojunk=False).get_matching_blocks():
        if 0 < block.size < SURE_WORDS:
            continue
        for one, other in best_pairs(given[at_given : block.a], heard[at_heard : block.b]):
            yield at_given + one, at_heard + other
        yield from ((block.a + step, block.b + step) for step in range(block.size))
        at_given, at_heard = block.a + block.size, block.b + block.size


def best_pairs(given: Sequence[str], heard: Sequence[str]) -> list[tuple[int, int]]:
    """The pairs of alike words of the best alignment of two short stretches."""
    if not given or not heard or max(len(given), len(heard)) > MOST_COMPARED:
        return []
    score = np.zeros((len(given) + 1, len(heard) + 1))
    score[:, 0], score[0] = UNMATCHED * np.arange(len(given) + 1), UNMATCHED * np.arange(len(heard) + 1)
    for row, one in enumerate(given, start=1):
        for column, other in enumerate(heard, start=1):
            gap = max(score[row - 1, column], score[row, column - 1]) + UNMATCHED
            likeness = alike(one, other)
            score[row, column] = max(gap, score[row - 1, column - 1] + likeness) if likeness >= ALIKE else gap
    row, column, pairs = len(given), len(heard), []
    while row and column:
        likeness = alike(given[row - 1], heard[column - 1])
        if likeness >= ALIKE and np.isclose(score[row, column], score[row - 1, column - 1] + likeness):
            row, column = row - 1, column - 1
            pairs.append((row, column))
        elif np.isclose(score[row, column], score[row - 1, column] + UNMATCHED):
            row -= 1
        else:
            column -= 1
    return pairs[::-1]


def align(lines: Sequence[GivenLine], heard: HeardVoice) -> Aligned:
    """Every word of the lines with its time in the sound."""
    spans, found, timeless = told_spans(lines), heard_spans(lines, heard), 0
    known: list[list[Span | None]] = []
    matched = 0
    for place, line in enumerate(lines):
        row: list[Span | None] = []
        for number in range(len(line.words)):
            own = spans[place][number] or found.get((place, number))
            timeless += spans[place][number] is None
            matched += spans[place][number] is None and own is not None
            row.append(own)
        known.append(row)
    unmatched = frozenset(
        place for place, line in enumerate(lines) if line.start_s is None and not any(each is not None for each in known[place])
    )
    timed = laid(lines, known, heard)
    lyrics = Lyrics(tuple(sorted(timed, key=lambda line: line.start_s)), heard.language)
    return Aligned(lyrics, matched / timeless if timeless else 1.0, unmatched)


def told_spans(lines: Sequence[GivenLine]) -> list[list[Span | None]]:
    """The times that the lines tell of their words themselves; one that tells no end lasts until the next word begins."""
    told: list[list[Span | None]] = []
    for line in lines:
        starts = [word.start_s for word in line.words]
        if line.start_s is not None and starts[0] is None and any(start is not None for start in starts):
            starts[0] = line.start_s
        row: list[Span | None] = []
        for place, (word, start_s) in enumerate(zip(line.words, starts, strict=True)):
            next_s = starts[place + 1] if place + 1 < len(starts) else line.end_s
            end_s = word.end_s if word.end_s is not None else next_s
            row.append(None if start_s is None or end_s is None else (start_s, max(start_s, end_s)))
        told.append(row)
    return told


def heard_spans(lines: Sequence[GivenLine], heard: HeardVoice) -> dict[tuple[int, int], Span]:
    """When words were heard, by the places of the line and of the word; within the line's own times, where it has them."""
    places = [(place, number) for place, line in enumerate(lines) for number in range(len(line.words))]
    given = [plain(lines[place].words[number].text) for place, number in places]
    found = {}
    for one, other in matches(given, [plain(word.text) for word in heard.words]):
        word, line = heard.words[other], lines[places[one][0]]
        early = line.start_s is not None and word.start_s < line.start_s - BEYOND_LINE_S
        late = line.start_s is not None and line.end_s is not None and word.start_s > line.end_s + BEYOND_LINE_S
        if not early and not late and given[one]:
            found[places[one]] = (word.start_s, word.end_s)
    return found


def laid(lines: Sequence[GivenLine], known: list[list[Span | None]], heard: HeardVoice) -> Iterator[TimedLine]:
    """The lines with every word's time: those that are not known lie between their neighbours, where the voice sounds."""
    clock = VoicedClock(heard.voiced_s)
    words = [(place, number) for place, line in enumerate(lines) for number in range(len(line.words))]
    spans = [known[place][number] for place, number in words]
    at = 0
    while at < len(words):
        if spans[at] is not None:
            at += 1
            continue
        stop = end_of_stretch(at, words, spans, lines)
        from_s = begin_of_stretch(at, words, spans, lines)
        until_s = limit_of_stretch(stop, words, spans, lines, heard.length_s, from_s)
        texts = [lines[place].words[number].text for place, number in words[at:stop]]
        spans[at:stop] = clock.shares(texts, from_s, max(from_s, until_s))
        at = stop
    rows: dict[int, list[Word]] = {}
    last_s = -LEAST_WORD_S
    for (place, number), span in zip(words, spans, strict=True):
        assert span is not None
        row = rows.setdefault(place, [])
        follows = row or lines[place].start_s is None  # a line with times of its own may lie anywhere
        start_s = max(span[0], last_s + LEAST_WORD_S if follows else 0.0)
        if row and row[-1].end_s > start_s:
            row[-1] = Word(row[-1].text, row[-1].start_s, round(start_s, 3))
        end_s, last_s = max(span[1], start_s + LEAST_WORD_S), start_s
        row.append(Word(lines[place].words[number].text, round(start_s, 3), round(end_s, 3)))
    return (TimedLine(tuple(row)) for row in rows.values())


Place = tuple[int, int]


def end_of_stretch(at: int, words: Sequence[Place], spans: Sequence[Span | None], lines: Sequence[GivenLine]) -> int:
    """One past the last word without a time; a line that has a time of its own begins a new stretch."""
    stop = at + 1
    while stop < len(words) and spans[stop] is None:
        place, number = words[stop]
        if number == 0 and (lines[place].start_s is not None or lines[place - 1].end_s is not None):
            break
        stop += 1
    return stop


def begin_of_stretch(at: int, words: Sequence[Place], spans: Sequence[Span | None], lines: Sequence[GivenLine]) -> float:
    """From when its words may lie."""
    place, number = words[at]
    before = spans[at - 1] if at else None
    own_s = lines[place].start_s if number == 0 else None
    if own_s is not None:
        return own_s
    return before[1] if before is not None else 0.0


def limit_of_stretch(
    stop: int, words: Sequence[Place], spans: Sequence[Span | None], lines: Sequence[GivenLine], length_s: float, from_s: float
) -> float:
    """Until when its words may lie."""
    own_s = lines[words[stop - 1][0]].end_s
    ends_line = stop == len(words) or words[stop][0] != words[stop - 1][0]
    if ends_line and own_s is not None:
        return own_s
    if stop == len(words):
        return max(length_s, from_s)
    following = spans[stop]
    place = words[stop][0]
    told_s = following[0] if following is not None else lines[place].start_s
    return length_s if told_s is None else told_s


class VoicedClock:
    """Counts only the time in which the voice sounds."""

    def __init__(self, voiced_s: Sequence[Span]) -> None:
        self._voiced_s = list(voiced_s)

    def shares(self, texts: Sequence[str], from_s: float, until_s: float) -> list[Span]:
        """From when to when each text lies, by its letters, in the time in which the voice sounds between the two; in all of that
        time where it is silent."""
        inside = [(max(begin_s, from_s), min(end_s, until_s)) for begin_s, end_s in self._voiced_s]
        inside = [(begin_s, end_s) for begin_s, end_s in inside if end_s > begin_s] or [(from_s, until_s)]
        reached = np.cumsum([0.0, *(end_s - begin_s for begin_s, end_s in inside)])
        letters = np.cumsum([0.0, *(max(1, len(plain(text))) + 1.0 for text in texts)])
        marks = letters / letters[-1] * reached[-1]

        def moment(mark: float, ending: bool) -> float:
            """When so much has sounded: at a pause, a word ends before it and another begins after it."""
            place = bisect_left(reached, mark - 1e-9 if ending else mark + 1e-9) - 1
            place = min(max(place, 0), len(inside) - 1)
            return float(min(inside[place][0] + mark - reached[place], inside[place][1]))

        return [
            (moment(one, False), moment(other, True)) for one, other in zip(marks[:-1].tolist(), marks[1:].tolist(), strict=True)
        ]
