"""Songs for the tests of reading and writing media, and the processes that they start."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.media.sounds import noise, tone

HEIGHT, WIDTH = 96, 128


@pytest.fixture(scope="module")
def wav(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("song") / "song.wav"
    soundfile.write(path, tone(2.0), 44100, subtype="PCM_16")
    return path


@pytest.fixture(scope="module")
def noise_song(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("song") / "noise.flac"
    soundfile.write(path, noise(3.0), 44100)
    return path


@pytest.fixture
def started(monkeypatch) -> list[subprocess.Popen]:
    """Every process that is started, for a look at how it ended."""
    processes: list[subprocess.Popen] = []
    popen = subprocess.Popen

    def remember(*arguments, **options):
        processes.append(popen(*arguments, **options))
        return processes[-1]

    monkeypatch.setattr("media.ffmpeg_run.subprocess.Popen", remember)
    return processes


@pytest.fixture
def gradient() -> np.ndarray:
    """Red grows to the right, green downwards, blue is even; smooth, so that lossy formats keep it."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[..., 0] = np.linspace(20, 235, WIDTH)[None, :]
    image[..., 1] = np.linspace(20, 235, HEIGHT)[:, None]
    image[..., 2] = 90
    return image
