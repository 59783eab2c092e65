"""SadTalker's films end to end on a CPU, with made-up weights of the published layout: the face is noise, the rest is not."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from drawing.resizing import resized
from media.media import probe_audio, probe_video, read_frames
from media.pictures import load_picture
from pipeline.__main__ import main
from pipeline.film_settings import SongToVideoSettings
from pipeline.song_to_video import song_to_video

pytest.importorskip("torch")

pytestmark = pytest.mark.long

HEIGHT = 320
FRAMES = 2
SETTINGS = SongToVideoSettings(engine="sadtalker", device="cpu", height=HEIGHT, fps=10.0, start_s=6.0, duration_s=0.2)


@pytest.fixture(scope="module")
def inputs(shared_dir):
    """A portrait with much around its head, and a song."""
    return shared_dir / "portraits" / "half_body_snow.jpg", shared_dir / "songs" / "song_10_mix.flac"


@pytest.mark.slow
def test_a_film_of_a_song(inputs, tmp_path, monkeypatch, sadtalker_weights):
    monkeypatch.setattr("media.sound_reader.MIN_SONG_S", 0.1)  # a frame takes seconds here
    out = tmp_path / "film.mp4"
    told = []
    report = song_to_video(*inputs, out, SETTINGS, lambda stage, done, total: told.append((stage, done, total)))
    film = probe_video(out)
    assert report.engine == "sadtalker" and report.frames == film.frames == FRAMES and film.fps == 10
    portrait = load_picture(inputs[0]).image
    width = 2 * round(portrait.shape[1] * HEIGHT / portrait.shape[0] / 2)
    assert (film.width, film.height) == (width, HEIGHT)
    assert "SadTalker by Wenxuan Zhang" in film.metadata["copyright"]
    assert probe_audio(out).duration_s == pytest.approx(0.2, abs=0.06)
    assert ("frames", 0, FRAMES) in told and ("frames", FRAMES, FRAMES) in told
    assert_surroundings_are_the_portraits(out, resized(portrait, HEIGHT, width))


def assert_surroundings_are_the_portraits(film: Path, portrait):
    """Above and below the head's square the film shows the portrait as well as the encoder can; in the square, something new."""
    frames = np.stack(list(read_frames(film))).astype(int)
    difference = np.abs(frames - portrait).mean(axis=(0, 3))
    assert difference[-60:].mean() < 4 and difference[:40].mean() < 4
    assert difference[80:200].max() > 30


def sing(inputs, out, *more):
    portrait, song = map(str, inputs)
    return main(["sing", "--portrait", portrait, "--song", song, "--out", str(out), "--engine", "sadtalker", *more])


def test_missing_weights_are_a_sentence_at_once(inputs, tmp_path, monkeypatch, capfd):
    (tmp_path / "weights").mkdir()
    monkeypatch.setenv("BELCANTO_WEIGHTS_DIR", str(tmp_path / "weights"))
    assert sing(inputs, tmp_path / "film.mp4") == 3
    said = " ".join(capfd.readouterr().err.split())
    assert "lacks the weights sadtalker_256, sadtalker_mapping_full" in said
    assert "python -m weights fetch sadtalker_256 sadtalker_mapping_full" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["weights"]


def test_missing_torch_is_a_sentence_at_once(inputs, tmp_path, monkeypatch, capfd):
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: None if name == "torch" else real(name, *more))
    assert sing(inputs, tmp_path / "film.mp4") == 3
    assert "pip install -c requirements-neural.txt torch" in " ".join(capfd.readouterr().err.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_card_that_is_not_there_is_said_before_the_song_is_taken_apart(inputs, tmp_path, capfd, sadtalker_weights):
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a card here")
    assert sing(inputs, tmp_path / "film.mp4", "--device", "cuda", "--duration", "1", "--height", "128") == 2
    said = " ".join(capfd.readouterr().err.split())
    assert "'cuda' is not on this machine" in said and "separate" not in said
