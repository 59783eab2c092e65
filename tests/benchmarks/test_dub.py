"""The benchmark of dubbing measures what it says: each figure moves where its fault is put in on purpose, and nowhere else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import soundfile
from PIL import Image

from benchmarks import dub
from benchmarks.dub_measures import compared, loudness_db, opening_of, shut_in_silence, silent_frames, voice_correlation
from benchmarks.programs import Run
from core.errors import MissingError
from faces.tracking.tracks import FaceState, FaceTrack
from tests.conftest import ROOT

FPS = 25.0
COUNT = 50


@pytest.fixture(scope="module")
def head():
    """A picture and its face."""
    from faces.faces import FaceFinder

    image = np.asarray(Image.open(ROOT / "demo" / "portrait.jpg").convert("RGB").resize((384, 384)))
    try:
        with FaceFinder() as finder:
            return image, finder.find(image)[0]
    except MissingError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def track(head):
    """A face whose mouth opens and shuts twice in a second for a second, and stays shut for another."""
    _, face = head
    landmarks = np.repeat(face.landmarks[None], COUNT, axis=0).copy()
    open_px = 12 * np.abs(np.sin(2 * np.pi * np.arange(COUNT) / FPS))
    open_px[25:] = 0
    for lower in (14, 87, 317):
        landmarks[:, lower, 1] = landmarks[:, 13, 1] + open_px
    for upper in (82, 312):
        landmarks[:, upper] = landmarks[:, 13]
    state = np.full(COUNT, FaceState.CLEAR, np.uint8)
    return FaceTrack(1, landmarks, np.zeros((COUNT, 52), np.float32), np.zeros((COUNT, 3), np.float32), state, 0)


@pytest.fixture(scope="module")
def voice(tmp_path_factory):
    """A tone as loud as that mouth is open."""
    times_s = np.arange(2 * 16000) / 16000
    loud = np.where(times_s < 1, np.abs(np.sin(2 * np.pi * times_s)), 0)
    path = tmp_path_factory.mktemp("voice") / "voice.wav"
    soundfile.write(path, 0.5 * loud * np.sin(2 * np.pi * 220 * times_s), 16000)
    return path


def film(head, change=lambda index, frame: frame):
    for index in range(COUNT):
        noise = np.random.default_rng(index).normal(0, 2, head[0].shape)
        yield change(index, np.clip(head[0] + noise, 0, 255).astype(np.uint8))


def mouth_of(head):
    x, y = head[1].landmarks[[13, 14], :2].mean(axis=0).astype(int)
    return slice(y - 24, y + 24), slice(x - 30, x + 30)


def test_an_untouched_film_is_like_itself(head, track, voice):
    figures = compared(film(head), film(head), (track, track), voice, FPS, None)
    assert (figures.mouth_sharpness, figures.flicker, figures.outside, figures.frames_lost) == (1.0, 1.0, 0.0, 0)
    assert figures.voice_correlation > 0.8
    assert figures.shut_in_silence == 1.0


def test_each_fault_is_seen(head, track, voice):
    rows, columns = mouth_of(head)

    def blurred(index, frame):
        frame[rows, columns] = cv2.GaussianBlur(frame[rows, columns], (0, 0), 2.5)
        return frame

    def flickering(index, frame):
        frame[rows, columns] = np.clip(frame[rows, columns].astype(int) + (14 if index % 2 else 0), 0, 255)
        return frame

    def shifted(index, frame):
        return np.roll(frame, 2, axis=1)

    soft, nervous, moved = (
        compared(film(head), film(head, each), (track, track), voice, FPS, None) for each in (blurred, flickering, shifted)
    )
    assert soft.mouth_sharpness < 0.6
    assert soft.outside == 0
    assert nervous.flicker > 2
    assert moved.outside > 1
    short = compared(film(head), list(film(head))[:-3], (track, track), voice, FPS, None)
    assert short.frames_lost == 3


def test_late_and_gaping_mouths_are_seen(track, voice):
    loudness, opening = loudness_db(voice, FPS, COUNT), opening_of(track)
    assert silent_frames(loudness, FPS).nonzero()[0][0] >= 25
    late = np.roll(opening, 6)
    assert voice_correlation(late, loudness) < voice_correlation(opening, loudness) - 0.3
    gaping = opening.copy()
    gaping[25:] = opening.max()
    assert shut_in_silence(gaping, loudness, FPS) == 0
    assert voice_correlation(np.full(COUNT, np.nan, np.float32), loudness) is None


def test_the_command_and_its_failure(tmp_path, monkeypatch, capsys):
    """A film is dubbed by the command line; where that ends badly, its sentence is the benchmark's."""
    asked = []

    def fails(command):
        asked.append(command)
        return Run(2, 0.1, 0.1, None, "", "No face was found in the film.\n")

    monkeypatch.setattr(dub, "run_measured", fails)
    monkeypatch.setattr(dub, "subject_of", lambda *_: dub.Subject(tmp_path / "f.mp4", None, None))
    monkeypatch.setattr(dub, "controls", lambda *_: iter(()))
    monkeypatch.setattr(dub, "identity_network", lambda: None)
    assert dub.main(["--films", "f.mp4", "--sounds", "s.wav", "--options=--seed 3"]) == 2
    assert "No face was found" in capsys.readouterr().err
    (command,) = asked
    assert command[3:5] == ["dub", "--film"]
    assert command[-2:] == ["--seed", "3"]
