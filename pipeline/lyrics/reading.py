"""Lyrics as people have them, by what the text looks like: LRC, also with times of words, SubRip, WebVTT, or plain lines.

Sources: LRC as players read it (`[mm:ss.xx]` before a line, several for one that comes again, `[offset:ms]`), its enhancement by
A2 (`<mm:ss.xx>` before a word); WebVTT of the W3C; SubRip has no standard.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from core.errors import InputError
from pipeline.lyrics.lines import MOST_LINES, MOST_WORDS, GivenLine, GivenWord, words_in

MOST_BYTES = 4_000_000
_LRC_TIME = r"(\d{1,3}):(\d{1,2}(?:[.:,]\d{1,3})?)"
_LRC_LINE = re.compile(rf"\s*((?:\[{_LRC_TIME}\]\s*)+)(.*)")
_LRC_STAMP = re.compile(rf"\[{_LRC_TIME}\]")
_LRC_WORD = re.compile(rf"<{_LRC_TIME}>")
_LRC_OFFSET = re.compile(r"\[offset:\s*([+-]?\d+)\s*\]", re.IGNORECASE)
_LRC_TAG = re.compile(r"\s*\[[a-zA-Z#]+:.*\]\s*")
_CUE_TIME = r"(?:(\d+):)?(\d{1,2}):(\d{1,2}[.,]\d{1,3})"
_CUE = re.compile(rf"\s*{_CUE_TIME}\s*-->\s*{_CUE_TIME}")
_CUE_WORD = re.compile(rf"<{_CUE_TIME}>")
_MARKUP = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")


def read_lyrics_file(path: Path) -> str:
    """The text of a file in UTF-8. Raises `InputError` where it can't be read or is no text."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError("pipeline.lyrics.file_too_large", path=path)
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("pipeline.lyrics.file_no_text", path=path) from error
    except OSError as error:
        raise InputError("pipeline.lyrics.file_unreadable", path=path, reason=error.strerror or str(error)) from error


def parse_lyrics(text: str) -> tuple[GivenLine, ...]:
    """The lines of a text of any of the kinds. Raises `InputError` where it has no word, or far too many."""
    text = text.removeprefix("\ufeff")
    rows = text.splitlines()
    if any(_CUE.match(row) for row in rows):
        lines = list(cue_lines(rows))
    elif any(_LRC_LINE.match(row) for row in rows):
        lines = list(lrc_lines(text, rows))
    else:
        lines = [GivenLine(tuple(map(GivenWord, words))) for row in rows if not is_heading(row) and (words := words_in(row))]
    if not lines:
        raise InputError("pipeline.lyrics.no_words")
    if len(lines) > MOST_LINES or sum(len(line.words) for line in lines) > MOST_WORDS:
        raise InputError("pipeline.lyrics.too_many_words", most=MOST_WORDS)
    return tuple(lines)


def is_heading(row: str) -> bool:
    """Whether it names a part, as in [Chorus], or is a tag of LRC; nobody sings that."""
    stripped = row.strip()
    return stripped.startswith("[") and stripped.endswith("]")


def lrc_seconds(minutes: str, seconds: str) -> float:
    """A time of LRC; some write a colon before the hundredths."""
    return int(minutes) * 60 + float(re.sub(r"[:,]", ".", seconds))


def lrc_lines(text: str, rows: list[str]) -> Iterator[GivenLine]:
    """The lines of LRC in the order of their times; one with several times comes as often. An empty line ends the one before."""
    offset = _LRC_OFFSET.search(text)
    earlier_s = int(offset[1]) / 1000 if offset else 0.0
    found: list[tuple[float, str]] = []
    for row in rows:
        line = _LRC_LINE.fullmatch(row)
        if line is None:
            continue
        for minutes, seconds in _LRC_STAMP.findall(line[1]):
            found.append((lrc_seconds(minutes, seconds), line[4]))
    found.sort(key=lambda each: each[0])
    ends: list[float | None] = [following[0] for _, following in pairwise(found)]
    for (start_s, row), end_s in zip(found, [*ends, None], strict=True):
        words, last_s = lrc_words(row, earlier_s)
        if words:
            until_s = None if end_s is None else max(0.0, end_s - earlier_s)
            yield GivenLine(words, max(0.0, start_s - earlier_s), last_s if last_s is not None else until_s)


def lrc_words(row: str, earlier_s: float) -> tuple[tuple[GivenWord, ...], float | None]:
    """The words of a line, and the time that stands after the last one."""
    parts = _LRC_WORD.split(row)
    words = [GivenWord(text) for text in words_in(parts[0])]
    last_s = None
    for minutes, seconds, part in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        time_s = max(0.0, lrc_seconds(minutes, seconds) - earlier_s)
        if words and words[-1].start_s is not None and words[-1].end_s is None:
            words[-1] = replace(words[-1], end_s=time_s)
        texts = words_in(part)
        words += [GivenWord(text, time_s if place == 0 else None) for place, text in enumerate(texts)]
        last_s = None if texts else time_s
    return tuple(words), last_s


def cue_seconds(hours: str | None, minutes: str, seconds: str) -> float:
    """A time of SubRip or WebVTT."""
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds.replace(",", "."))


def cue_lines(rows: list[str]) -> Iterator[GivenLine]:
    """The cues of SubRip or WebVTT, each as one line; WebVTT may tell the times of words."""
    places = [place for place, row in enumerate(rows) if _CUE.match(row)]
    for place, following in zip(places, [*places[1:], len(rows) + 1], strict=True):
        times = _CUE.match(rows[place])
        assert times is not None
        start_s, end_s = cue_seconds(*times.group(1, 2, 3)), cue_seconds(*times.group(4, 5, 6))
        body: list[str] = []
        for row in rows[place + 1 : following]:
            if not row.strip():
                break
            body.append(row)
        words = tuple(cue_words(" ".join(body)))
        if words and end_s > start_s:
            yield GivenLine(words, start_s, end_s)


def cue_words(text: str) -> Iterator[GivenWord]:
    """The words of a cue's text, without its markup."""
    parts = _CUE_WORD.split(text)
    for place in range(0, len(parts), 4):
        time_s = cue_seconds(*parts[place - 3 : place]) if place else None
        plain = html.unescape(_MARKUP.sub("", parts[place]))
        for number, word in enumerate(words_in(plain)):
            yield GivenWord(word, time_s if number == 0 else None)
