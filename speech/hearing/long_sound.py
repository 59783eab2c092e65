"""A long sound as sentences with their times: a lecture, a film's voice.

    for sentence in heard_sentences(blocks):
        sentence.start_s, sentence.end_s, sentence.text

The sound is cut where nobody speaks, into windows that Whisper hears at once; its sentences begin and end where the voice
detector says that somebody begins and ends. Memory does not grow with the sound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.contracts import FloatArray
from core.runs import runs
from neural.voice_detector import FRAME_S, FRAME_SAMPLES, RATE_HZ, VoiceDetector
from speech.hearing.whisper import LONGEST_S, Piece, Whisper, Written, whisper
from speech.sentences import sentences

BoolArray = npt.NDArray[np.bool_]
#: A window is cut at the middle of the longest pause that begins after the first of these and before the second.
CUT_FROM_S, CUT_UNTIL_S = 14.0, 28.0
#: How likely somebody speaks in a frame that counts as speech, and how long a pause must be to part two sentences.
SPOKEN, LEAST_PAUSE_S = 0.4, 0.1
#: How far before and after the place that Whisper tells a pause is looked for.
BEFORE_S, AFTER_S = 0.7, 0.5
#: Sound kept around a sentence that is cut out.
AROUND_S = 0.15


@dataclass(frozen=True)
class HeardSentence:
    """One sentence, when it is said, in which language (two letters); sound: (n,) float32 at 16 kHz, of it alone."""

    text: str
    language: str
    start_s: float
    end_s: float
    sound: FloatArray


def heard_sentences(
    blocks: Iterable[FloatArray],
    language: str = "",
    ear: Callable[[], Whisper] = whisper,
    report: Callable[[float], None] = lambda done_s: None,
) -> Iterator[HeardSentence]:
    """The sentences of a sound in order.

    blocks: (n,) or (n, 1) float32 in [-1, 1], mono, 16 kHz. language: two letters; empty: found with the first words. ear: loaded
    at the first need. report: hears how many seconds are done. Raises as `Whisper`.
    """
    first_s = 0.0
    for sound, spoken in windows(blocks):
        if spoken.any():
            written = ear().write_down(sound, language)
            language = language or (written.heard.language if written.heard.text else "")
            yield from sentences_of(written, sound, spoken, first_s)
        first_s += len(sound) / RATE_HZ
        report(first_s)


def windows(blocks: Iterable[FloatArray]) -> Iterator[tuple[FloatArray, BoolArray]]:
    """The sound in windows of at most 28 s, cut at pauses, each with whether somebody speaks, (frames,) bool a `FRAME_S`."""
    detector = VoiceDetector()
    sound, spoken = np.zeros(0, np.float32), np.zeros(0, bool)
    for block in blocks:
        piece = np.asarray(block, np.float32).reshape(-1)
        sound = np.concatenate([sound, piece])
        spoken = np.concatenate([spoken, detector.push(piece) > SPOKEN])
        while len(spoken) * FRAME_S > CUT_UNTIL_S:
            cut = cutting_frame(spoken)
            yield sound[: cut * FRAME_SAMPLES], spoken[:cut]
            sound, spoken = sound[cut * FRAME_SAMPLES :], spoken[cut:]
    spoken = np.concatenate([spoken, detector.finish() > SPOKEN])
    if len(sound):
        yield sound, spoken


def cutting_frame(spoken: BoolArray) -> int:
    """The middle of the longest pause between `CUT_FROM_S` and `CUT_UNTIL_S`; without one, the last frame that a window has."""
    first, last = int(CUT_FROM_S / FRAME_S), int(CUT_UNTIL_S / FRAME_S)
    pauses = runs(~spoken[first:last])
    if not pauses:
        return last
    begin, end = max(pauses, key=lambda run: run[1] - run[0])
    return first + max(1, (begin + end) // 2)


def sentences_of(written: Written, sound: FloatArray, spoken: BoolArray, first_s: float) -> Iterator[HeardSentence]:
    """The sentences of one window, which begins `first_s` into the whole sound."""
    texts = starts_of_sentences(written.pieces)
    pauses_s = [(begin * FRAME_S, end * FRAME_S) for begin, end in runs(~spoken)]
    voiced = np.flatnonzero(spoken)
    begin_s = float(voiced[0]) * FRAME_S
    last_s = float(voiced[-1] + 1) * FRAME_S
    for place, (text, _) in enumerate(texts):
        following_s = texts[place + 1][1] if place + 1 < len(texts) else None
        end_s, next_s = (last_s, last_s)
        if following_s is not None:
            end_s, next_s = parted(following_s, [pause for pause in pauses_s if pause[0] > begin_s])
        if end_s > begin_s:
            cut = sound[max(0, int((begin_s - AROUND_S) * RATE_HZ)) : int((end_s + AROUND_S) * RATE_HZ)]
            whole = cut[: int(LONGEST_S * RATE_HZ)]
            yield HeardSentence(text, written.heard.language, first_s + begin_s, first_s + end_s, whole)
        begin_s = next_s


def starts_of_sentences(pieces: tuple[Piece, ...]) -> list[tuple[str, float]]:
    """Each sentence of the text, and when its first piece begins."""
    text = "".join(piece.text for piece in pieces)
    reached, offsets = 0, []
    for piece in pieces:
        offsets.append(reached)
        reached += len(piece.text)
    found, at = [], 0
    for sentence in sentences(text):
        at = max(at, text.find(sentence[:1], at))
        place = max(k for k, offset in enumerate(offsets) if offset <= at)
        found.append((sentence, pieces[place].start_s))
        at += len(sentence)
    return found


def parted(told_s: float, pauses_s: list[tuple[float, float]]) -> tuple[float, float]:
    """When one sentence ends and the next begins, where Whisper says that this one begins at `told_s`: around the longest pause
    near there; without one, both then."""
    near = [
        (begin_s, end_s)
        for begin_s, end_s in pauses_s
        if end_s - begin_s >= LEAST_PAUSE_S and end_s > told_s - BEFORE_S and begin_s < told_s + AFTER_S
    ]
    return max(near, key=lambda pause: pause[1] - pause[0], default=(told_s, told_s))
