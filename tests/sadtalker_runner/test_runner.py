"""The engine's door: from a real portrait and a real voice to squares, with made-up weights of the published layout."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from pipeline.contracts import Motion, Portrait
from pipeline.faces import FaceFinder
from pipeline.pictures import load_picture
from sadtalker_runner.runner import SadTalkerRenderer, SadTalkerSettings


@pytest.fixture(scope="module")
def portrait(shared_dir):
    picture = load_picture(shared_dir / "portraits" / "woman_photo.jpg").image
    with FaceFinder() as finder:
        return Portrait(picture, finder.find(picture)[0])


def motion_of(frames, fps=25.0, jaw_open=0.3):
    shapes = np.zeros((frames, 52), np.float32)
    shapes[:, 17] = jaw_open
    turn = np.linspace(0, 6, frames, dtype=np.float32)[:, None] * np.ones((1, 3), np.float32)
    zeros = np.zeros((frames, 3), np.float32)
    return Motion(fps, shapes, turn, zeros, zeros[:, :2], zeros[:, 0])


@pytest.mark.slow
def test_two_frames_of_a_real_portrait(portrait, shared_dir, sadtalker_weights):
    renderer = SadTalkerRenderer(SadTalkerSettings(), shared_dir / "songs" / "song_10_voice.flac")
    heard = []
    film = renderer.head_film(portrait, motion_of(2), lambda *told: heard.append(told))
    assert heard and {done for _, done, _ in heard} == {0}
    frames = list(film.frames)
    assert len(frames) == 2 and all(frame.shape == (256, 256, 3) and frame.dtype == np.uint8 for frame in frames)
    assert film.side_px == 256 and film.box[2] - film.box[0] == pytest.approx(film.box[3] - film.box[1])
    assert heard[-1] == ("render", 2, 2)
