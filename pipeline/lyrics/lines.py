"""Lines of words: as somebody gave them, which may lack times, and such of which every word has its time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.subtitles import LINE_CHARACTERS
from speech.voice import Word
from speech.wide import is_wide, wide_parts

#: A line ends where nothing is sung for so long, or at the end of a sentence.
LINE_PAUSE_S = 0.7
ENDS = (".", "!", "?", "…", "。", "！", "？")
#: Far more than any song has.
MOST_LINES, MOST_WORDS = 5_000, 20_000


@dataclass(frozen=True)
class GivenWord:
    """A word as somebody gave it. start_s, end_s: seconds of the sound; None: not told."""

    text: str
    start_s: float | None = None
    end_s: float | None = None


@dataclass(frozen=True)
class GivenLine:
    """words: in order, at least one. start_s, end_s: of the line; None: not told."""

    words: tuple[GivenWord, ...]
    start_s: float | None = None
    end_s: float | None = None


@dataclass(frozen=True)
class TimedLine:
    """A line of which every word has its time in seconds of the sound, in order; at least one word."""

    words: tuple[Word, ...]

    @property
    def start_s(self) -> float:
        """When its first word begins."""
        return self.words[0].start_s

    @property
    def end_s(self) -> float:
        """When its last word ends."""
        return self.words[-1].end_s

    @property
    def text(self) -> str:
        """The words as they are read."""
        return joined(each.text for each in self.words)


@dataclass(frozen=True)
class Lyrics:
    """lines: in the order of their beginnings. language: two letters; empty: not known."""

    lines: tuple[TimedLine, ...]
    language: str = ""

    def as_json(self) -> dict[str, Any]:
        """As JSON values; `lyrics_from_json` reads them."""
        lines = [[[word.text, word.start_s, word.end_s] for word in line.words] for line in self.lines]
        return {"language": self.language, "lines": lines}

    def text(self) -> str:
        """As one text of JSON."""
        return json.dumps(self.as_json(), ensure_ascii=False)

    def shifted(self, by_s: float, until_s: float = float("inf")) -> Lyrics:
        """The same, `by_s` later, and only what then is heard between 0 and `until_s`."""
        moved = (
            tuple(
                Word(each.text, max(0.0, each.start_s + by_s), min(until_s, each.end_s + by_s))
                for each in line.words
                if each.end_s + by_s > 0 and each.start_s + by_s < until_s
            )
            for line in self.lines
        )
        return Lyrics(tuple(TimedLine(words) for words in moved if words), self.language)


def lyrics_from_json(given: Mapping[str, Any]) -> Lyrics:
    """What `as_json` wrote."""
    lines = (tuple(Word(str(text), float(start), float(end)) for text, start, end in line) for line in given["lines"])
    return Lyrics(tuple(TimedLine(line) for line in lines), str(given["language"]))


def joined(texts: Iterable[str]) -> str:
    """Words as they are read: with blanks between them, but for writings that have none."""
    found = ""
    for text in texts:
        blank = found and text and not (is_wide(found[-1]) and is_wide(text[0]))
        found += (" " if blank else "") + text
    return found


def words_in(text: str) -> list[str]:
    """The words of a text, with the signs that belong to them; each letter is one where there are no blanks."""
    found: list[str] = []
    for text_part in text.split():
        for part in wide_parts(text_part):
            if found and not any(letter.isalnum() for letter in part):
                found[-1] += part if is_wide(part[0]) else f" {part}" if part == text_part else part
            else:
                found.append(part)
    return found


def lines_of_words(words: Sequence[Word]) -> tuple[TimedLine, ...]:
    """Words that were heard, in lines: parted at pauses and at the ends of sentences, and no longer than is read at a glance."""
    groups: list[list[Word]] = []
    for word in words:
        last = groups[-1][-1] if groups else None
        if last is None or word.start_s - last.end_s > LINE_PAUSE_S or last.text.endswith(ENDS):
            groups.append([])
        groups[-1].append(word)
    return tuple(TimedLine(part) for group in groups for part in short_lines(tuple(group)))


def short_lines(words: tuple[Word, ...]) -> list[tuple[Word, ...]]:
    """The words in lines that are short enough: parted near the middle, after a comma where there is one."""
    if len(words) < 2 or len(joined(each.text for each in words)) <= LINE_CHARACTERS:
        return [words]

    def unfit(count: int) -> float:
        before, after = (len(joined(each.text for each in part)) for part in (words[:count], words[count:]))
        return abs(before - after) - (12 if words[count - 1].text[-1:] in ",;:—–、" else 0)

    cut = min(range(1, len(words)), key=unfit)
    return [*short_lines(words[:cut]), *short_lines(words[cut:])]
