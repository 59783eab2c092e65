"""A script spoken in the time that its sentences had: each begins with the original, a little quicker or slower where it must."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile

from core.contracts import DrivingSound, FloatArray
from core.messages import Message, message, message_from_json
from core.timebase import samples_to_seconds, seconds_to_samples
from pipeline.speaking import heard_span
from pipeline.spoken_text import RECORD_NAME, SOUND_NAME, SpokenSentence, SpokenText
from pipeline.translating.table import DubScript, ScriptLine
from speech.voice import Phoneme, Voice, Word, later

#: How much slower or quicker than naturally a sentence may be spoken, and a change that nobody hears.
SLOWEST, QUICKEST, UNHEARD = 0.8, 1.25, 0.04
#: Silence between a sentence and the next one that begins with its original.
BETWEEN_S = 0.08
#: A sentence that begins later than its original by more than this is told of.
IN_TIME_S = 0.3
#: How often a text is asked to be shortened, and to what part of the length that would do.
SHORTENINGS, SHORTENED_TO = 2, 0.92
#: A sentence of one breath and the next.
BETWEEN_BREATHS_S = 0.12
#: Names of sentences in a note at most.
MOST_NAMED = 5

#: A shorter text of at most so many characters.
Shorten = Callable[[str, int], str]


@dataclass(frozen=True)
class TimedSpeech:
    """spoken: of everybody, with the sound of all. faces: by the number of who says it (0 of somebody unseen), the sound of that
    one alone and the sentences; every sound begins with the film and is as long as it. lines: as they were spoken."""

    spoken: SpokenText
    faces: Mapping[int, SpokenText]
    lines: tuple[ScriptLine, ...]
    notes: tuple[Message, ...] = ()

    def save(self, folder: Path) -> None:
        """Write the record beside the sounds, which lie in the folder; `load` reads it."""
        record = {
            "spoken": self.spoken.as_json(),
            "faces": {face: text.as_json() for face, text in self.faces.items()},
            "lines": [vars(line) for line in self.lines],
            "notes": [note.as_json() for note in self.notes],
        }
        (folder / RECORD_NAME).write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> TimedSpeech:
        """The record that lies in the folder."""
        record = json.loads((folder / RECORD_NAME).read_text(encoding="utf-8"))
        return cls(
            SpokenText.from_json(record["spoken"], folder),
            {int(face): SpokenText.from_json(text, folder) for face, text in record["faces"].items()},
            tuple(ScriptLine(**line) for line in record["lines"]),
            tuple(message_from_json(note) for note in record["notes"]),
        )

    def driving(self, face: int, fps: float, frames: int) -> DrivingSound:
        """The sound that moves the lips of a face."""
        own = self.faces[face]
        return DrivingSound(own.sound, own.sound, fps, frames, alone=True, phonemes=own.phonemes, shut_in_rests=True)


@dataclass(frozen=True)
class _Utterance:
    """One sentence as it was spoken: its sound without the silence around it, its words and phonemes in that sound's time."""

    text: str
    sound: FloatArray
    rate_hz: int
    words: tuple[Word, ...]
    phonemes: tuple[Phoneme, ...]
    unsure: tuple[str, ...]

    @property
    def duration_s(self) -> float:
        return samples_to_seconds(len(self.sound), self.rate_hz)


