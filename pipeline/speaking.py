"""Speaks a script sentence by sentence straight into a file, so that memory does not grow with the text."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import soundfile

from core.contracts import FloatArray
from core.errors import InputError
from core.timebase import samples_to_seconds, seconds_to_samples
from pipeline.script import Line, Pause, Script, spoken_characters
from pipeline.spoken_text import SOUND_NAME, SpokenSentence, SpokenText
from speech.voice import Said, Voice, later

#: Silence before the first word, so that the face is seen at rest, and after the last.
BEFORE_S, AFTER_S = 0.4, 0.8
#: Silence between two sentences, and between the breaths of a long one.
BETWEEN_SENTENCES_S, BETWEEN_BREATHS_S = 0.35, 0.15
#: What of the silence around a sentence stays with it, and how far under its loudest moment silence begins.
KEPT_SILENCE_S, SILENCE_DB, LEVEL_S = 0.03, -42.0, 0.01


class SpeechFile:
    """A WAV in the making; all that is said into it has one rate, that of the first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.samples = 0
        self.rate_hz = 0
        self._file: soundfile.SoundFile | None = None
        self._silence_s = BEFORE_S

    @property
    def now_s(self) -> float:
        """Where in the file the next sound begins, silence that is due included."""
        return (samples_to_seconds(self.samples, self.rate_hz) if self.rate_hz else 0.0) + self._silence_s

    def silence(self, duration_s: float) -> None:
        """Let so much silence precede the next sound, unless a pause was asked for."""
        self._silence_s = self._silence_s or duration_s

    def pause(self, duration_s: float) -> None:
        """Let so much silence, besides what is due, come next."""
        self._silence_s += duration_s

    def write(self, said: Said) -> SpokenSentence:
        """Append what was said, without the silence around it; gives it with its times in the file."""
        if self._file is None:
            self.rate_hz = said.rate_hz
            self._file = soundfile.SoundFile(self.path, "w", said.rate_hz, 1, "PCM_16")
        if said.rate_hz != self.rate_hz:
            raise ValueError(f"The voice spoke at {self.rate_hz} Hz and goes on at {said.rate_hz}.")
        first, last = heard_span(said.sound, said.rate_hz)
        start_s = self.now_s
        self._append(np.zeros(seconds_to_samples(self._silence_s, self.rate_hz), dtype=np.float32))
        self._append(said.sound[first:last])
        self._silence_s = 0.0
        moved_s = start_s - samples_to_seconds(first, self.rate_hz)
        words, phonemes = later(said.words, moved_s), later(said.phonemes, moved_s)
        end_s = samples_to_seconds(self.samples, self.rate_hz)
        return SpokenSentence(said.text, None, start_s, end_s, words, phonemes, said.unsure)

    def close(self) -> float:
        """Write the silence that is due; gives the length in seconds, 0 where nothing was ever said."""
        if self._file is None:
            return 0.0
        self._append(np.zeros(seconds_to_samples(self._silence_s, self.rate_hz), dtype=np.float32))
        self._file.close()
        return samples_to_seconds(self.samples, self.rate_hz)

    def _append(self, sound: FloatArray) -> None:
        assert self._file is not None
        self._file.write(sound)
        self.samples += len(sound)


def heard_span(sound: FloatArray, rate_hz: int) -> tuple[int, int]:
    """First and one-past-last sample of what is heard in a sound (n,), with a little silence around; all of it where it is
    silent."""
    window = max(1, seconds_to_samples(LEVEL_S, rate_hz))
    blocks = np.square(np.pad(sound, (0, -len(sound) % window)).reshape(-1, window)).mean(axis=1)
    heard = np.flatnonzero(blocks > blocks.max(initial=0.0) * 10.0 ** (SILENCE_DB / 10.0))
    if len(heard) == 0:
        return 0, len(sound)
    kept = seconds_to_samples(KEPT_SILENCE_S, rate_hz)
    return max(0, int(heard[0]) * window - kept), min(len(sound), (int(heard[-1]) + 1) * window + kept)


def speak(
    script: Script, voice: Voice, speed: float, folder: Path, progress: Callable[[int, int], None], at_once: int = 1
) -> SpokenText:
    """Speak the script into a file of the folder, and write beside it what was said when.

    progress: hears how many characters of how many are spoken. at_once: how many sentences are spoken side by side. Raises what
    the voice raises, and `InputError` where it found nothing to say.
    """
    file = SpeechFile(folder / SOUND_NAME)
    sentences: list[SpokenSentence] = []
    done, total = 0, spoken_characters(script)
    told = said_ahead([part for part in script if isinstance(part, Line)], voice, speed, at_once)
    try:
        for part in script:
            if isinstance(part, Pause):
                file.pause(part.duration_s)
                continue
            sentences.extend(spoken_line(file, part, next(told)))
            done += len(part.text)
            progress(done, total)
        file.pause(AFTER_S)
    finally:
        told.close()
        duration_s = file.close()
    if not sentences:
        raise InputError("pipeline.text_is_empty")
    spoken = SpokenText(file.path, duration_s, tuple(sentences))
    spoken.save(folder)
    return spoken


def said_ahead(lines: Iterable[Line], voice: Voice, speed: float, at_once: int) -> Generator[list[Said]]:
    """What is said of each line, in order; `at_once` are spoken side by side, and no more wait than that.

    A sentence keeps one core busy, and two sentences two: one network's work is not quicker on both.
    """

    def said(line: Line) -> list[Said]:
        return list(voice.say(line.text, speed))

    with ThreadPoolExecutor(at_once) as pool:
        waiting: deque[Future[list[Said]]] = deque()
        try:
            for line in lines:
                waiting.append(pool.submit(said, line))
                if len(waiting) >= at_once:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for each in waiting:
                each.cancel()


def spoken_line(file: SpeechFile, line: Line, told: Iterable[Said]) -> Iterator[SpokenSentence]:
    """One sentence, in as many breaths as the voice took; nothing where it did not say it."""
    if file.samples:
        file.silence(BETWEEN_SENTENCES_S)
    breaths: list[SpokenSentence] = []
    for said in told:
        if breaths:
            file.silence(BETWEEN_BREATHS_S)
        breaths.append(file.write(said))
    if breaths:
        words = tuple(word for breath in breaths for word in breath.words)
        phonemes = tuple(phoneme for breath in breaths for phoneme in breath.phonemes)
        unsure = tuple(word for breath in breaths for word in breath.unsure)
        yield SpokenSentence(line.text, line.style, breaths[0].start_s, breaths[-1].end_s, words, phonemes, unsure)
