"""Lyrics as files: LRC with the times of words, SubRip, and WebVTT with the times of words."""

from __future__ import annotations

import html
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from core.output_files import whole_file
from pipeline.lyrics.lines import Lyrics, TimedLine, joined
from pipeline.subtitles import READING_S, SRT, VTT, clock

LRC, TXT = ".lrc", ".txt"
#: A silence of so long after a line is told by an empty one, so that players let the line go.
LRC_GAP_S = 2.0


def shown_until_s(lyrics: Lyrics) -> list[float]:
    """Until when each line is shown: a little longer than it sounds, but never into the next."""
    following = [line.start_s for line in lyrics.lines[1:]]
    return [
        max(line.start_s, min(line.end_s + READING_S, next_s))
        for line, next_s in zip(lyrics.lines, [*following, float("inf")], strict=True)
    ]


def lrc_clock(time_s: float) -> str:
    """`01:02.34`."""
    hundredths = round(100 * time_s)
    return f"{hundredths // 6000:02d}:{hundredths // 100 % 60:02d}.{hundredths % 100:02d}"


def lrc_text(lyrics: Lyrics) -> str:
    """As LRC: the time of the line, and those of its words within it; the last says when the line ends."""
    rows = []
    for line, following in pairwise([*lyrics.lines, None]):
        assert line is not None
        words = " ".join(f"<{lrc_clock(each.start_s)}>{each.text}" for each in line.words)
        rows.append(f"[{lrc_clock(line.start_s)}]{words} <{lrc_clock(line.end_s)}>")
        if following is not None and following.start_s - line.end_s > LRC_GAP_S:
            rows.append(f"[{lrc_clock(line.end_s + READING_S)}]")
    return "".join(f"{row}\n" for row in rows)


def srt_text(lyrics: Lyrics) -> str:
    """As SubRip, a cue for a line."""
    cues = zip(lyrics.lines, shown_until_s(lyrics), strict=True)
    blocks = (
        f"{number}\n{clock(line.start_s, ',')} --> {clock(until_s, ',')}\n{line.text}\n"
        for number, (line, until_s) in enumerate(cues, start=1)
    )
    return "\n".join(blocks)


def vtt_text(lyrics: Lyrics) -> str:
    """As WebVTT, every word but a line's first behind the time at which it is heard."""
    cues = zip(lyrics.lines, shown_until_s(lyrics), strict=True)
    blocks = ["WEBVTT\n"] + [
        f"{number}\n{clock(line.start_s, '.')} --> {clock(until_s, '.')}\n{stamped_line(line)}\n"
        for number, (line, until_s) in enumerate(cues, start=1)
    ]
    return "\n".join(blocks)


def stamped_line(line: TimedLine) -> str:
    """The words, each behind its time where that lies after the one before."""
    shown, last_s = [], line.start_s
    for word in line.words:
        text = html.escape(word.text, quote=False)
        later = round(1000 * word.start_s) > round(1000 * last_s)
        shown.append(f"<{clock(word.start_s, '.')}>{text}" if later else text)
        last_s = max(last_s, word.start_s)
    return " ".join(shown)


def plain_text(lyrics: Lyrics) -> str:
    """The words alone, line by line."""
    return "".join(f"{joined(each.text for each in line.words)}\n" for line in lyrics.lines)


WRITERS: dict[str, Callable[[Lyrics], str]] = {LRC: lrc_text, SRT: srt_text, VTT: vtt_text, TXT: plain_text}


def write_lyrics(path: Path, lyrics: Lyrics) -> None:
    """Write them as the file's name ends, one of `WRITERS`, whole or not at all. Raises `InputError` where that can't be."""
    with whole_file(path, "The file of lyrics") as file:
        file.write(WRITERS[path.suffix.lower()](lyrics).encode("utf-8"))
