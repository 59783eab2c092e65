"""A film becomes clips: its face followed by the real tracker, its sound beside."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from lipsync.wav2lip.training.dataset import read_clips
from lipsync.wav2lip.training.prepare import main
from media.film_writer import FilmWriter
from neural.wav2lip_mel import HOPS_PER_SECOND


@pytest.fixture(scope="module")
def film_folder(talking, voice_file, tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    height, width = talking.frames[0].shape[:2]
    with FilmWriter(folder / "speaker.mp4", (width, height), 20.0, voice_file, duration_s=2.0, title="A film") as film:
        for frame in talking.frames:
            film.write(frame)
    return folder


def test_a_film_becomes_a_clip_at_25_frames(film_folder, talking, tmp_path, capsys):
    assert main(["--films", str(film_folder), "--out", str(tmp_path / "clips")]) == 0
    assert "speaker.mp4: 1 clips" in capsys.readouterr().out
    [clip] = read_clips(tmp_path / "clips")
    assert clip.person == "speaker-1" and len(clip) == 50, "2 s, which had 40 frames"
    sound = np.load(next((tmp_path / "clips").glob("*/sound.npy")))
    assert abs(len(sound) - 2 * HOPS_PER_SECOND) <= 1
    dark = np.array([(crop[60:92, 34:62].max(axis=2) < 70).sum() for crop in np.array(clip.crops)], float)
    jaw = talking.jaw[np.minimum((np.arange(50) * 0.8 + 0.5).astype(int), 39)]
    assert np.corrcoef(dark, jaw)[0, 1] > 0.6, "its mouth opens when the film's does"


def test_a_folder_without_films_says_so(tmp_path, capsys):
    assert main(["--films", str(tmp_path), "--out", str(tmp_path / "clips")]) == 2
    assert "no film" in capsys.readouterr().err
