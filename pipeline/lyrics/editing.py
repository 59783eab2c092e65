"""Lyrics that a person corrects line by line: what was not touched keeps the times of its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from core.errors import InputError
from pipeline.lyrics.aligning import LEAST_WORD_S, HeardVoice, align, plain
from pipeline.lyrics.lines import MOST_LINES, MOST_WORDS, GivenLine, GivenWord, Lyrics, TimedLine, words_in
from speech.voice import Word

#: Times that differ by less were not changed: pages show thousandths of a second.
SAME_S = 0.0015
#: A new word needs so long between two that were there.
SUNG_S = 0.15
#: The shortest line.
LEAST_LINE_S = 0.1


@dataclass(frozen=True)
class EditedLine:
    """A line as somebody left it. start_s, end_s: seconds of the sound. of: the place of the line that it was; None: new."""

    text: str
    start_s: float
    end_s: float
    of: int | None = None


def edited_lyrics(lyrics: Lyrics, edited: Sequence[EditedLine]) -> Lyrics:
    """The lyrics as they were left, in the order of time; lines without a word are gone.

    A line that only moved takes its words with it, one whose length changed stretches them; where words changed, those that are
    the same keep their times, and the others share what lies between. Raises `InputError` for times that can't be, and for none
    or too many words.
    """
    texts = [words_in(each.text) for each in edited]
    kept = [(line, words) for line, words in zip(edited, texts, strict=True) if words]
    if not kept:
        raise InputError("pipeline.lyrics.no_words")
    if len(kept) > MOST_LINES or sum(len(words) for _, words in kept) > MOST_WORDS:
        raise InputError("pipeline.lyrics.too_many_words", most=MOST_WORDS)
    for line, _ in kept:
        check_times(line)
    made = [timed_line(line, words, lyrics.lines) for line, words in kept]
    return Lyrics(tuple(sorted(made, key=lambda line: line.start_s)), lyrics.language)


def check_times(line: EditedLine) -> None:
    """Raises `InputError` where a line ends too early, or begins before the sound."""
    if line.start_s < 0 or line.end_s - line.start_s < LEAST_LINE_S:
        raise InputError("pipeline.lyrics.times_impossible", start=line.start_s, end=line.end_s, least=LEAST_LINE_S)


def timed_line(line: EditedLine, words: Sequence[str], before: Sequence[TimedLine]) -> TimedLine:
    """The line with a time for each word."""
    old = before[line.of] if line.of is not None and 0 <= line.of < len(before) else None
    if old is None:
        return spread(words, [None] * len(words), line)
    moved = stretched(old, line.start_s, line.end_s)
    if [each.text for each in old.words] == list(words):
        return TimedLine(moved)
    found: list[Word | None] = [None] * len(words)
    blocks = SequenceMatcher(None, [plain(each.text) for each in old.words], [plain(word) for word in words], autojunk=False)
    for block in blocks.get_matching_blocks():
        for step in range(block.size):
            found[block.b + step] = moved[block.a + step]
    return spread(words, with_room(found), line)


def with_room(found: Sequence[Word | None]) -> list[Word | None]:
    """The known words without those between which new ones would have no time to be sung: they share theirs with the new ones."""
    room, at = list(found), 0
    while at < len(room):
        stop = at
        while stop < len(room) and room[stop] is None:
            stop += 1
        before, after = room[at - 1] if 0 < at < stop else None, room[stop] if at < stop < len(room) else None
        if before is not None and after is not None and after.start_s - before.end_s < (stop - at) * SUNG_S:
            room[at - 1] = room[stop] = None
            at = max(0, at - 2)  # their own neighbours may stand too near now
        else:
            at = max(stop, at + 1)
    return room


def stretched(old: TimedLine, start_s: float, end_s: float) -> tuple[Word, ...]:
    """The words between new times, as far along as they were between the old ones."""
    if abs(old.start_s - start_s) < SAME_S and abs(old.end_s - end_s) < SAME_S:
        return old.words
    scale = (end_s - start_s) / max(old.end_s - old.start_s, LEAST_WORD_S)
    return tuple(
        replace(word, start_s=start_s + scale * (word.start_s - old.start_s), end_s=start_s + scale * (word.end_s - old.start_s))
        for word in old.words
    )


def spread(words: Sequence[str], known: Sequence[Word | None], line: EditedLine) -> TimedLine:
    """The words with their known times, the others by their letters between them."""
    told = tuple(
        GivenWord(text) if word is None else GivenWord(text, word.start_s, word.end_s)
        for text, word in zip(words, known, strict=True)
    )
    given = GivenLine(told, line.start_s, line.end_s)
    return align([given], HeardVoice((), (), line.end_s)).lyrics.lines[0]
