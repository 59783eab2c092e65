"""The words of a voice with their times: heard, or given and laid over what is heard."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import InputError
from core.film_stages import LISTEN
from core.messages import message
from core.timebase import seconds_to_samples
from media.sound_reader import read_audio_blocks
from neural.log_mel import RATE_HZ
from pipeline.cache import file_digest
from pipeline.lyrics.aligning import HeardVoice, align, told_spans
from pipeline.lyrics.lines import GivenLine, Lyrics, lines_of_words
from pipeline.lyrics.reading import parse_lyrics
from pipeline.lyrics.settings import AUTO
from pipeline.run import Run
from pipeline.stages import Stages, opened
from pipeline.steps import SongExcerpt
from speech.hearing.words import heard_windows
from speech.voice import Word

HEARING_PACKAGE, RECORD_NAME = "speech.hearing", "words.json"
BLOCK_S = 10.0
#: Where fewer of the given words were heard, a note says that their times are to be looked at.
FEW_HEARD = 0.35


@dataclass(frozen=True)
class SoundPart:
    """The part of a sound whose words are wanted; name: what a sentence calls the sound; whole: whether the part is all of it."""

    name: str
    start_s: float
    duration_s: float
    whole: bool


def hear_voice(run: Run, voice: Path, length_s: float, language: str, stages: Stages) -> HeardVoice:
    """What is heard in a sound file of the voice alone, out of the cache where it was heard before. Raises as `Whisper`."""
    with run.stage(LISTEN) as progress, opened():

        def make(folder: Path) -> None:
            blocks = read_audio_blocks(voice, RATE_HZ, 1, seconds_to_samples(BLOCK_S, RATE_HZ))
            length = max(1, round(length_s))
            report = lambda done_s: progress(LISTEN, min(length, round(done_s)), length)  # noqa: E731
            windows = list(heard_windows(blocks, language, report=report))
            record = {
                "words": [[word.text, word.start_s, word.end_s] for window in windows for word in window.words],
                "voiced_s": [span for window in windows for span in window.voiced_s],
                "language": next((window.language for window in windows if window.words), language),
            }
            (folder / RECORD_NAME).write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")

        inputs = {"voice": file_digest(voice)}
        folder, _ = run.cached(LISTEN, stages.version(HEARING_PACKAGE), inputs, {"words": 1, "language": language}, make)
    record = json.loads((folder / RECORD_NAME).read_text(encoding="utf-8"))
    words = tuple(Word(text, start_s, end_s) for text, start_s, end_s in record["words"])
    voiced_s = tuple((begin_s, end_s) for begin_s, end_s in record["voiced_s"])
    return HeardVoice(words, voiced_s, length_s, record["language"])


def find_lyrics(run: Run, words: str, part: SoundPart, hear: Callable[[], HeardVoice]) -> Lyrics:
    """The words of the part of a sound, in seconds from the part's beginning.

    words: `auto`, or a text as `parse_lyrics` reads it, whose times are the whole sound's. hear: asked only where it is needed.
    Raises `InputError` where nobody is heard, or no given word lies in the part.
    """
    if words == AUTO:
        heard = hear()
        if not heard.words:
            raise InputError("pipeline.lyrics.nobody_heard", name=part.name)
        return Lyrics(lines_of_words(heard.words), heard.language)
    lines = within_part(parse_lyrics(words), part)
    if all(span is not None for row in told_spans(lines) for span in row):
        found = align(lines, HeardVoice((), (), part.duration_s)).lyrics
    else:
        found = laid_over(run, lines, part, hear())
    found = found.shifted(0.0, part.duration_s)
    if not found.lines:
        raise InputError("pipeline.lyrics.none_in_part", name=part.name)
    return found


def laid_over(run: Run, lines: Sequence[GivenLine], part: SoundPart, heard: HeardVoice) -> Lyrics:
    """The lines with the times at which they are heard; of a part, only those of which something is heard there."""
    aligned = align(lines, heard)
    if not part.whole and aligned.unmatched:
        lines = [line for place, line in enumerate(lines) if place not in aligned.unmatched]
        if not lines:
            raise InputError("pipeline.lyrics.none_in_part", name=part.name)
        aligned = align(lines, heard)
    if aligned.matched < FEW_HEARD:
        run.note(message("pipeline.lyrics.few_heard", share=aligned.matched))
    return aligned.lyrics


def within_part(lines: Sequence[GivenLine], part: SoundPart) -> tuple[GivenLine, ...]:
    """The lines in seconds from the part's beginning, without those that their own times put outside of it."""
    if part.whole:
        return tuple(lines)
    moved = (moved_line(line, -part.start_s) for line in lines)
    ends_s = part.duration_s
    return tuple(
        line for line in moved if (line.start_s is None or line.start_s < ends_s) and (line.end_s is None or line.end_s > 0.0)
    )


def moved_line(line: GivenLine, by_s: float) -> GivenLine:
    """The line with all its times later by so much."""

    def moved(time_s: float | None) -> float | None:
        return None if time_s is None else time_s + by_s

    words = tuple(replace(word, start_s=moved(word.start_s), end_s=moved(word.end_s)) for word in line.words)
    return GivenLine(words, moved(line.start_s), moved(line.end_s))


def part_of(excerpt: SongExcerpt, is_excerpt: bool) -> SoundPart:
    """The part of the sound that a film takes."""
    name = excerpt.mix.name if excerpt.song is None else excerpt.song.name
    return SoundPart(name, excerpt.start_s, excerpt.duration_s, not is_excerpt)
