"""A film becomes a clip: its face followed by the real tracker, its sound heard by a Whisper of chance."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

pytest.importorskip("torch")

from lipsync.musetalk.training import prepare
from lipsync.musetalk.training.dataset import read_clips
from media.film_writer import FilmWriter
from tests.lipsync.mesh_lips.conftest import talking  # noqa: F401

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def film(talking, tmp_path_factory):  # noqa: F811
    """3.2 s at 12.5 frames a second."""
    path = tmp_path_factory.mktemp("films") / "speaker.mp4"
    voice = path.with_suffix(".wav")
    soundfile.write(voice, 0.1 * np.random.default_rng(3).standard_normal(51_200), 16_000, "PCM_16")
    height, width = talking.frames[0].shape[:2]
    with FilmWriter(path, (width, height), 12.5, voice, duration_s=3.2, title="A film") as writer:
        for frame in talking.frames:
            writer.write(frame)
    return path


def heard_times(sound):
    """Rows that say their own time: their number."""
    rows = np.arange(len(sound) // 320, dtype=np.float32)
    return np.broadcast_to(rows[:, None, None], (len(rows), 5, 384))


def test_a_film_becomes_a_clip_at_25_frames(film, talking, tmp_path):  # noqa: F811
    assert prepare.clips_of_film(film, tmp_path, heard_times, least_px=60) == 1
    [clip] = read_clips(tmp_path)
    assert clip.person == "speaker-1" and len(clip) == 80 and clip.side == 256
    dark = np.array([(square[150:240, 80:180].max(axis=2) < 70).sum() for square in clip.squares(range(80), 10)], float)
    jaw = talking.jaw[np.minimum((np.arange(80) * 0.5 + 0.5).astype(int), 39)]
    assert np.corrcoef(dark, jaw)[0, 1] > 0.6, "its mouth opens when the film's does"
    assert np.corrcoef(clip.mouths @ clip.mouths[jaw.argmax()], jaw)[0, 1] > 0.6, "and so do the lips' points"
    assert clip.rows(10, 2)[:, 0, 0].tolist() == [20, 21, 22, 23]


def test_small_faces_are_left_out(film, tmp_path):
    assert prepare.clips_of_film(film, tmp_path, heard_times, least_px=1000) == 0


def test_a_folder_without_films_says_so(tmp_path, capsys):
    assert prepare.main(["--films", str(tmp_path), "--out", str(tmp_path / "clips")]) == 2
    assert "no film" in capsys.readouterr().err
