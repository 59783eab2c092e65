"""Subtitles of what was spoken: cues of at most two lines, as SRT and as WebVTT with the time of every word.

SubRip has no standard; WebVTT is the W3C's, with the times of words as timestamp tags within a cue. Length of lines and cues as
usual for films (Netflix, "Timed Text Style Guide": 42 characters, two lines).
"""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path

from core.output_files import whole_file
from pipeline.spoken_text import SpokenSentence, SpokenText
from speech.voice import Word

LINE_CHARACTERS, CUE_LINES = 42, 2
CUE_CHARACTERS = LINE_CHARACTERS * CUE_LINES
#: So far from the middle of what is too long for a cue a comma is still a better end.
NEAR_CHARACTERS = 16
#: A cue may stay on this long after its last word, so that it can be read, but never into the next.
READING_S = 0.6
SRT, VTT = ".srt", ".vtt"


@dataclass(frozen=True)
class Cue:
    """What is shown from `start_s` to `end_s`: words with their times, and the lines in which they stand."""

    start_s: float
    end_s: float
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words in lines."""
        words = " ".join(each.text for each in self.words)
        return textwrap.fill(words, balanced_width(words), break_long_words=False, break_on_hyphens=False)


def balanced_width(text: str) -> int:
    """The width of lines that are about as long as each other."""
    if len(text) <= LINE_CHARACTERS:
        return LINE_CHARACTERS
    half = len(text) // 2
    breaks = [place for place, character in enumerate(text) if character == " "]
    best = min(breaks, key=lambda place: abs(place - half), default=len(text))
    return max(best, len(text) - best - 1)


def cues_of(spoken: SpokenText) -> tuple[Cue, ...]:
    """The cues of all sentences, in order and without overlap."""
    parts = [words for sentence in spoken.sentences for words in in_cues(words_of(sentence))]
    ends_s = [min(words[-1].end_s + READING_S, following[0].start_s) for words, following in pairwise(parts)]
    last_s = [min(words[-1].end_s + READING_S, spoken.duration_s) for words in parts[-1:]]
    return tuple(Cue(words[0].start_s, end_s, words) for words, end_s in zip(parts, [*ends_s, *last_s], strict=True))


def words_of(sentence: SpokenSentence) -> tuple[Word, ...]:
    """The words with their times; where the voice does not tell them, each by its share of the letters."""
    if told := tuple(word for word in sentence.words if word.text.strip()):
        return told
    texts = sentence.text.split()
    length = sum(len(text) + 1 for text in texts)
    words, now_s = [], sentence.start_s
    for text in texts:
        end_s = now_s + (sentence.end_s - sentence.start_s) * (len(text) + 1) / length
        words.append(Word(text, now_s, end_s))
        now_s = end_s
    return tuple(words)


def in_cues(words: Sequence[Word]) -> Iterator[tuple[Word, ...]]:
    """The words of a sentence in as many cues as they need: halved near the middle, after a comma where one is near it, until
    they fit."""
    reached = list(accumulate(len(each.text) + 1 for each in words))
    if len(words) < 2 or reached[-1] - 1 <= CUE_CHARACTERS:
        yield tuple(words)
        return

    def unfit(count: int) -> float:
        comma = words[count - 1].text[-1:] in ",;:—–"
        return abs(reached[count - 1] - 0.5 * reached[-1]) - (NEAR_CHARACTERS if comma else 0)

    cut = min(range(1, len(words)), key=unfit)
    yield from in_cues(words[:cut])
    yield from in_cues(words[cut:])


def srt_text(cues: Iterable[Cue]) -> str:
    """The cues in SubRip's form."""
    return "\n".join(f"{number}\n{span(cue, ',')}\n{cue.text}\n" for number, cue in enumerate(cues, start=1))


def vtt_text(cues: Iterable[Cue]) -> str:
    """The cues as WebVTT, every word but a cue's first behind the time at which it is said."""
    blocks = ["WEBVTT\n"]
    for number, cue in enumerate(cues, start=1):
        blocks.append(f"{number}\n{span(cue, '.')}\n{timed_text(cue)}\n")
    return "\n".join(blocks)


def timed_text(cue: Cue) -> str:
    """The cue's lines with the words' times in them."""
    words = iter(cue.words)
    lines = []
    for line in cue.text.split("\n"):
        told: list[Word] = []
        while len(" ".join(each.text for each in told)) < len(line):
            told.append(next(words))
        lines.append(" ".join(stamped(each, cue) for each in told))
    return "\n".join(lines)


def stamped(word: Word, cue: Cue) -> str:
    """The word with its time before it; within a cue times must lie between its start and its end."""
    text = html.escape(word.text, quote=False)
    return f"<{clock(word.start_s, '.')}>{text}" if cue.start_s < word.start_s < cue.end_s else text


def span(cue: Cue, point: str) -> str:
    """From when to when it is shown."""
    return f"{clock(cue.start_s, point)} --> {clock(cue.end_s, point)}"


def clock(time_s: float, point: str) -> str:
    """`01:02:03.456`."""
    milliseconds = round(1000 * time_s)
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{point}{rest:03d}"


def write_subtitles(path: Path, cues: Iterable[Cue]) -> None:
    """Write SRT or WebVTT, as the name ends, whole or not at all. Raises `InputError` where that can't be."""
    text = srt_text(cues) if path.suffix.lower() == SRT else vtt_text(cues)
    with whole_file(path, "The file of subtitles") as file:
        file.write(text.encode("utf-8"))
