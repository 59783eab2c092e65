"""The benchmark of sound and lips puts sounds off by as much as it says, and counts what is found."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from PIL import Image

from benchmarks import sync
from benchmarks.sync import Clip, errors_of, moved_about, put_off, told_of
from media.media import open_film
from pipeline.film_sync import COMPARED, LIP_RATE_HZ

RATE_HZ = 16_000


def wandering(seed: int, late_s: float, rate: float) -> np.ndarray:
    """Six seconds of smooth random curves, later by `late_s`."""
    rng = np.random.default_rng(seed)
    speeds, phases = rng.uniform(1, 5, (len(COMPARED), 8)), rng.uniform(0, 2 * np.pi, (len(COMPARED), 8))
    times_s = np.arange(round(6 * rate)) / rate - late_s
    return np.sin(2 * np.pi * speeds[:, None] * times_s[None, :, None] + phases[:, None]).sum(axis=2).T.astype(np.float32)


@pytest.fixture
def clips(tmp_path, monkeypatch):
    """Two clips with clicks at 2 s and at 3 s; who listens hears each clip's own curves, as late as the click."""

    def heard(path, duration_s):
        sound, rate_hz = soundfile.read(path)
        at_s = np.argmax(np.abs(sound)) / rate_hz
        seed = 1 + int(at_s > 2.5)
        return wandering(seed, at_s - 1 - seed, LIP_RATE_HZ)

    monkeypatch.setattr(sync, "heard_lips", heard)
    found = []
    for seed in (1, 2):
        sound = np.zeros(6 * RATE_HZ, np.float32)
        sound[(1 + seed) * RATE_HZ] = 0.5
        soundfile.write(tmp_path / f"{seed}.wav", sound, RATE_HZ)
        found.append(Clip(str(seed), wandering(seed, 0.0, 25.0), 25.0, tmp_path / f"{seed}.wav"))
    return found


@pytest.mark.parametrize("late_s", [-0.3, 0.0, 0.25])
def test_a_sound_is_put_off_by_so_much_and_stays_as_long(clips, tmp_path, late_s):
    moved, rate_hz = soundfile.read(put_off(clips[0], late_s, tmp_path / "moved.wav"))
    assert len(moved) == 6 * RATE_HZ
    assert np.argmax(np.abs(moved)) / rate_hz == pytest.approx(2 + late_s, abs=0.001)


def test_errors_are_counted_from_the_truth_or_from_the_own_measurement(clips, tmp_path):
    absolute = errors_of(clips[0], (-300, 0, 200), True, tmp_path)
    relative = errors_of(clips[0], (-300, 0, 200), False, tmp_path)
    assert len(absolute) == 3 and len(relative) == 2
    assert max(abs(error) for error in absolute) < 25 and max(abs(error) for error in relative) < 10
    still = Clip("still", np.ones_like(clips[0].lips), 25.0, clips[0].sound)
    assert errors_of(still, (-300, 0, 200), False, tmp_path) == [None, None]


def test_only_other_films_sounds_are_foreign(clips):
    assert told_of(clips, clips) == [False, False]
    twin = Clip("twin", clips[0].lips, 25.0, clips[0].sound)
    assert told_of([twin], clips) == [True, False]


def test_a_portrait_is_moved_about(clips, tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (90, 71, 3), np.uint8)
    Image.fromarray(noise).resize((710, 900)).save(tmp_path / "portrait.png")
    source = open_film(moved_about(tmp_path / "portrait.png", clips[0].sound, tmp_path / "still.mp4", 3))
    assert source.has_sound and source.count == 150 and source.height == sync.HEIGHT_PX
    frames = [frame.astype(int) for number, frame in enumerate(source.frames()) if number in (0, 20)]
    assert np.abs(frames[0] - frames[1]).mean() > 5
