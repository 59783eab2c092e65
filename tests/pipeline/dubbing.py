"""What tests of dubbing share: films of moving colours, faces that are known beforehand, and lips that are easy to see."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

from core.contracts import Motion, Performance, Stems
from faces.tracking.tracks import FaceState, FaceTrack, FilmFaces
from lipsync.card import LipsCard
from media.film_source import FilmSource
from media.media import FilmWriter
from pipeline.stages import Stages

FPS, WIDTH, HEIGHT = 25.0, 96, 64
RATE_HZ = 48_000
#: The colour that the lips of these tests have.
RED = (230, 20, 20)


def tone(path: Path, duration_s: float, hz: float = 330.0, level: float = 0.4) -> Path:
    """A stereo WAV of one tone."""
    times_s = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    wave = level * np.sin(2 * np.pi * hz * times_s)
    soundfile.write(path, np.stack([wave, wave], axis=1).astype(np.float32), RATE_HZ, "PCM_16")
    return path


def grey(index: int) -> int:
    """The level of a film's frame."""
    return 40 + 3 * (index % 50)


def film(path: Path, frames: int, hz: float = 220.0) -> Path:
    """A film with sound whose frames are told apart by their level."""
    sound = tone(path.with_suffix(".wav"), frames / FPS, hz)
    with FilmWriter(path, (WIDTH, HEIGHT), FPS, sound) as writer:
        for index in range(frames):
            writer.write(np.full((HEIGHT, WIDTH, 3), grey(index), np.uint8))
    return path


def track(number: int, states: np.ndarray, left: float) -> FaceTrack:
    """A face that stands still at `left`, in these states."""
    frames = len(states)
    points = np.zeros((frames, 478, 3), np.float32)
    points[..., 0] = left + np.linspace(0, 20, 478)
    points[..., 1] = 20 + np.linspace(0, 20, 478)
    rows = np.zeros((frames, 52), np.float32), np.zeros((frames, 3), np.float32)
    return FaceTrack(number, points, *rows, states.astype(np.uint8), 0)


def faces_of(source: FilmSource, people: int, lost: slice | None = None) -> FilmFaces:
    """So many people, all seen clearly but the first one in the frames `lost`."""
    states = np.full((people, source.count), FaceState.CLEAR)
    if lost is not None and people:
        states[0, lost] = FaceState.TURNED
    tracks = tuple(track(number, states[number - 1], 10.0 + 40 * (number - 1)) for number in range(1, people + 1))
    return FilmFaces(source.fps, source.width, source.height, source.count, np.zeros(0, np.int64), tracks)


class WholeIsVoice:
    """A `Separator` for tones: all of it is the voice, and a softer copy what is left."""

    def __init__(self) -> None:
        self.asked: list[Path] = []

    def separate(self, mix, out_dir, progress=None):
        self.asked.append(mix)
        samples, rate = soundfile.read(mix, dtype="float32", always_2d=True)
        soundfile.write(out_dir / "voice.wav", samples, rate)
        soundfile.write(out_dir / "rest.wav", 0.5 * samples, rate)
        return Stems(out_dir / "voice.wav", out_dir / "rest.wav", len(samples) / rate, 1.0)


class OpenJaw:
    """A `MotionSource`: the mouth stands open."""

    hears, room = True, "motion.singing"

    def perform(self, sound, keep, progress=None):
        shapes = np.zeros((sound.frames, 52), np.float32)
        shapes[:, :] = 0.5
        still = np.zeros((sound.frames, 3), np.float32)
        gaze = np.zeros((sound.frames, 2), np.float32)
        names = {"fps": sound.fps, "blendshapes": shapes, "rotation_deg": still, "translation": still, "gaze_deg": gaze}
        names["intensity"] = np.zeros(sound.frames, np.float32)
        wanted = {each.name for each in dataclasses.fields(Motion)}
        return Performance(Motion(**{name: value for name, value in names.items() if name in wanted}))


class RedLips:
    """A `FrameFilter`: a red square where the face is seen clearly."""

    def __init__(self, task):
        self.task = task

    def apply(self, frames, progress=None) -> Iterator[np.ndarray]:
        for index, frame in enumerate(frames):
            out = frame.copy()
            if self.task.track.clear(index):
                left, top, right, bottom = (int(edge) for edge in self.task.track.face(index).box)
                out[top:bottom, left:right] = RED
            yield out


def red_lips(made: list | None = None) -> LipsCard:
    """The card of `RedLips`; `made` gets each task."""

    def make(settings, task, note):
        if made is not None:
            made.append(task)
        return RedLips(task)

    return LipsCard("red", "Red", "lipsync", make, credit="Red by the tests")


def stages(
    people: int = 1, lost: slice | None = None, separator: WholeIsVoice | None = None, followed: list | None = None
) -> Stages:
    """Stages of known faces."""

    def film_faces(source, folder, progress):
        if followed is not None:
            followed.append(source.count)
        found = faces_of(source, people, lost)
        found.save(folder)
        return found

    return Stages(
        separator=lambda settings: separator or WholeIsVoice(),
        motion_source=lambda settings: OpenJaw(),
        film_faces=film_faces,
        version=lambda package: "1",
    )
