"""The benchmark of dubbing measures what it says: each figure moves where its fault is put in on purpose, and nowhere else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import soundfile
from PIL import Image

from benchmarks import dub
from benchmarks.dub_lips import alike, lip_figures, loudness_db, opening_of, shut_in_silence, silent_frames
from benchmarks.dub_measures import compared
from benchmarks.programs import Run
from core.errors import MissingError
from faces.tracking.tracks import FaceState, FaceTrack
from metrics.preference import FIRST, read_pairs
from speech.voice import Phoneme
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
        landmarks[:, lower] = landmarks[:, 13]
        landmarks[:, lower, 1] += open_px
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
    figures = compared(film(head), film(head), track, None)
    assert (figures.mouth_sharpness, figures.flicker, figures.outside, figures.frames_lost) == (1.0, 1.0, 0.0, 0)
    assert figures.seam is None
    lips = lip_figures(track, voice, FPS, own=track)
    assert lips.voice_correlation > 0.8 and abs(lips.voice_shuffled) < 0.4
    assert (lips.shut_in_silence, lips.closures, lips.own_correlation) == (1.0, None, pytest.approx(1.0))


def test_each_fault_is_seen(head, track):
    rows, columns = mouth_of(head)

    def blurred(index, frame):
        frame[rows, columns] = cv2.GaussianBlur(frame[rows, columns], (0, 0), 2.5)
        return frame

    def flickering(index, frame):
        frame[rows, columns] = np.clip(frame[rows, columns].astype(int) + (14 if index % 2 else 0), 0, 255)
        return frame

    def shifted(index, frame):
        return np.roll(frame, 2, axis=1)

    soft, nervous, moved = (compared(film(head), film(head, each), track, None) for each in (blurred, flickering, shifted))
    assert soft.mouth_sharpness < 0.6
    assert soft.outside == 0
    assert nervous.flicker > 2
    assert moved.outside > 1
    short = compared(film(head), list(film(head))[:-3], track, None)
    assert short.frames_lost == 3


def test_late_and_gaping_mouths_are_seen(track, voice):
    loudness, opening = loudness_db(voice, FPS, COUNT), opening_of(track)
    assert silent_frames(loudness, FPS).nonzero()[0][0] >= 25
    late, gaping = FaceTrack(**{**vars(track), "landmarks": np.roll(track.landmarks, 6, axis=0)}), opening.copy()
    assert lip_figures(late, voice, FPS).voice_correlation < lip_figures(track, voice, FPS).voice_correlation - 0.3
    assert lip_figures(late, voice, FPS, own=track).own_correlation < 0.7
    gaping[25:] = opening.max()
    assert shut_in_silence(gaping, loudness, FPS) == 0
    unseen = FaceTrack(**{**vars(track), "state": np.full(COUNT, FaceState.TURNED, np.uint8)})
    assert lip_figures(unseen, voice, FPS).voice_correlation is None
    assert alike(opening, np.full(COUNT, np.nan, np.float32)) is None


def test_lips_that_stay_open_at_an_m_are_seen(track, voice):
    """Of these four sounds two are said while the mouth is shut, one while it is open, and one is no m, b or p."""
    said = [Phoneme("m", 1.2, 1.3), Phoneme("p", 1.6, 1.7), Phoneme("b", 0.22, 0.28), Phoneme("a", 0.22, 0.28)]
    assert lip_figures(track, voice, FPS, said).closures == pytest.approx(2 / 3)


def test_a_rectangle_has_a_steeper_edge_than_a_blend(head, track):
    """The same lighter skin below the nose, laid over with a hard edge and with a soft one."""
    rows, columns = mouth_of(head)
    hard = np.zeros(head[0].shape[:2], np.float32)
    hard[rows.start - 20 : rows.stop + 20, columns.start - 30 : columns.stop + 30] = 1
    seams = []
    for mask in (hard, cv2.GaussianBlur(hard, (0, 0), 9)):
        lighter = [np.clip(frame + 30 * mask[..., None], 0, 255).astype(np.uint8) for frame in film(head)]
        seams.append(compared(film(head), lighter, track, None).seam)
    assert seams[0] > 3 * seams[1] > 0


def test_the_command_and_its_failure(tmp_path, monkeypatch, capsys):
    """A film is dubbed by the command line; where that ends badly, its sentence is the benchmark's."""

    class Silent:
        has_sound = False

    asked = []

    def fails(command):
        asked.append(command)
        return Run(2, 0.1, 0.1, None, "", "No face was found in the film.\n")

    monkeypatch.setattr(dub, "run_measured", fails)
    monkeypatch.setattr(dub, "subject_of", lambda *_: dub.Subject(tmp_path / "f.mp4", Silent(), None))
    monkeypatch.setattr(dub, "controls", lambda *_: iter(()))
    monkeypatch.setattr(dub, "identity_network", lambda: None)
    assert dub.main(["--films", "f.mp4", "--sounds", "s.wav", "--options=--seed 3"]) == 2
    assert "No face was found" in capsys.readouterr().err
    (command,) = asked
    assert command[3:5] == ["dub", "--film"]
    assert command[-2:] == ["--seed", "3"]


def test_films_that_stay_have_a_page_of_preferences(tmp_path):
    for name in ("talk-late.mp4", "talk-anew.mp4", "talk-mesh-own.mp4"):
        (tmp_path / name).touch()
    dub.write_page(tmp_path, [tmp_path / "talk.mp4", tmp_path / "without_sound.mp4"], ["mesh"])
    asked, control = read_pairs(tmp_path / "pairs.json")
    assert (asked.first, asked.second, asked.control) == ("talk-anew.mp4", "talk-mesh-own.mp4", None)
    assert (control.second, control.control) == ("talk-late.mp4", FIRST)
    assert "talk-mesh-own.mp4" in (tmp_path / "page.html").read_text()
