"""Each word of a long sound with its time, spoken or sung: a song's voice, a film's.

    for window in heard_windows(blocks):
        window.words, window.voiced_s

Who sings holds vowels and leaves no pauses of speech, so where the voice sounds is told by its loudness, not by a detector of
speech; the sound is cut where it is quietest. Memory does not grow with the sound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from core.contracts import FloatArray
from core.runs import runs
from neural.log_mel import RATE_HZ
from speech.hearing.whisper import Piece, Whisper, whisper
from speech.voice import Word, later
from speech.wide import is_wide, wide_parts

#: A window is cut where it is quietest between the first and the second of these.
CUT_FROM_S, CUT_UNTIL_S = 14.0, 28.0
#: Loudness is told frame by frame; a cut lies amid so many of them that are quiet together.
FRAME_S, CUT_FRAMES = 0.02, 15
FRAME_SAMPLES = int(FRAME_S * RATE_HZ)
#: A frame sounds that is at least so loud: of full scale, and of the loudest tenth of its window.
LEAST_LEVEL, LEAST_SHARE = 2e-3, 0.06
#: Shorter silence is a part of a word, such as before a "t"; shorter sound is a click.
LEAST_SILENCE_S, LEAST_SOUND_S = 0.12, 0.06
#: A word that is told before a silence of so long, with sound of so long after it, begins after the silence: the network tells
#: the rest between two lines as the beginning of the second.
REST_S, LEAST_WORD_S = 0.25, 0.08
#: The longest time that a word is held, and that a rest before it may last.
LONGEST_WORD_S, LONGEST_REST_S = 6.0, 28.0

Span = tuple[float, float]


@dataclass(frozen=True)
class HeardWindow:
    """words: in order; voiced_s: when the voice sounds; both in seconds of the whole sound. language: two letters."""

    words: tuple[Word, ...]
    voiced_s: tuple[Span, ...]
    language: str


def heard_windows(
    blocks: Iterable[FloatArray],
    language: str = "",
    ear: Callable[[], Whisper] = whisper,
    report: Callable[[float], None] = lambda done_s: None,
) -> Iterator[HeardWindow]:
    """The words of a sound, window by window.

    blocks: (n,) or (n, 1) float32 in [-1, 1], mono, 16 kHz. language: two letters; empty: found with the first words. ear: loaded
    at the first need. report: hears how many seconds are done. Raises as `Whisper`.
    """
    first_s = 0.0
    for sound in loud_windows(blocks):
        voiced_s = voiced_spans(sound)
        if voiced_s:
            written = ear().write_down(sound, language)
            language = language or (written.heard.language if written.heard.text else "")
            words = timed_words(written.pieces, voiced_s, len(sound) / RATE_HZ)
            spans = tuple((begin_s + first_s, end_s + first_s) for begin_s, end_s in voiced_s)
            yield HeardWindow(later(words, first_s), spans, written.heard.language)
        first_s += len(sound) / RATE_HZ
        report(first_s)


def loud_windows(blocks: Iterable[FloatArray]) -> Iterator[FloatArray]:
    """The sound in windows of at most `CUT_UNTIL_S`, cut where it is quietest."""
    sound = np.zeros(0, np.float32)
    for block in blocks:
        sound = np.concatenate([sound, np.asarray(block, np.float32).reshape(-1)])
        while len(sound) > CUT_UNTIL_S * RATE_HZ:
            cut = quietest_sample(sound)
            yield sound[:cut]
            sound = sound[cut:]
    if len(sound):
        yield sound


def quietest_sample(sound: FloatArray) -> int:
    """Where it is quietest between `CUT_FROM_S` and `CUT_UNTIL_S`."""
    level = levels(sound[int(CUT_FROM_S * RATE_HZ) : int(CUT_UNTIL_S * RATE_HZ)])
    smooth = np.convolve(level, np.ones(CUT_FRAMES), mode="valid")
    return int(CUT_FROM_S * RATE_HZ) + (int(np.argmin(smooth)) + CUT_FRAMES // 2) * FRAME_SAMPLES


def levels(sound: FloatArray) -> npt.NDArray[np.float64]:
    """Root mean square of each frame, (frames,)."""
    whole = sound[: len(sound) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    return np.asarray(np.sqrt(np.mean(np.square(whole, dtype=np.float64), axis=1)))


def voiced_spans(sound: FloatArray) -> list[Span]:
    """From when to when the voice sounds, in seconds; none in silence."""
    level = levels(sound)
    if not len(level):
        return []
    loud = level > max(LEAST_LEVEL, LEAST_SHARE * float(np.quantile(level, 0.9)))
    for begin, end in runs(~loud):
        if begin > 0 and end < len(loud) and (end - begin) * FRAME_S < LEAST_SILENCE_S:
            loud[begin:end] = True
    return [(begin * FRAME_S, end * FRAME_S) for begin, end in runs(loud) if (end - begin) * FRAME_S >= LEAST_SOUND_S]


def timed_words(pieces: Sequence[Piece], voiced_s: Sequence[Span], length_s: float) -> tuple[Word, ...]:
    """The pieces as words that begin and end where the voice sounds; signs alone belong to the word before them."""
    begun: list[tuple[str, float]] = []
    for piece in pieces:
        for text in wide_parts(piece.text):
            new = text[:1].isspace() or is_wide(text[:1]) or not begun
            if new and any(letter.isalnum() for letter in text):
                begun.append((text.strip(), piece.start_s))
            elif begun:
                begun[-1] = (begun[-1][0] + text.strip(), begun[-1][1])
    told_s = [start_s for _, start_s in begun] + [length_s]
    starts_s: list[float] = []
    for one_s, other_s in pairwise(told_s):
        until_s = max(one_s, min(other_s, one_s + LONGEST_REST_S))
        starts_s.append(max(begin_after_rest(one_s, until_s, voiced_s), starts_s[-1] if starts_s else 0.0))
    words = []
    for (text, _), start_s, next_s in zip(begun, starts_s, [*starts_s[1:], length_s], strict=True):
        end_s = sounding_until(start_s, min(next_s, start_s + LONGEST_WORD_S), voiced_s)
        words.append(Word(text, round(start_s, 3), round(max(end_s, start_s), 3)))
    return tuple(words)


def begin_after_rest(told_s: float, next_s: float, voiced_s: Sequence[Span]) -> float:
    """When the word begins that is told to lie between the two: after the last rest in there that is followed by enough sound."""
    silent_from_s, found_s = 0.0, told_s
    for begin_s, end_s in voiced_s:
        rested = begin_s - max(silent_from_s, told_s) if silent_from_s > told_s else REST_S if begin_s > told_s else 0.0
        if told_s < begin_s and rested >= REST_S and min(end_s, next_s) - begin_s >= LEAST_WORD_S:
            found_s = begin_s
        silent_from_s = end_s
    return found_s


def sounding_until(start_s: float, next_s: float, voiced_s: Sequence[Span]) -> float:
    """When the voice pauses first after `start_s`, or the next word begins."""
    ends = (min(end_s, next_s) for begin_s, end_s in voiced_s if begin_s < next_s and end_s > start_s + LEAST_WORD_S)
    return next(ends, next_s)