def speak_in_time(
    script: DubScript,
    voice_of: Callable[[ScriptLine], Voice],
    duration_s: float,
    folder: Path,
    shorten: Shorten | None = None,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> TimedSpeech:
    """Speak the script into files of an existing folder.

    voice_of: who speaks a line; all have one sampling rate. duration_s: of the film, and of every file. shorten: asked where a
    text can't be said in its time; None: then it runs on into the next, which begins later. report: hears lines done, of
    how many. Raises what voices and `shorten` raise.
    """
    lines = script.spoken
    tracks = _Tracks(folder, duration_s)
    said: list[ScriptLine] = []
    late: list[float] = []
    with tracks:
        for number, line in enumerate(lines):
            begin_s = max(line.start_s, tracks.now_s + (BETWEEN_S if number else 0.0))
            following_s = lines[number + 1].start_s - BETWEEN_S if number + 1 < len(lines) else duration_s
            room_s = max(following_s - begin_s, 0.2)
            line, utterance = in_time(line, voice_of(line), room_s, shorten)
            if begin_s - line.start_s > IN_TIME_S:
                late.append(line.start_s)
            tracks.write(line.face, utterance, begin_s)
            said.append(line)
            report(number + 1, len(lines))
    spoken, faces = tracks.texts()
    notes = [message("pipeline.translating.sentences_late", count=len(late), times=late[:MOST_NAMED])] if late else []
    return TimedSpeech(spoken, faces, tuple(said), tuple(notes))


def in_time(line: ScriptLine, voice: Voice, room_s: float, shorten: Shorten | None) -> tuple[ScriptLine, _Utterance]:
    """The line, whose text may have become shorter, and how it is said: in the time of the original where a voice can, else by
    `room_s` at the latest, until the next begins."""
    own_s = min(line.end_s - line.start_s, room_s)
    for left in range(SHORTENINGS, -1, -1):
        natural = said_of(voice, line.text, 1.0)
        needed_s = natural.duration_s / QUICKEST
        if needed_s <= room_s or shorten is None or not left:
            break
        shorter = shorten(line.text, max(8, int(SHORTENED_TO * len(line.text) * room_s / needed_s)))
        if len(shorter) >= len(line.text):
            break
        line = replace(line, text=shorter)
    slowest, wanted_s = (SLOWEST, own_s) if natural.duration_s / QUICKEST <= own_s else (1.0, room_s)
    speed = float(np.clip(natural.duration_s / wanted_s, slowest, QUICKEST))
    if abs(speed - 1) <= UNHEARD:
        return line, natural
    return line, said_of(voice, line.text, speed)


def said_of(voice: Voice, text: str, speed: float) -> _Utterance:
    """One line as the voice says it, its breaths joined."""
    sounds: list[FloatArray] = []
    words: list[Word] = []
    phonemes: list[Phoneme] = []
    unsure: list[str] = []
    rate_hz, reached = 0, 0
    for said in voice.say(text, speed):
        rate_hz = said.rate_hz
        if sounds:
            sounds.append(np.zeros(seconds_to_samples(BETWEEN_BREATHS_S, rate_hz), np.float32))
            reached += len(sounds[-1])
        first, last = heard_span(said.sound, rate_hz)
        moved_s = samples_to_seconds(reached - first, rate_hz)
        words += later(said.words, moved_s)
        phonemes += later(said.phonemes, moved_s)
        unsure += said.unsure
        sounds.append(said.sound[first:last])
        reached += last - first
    return _Utterance(text, np.concatenate(sounds), rate_hz, tuple(words), tuple(phonemes), tuple(unsure))


class _Tracks:
    """The sound of everybody and that of each face, written as they speak; all have the same length in the end."""

    def __init__(self, folder: Path, duration_s: float) -> None:
        self.now_s = 0.0
        self._folder, self._duration_s = folder, duration_s
        self._files: dict[int | None, _Track] = {}
        self._open = ExitStack()

    def __enter__(self) -> _Tracks:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            for track in self._files.values():
                track.silent_until(self._duration_s)
        self._open.close()

    def write(self, face: int, said: _Utterance, begin_s: float) -> None:
        """Let `said` be heard from `begin_s` on, after all that was written."""
        for whose in (None, face):
            if whose not in self._files:
                path = self._folder / (SOUND_NAME if whose is None else f"face-{whose}.wav")
                file = soundfile.SoundFile(path, "w", said.rate_hz, 1, "PCM_16")
                self._files[whose] = _Track(path, self._open.enter_context(file))
            self._files[whose].write(said, begin_s)
        self.now_s = begin_s + said.duration_s

    def texts(self) -> tuple[SpokenText, dict[int, SpokenText]]:
        """What everybody said, and what each face did."""
        told = {whose: SpokenText(track.path, self._duration_s, tuple(track.sentences)) for whose, track in self._files.items()}
        everybody = told.pop(None)
        return everybody, {face: text for face, text in told.items() if face is not None}


class _Track:
    """One file in the making."""

    def __init__(self, path: Path, file: soundfile.SoundFile) -> None:
        self.path = path
        self.sentences: list[SpokenSentence] = []
        self._file, self._samples = file, 0

    def write(self, said: _Utterance, begin_s: float) -> None:
        if said.rate_hz != self._file.samplerate:
            raise ValueError(f"The voices speak at {self._file.samplerate} and at {said.rate_hz} Hz.")
        self.silent_until(begin_s)
        begin_s = samples_to_seconds(self._samples, said.rate_hz)
        self._append(said.sound)
        words, phonemes = later(said.words, begin_s), later(said.phonemes, begin_s)
        end_s = begin_s + said.duration_s
        self.sentences.append(SpokenSentence(said.text, None, begin_s, end_s, words, phonemes, said.unsure))

    def silent_until(self, time_s: float) -> None:
        """Fill up with silence; nothing where it is that long already."""
        missing = seconds_to_samples(time_s, self._file.samplerate) - self._samples
        for _ in range(0, missing, self._file.samplerate):
            self._append(np.zeros(min(missing, self._file.samplerate), np.float32))
            missing -= min(missing, self._file.samplerate)

    def _append(self, sound: FloatArray) -> None:
        self._file.write(sound)
        self._samples += len(sound)
