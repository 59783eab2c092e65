"""Songs for the looks: one that grows louder, and one that takes too long."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest
import soundfile

from media.ffmpeg_run import ffmpeg_path

RATE = 22_050


@pytest.fixture(scope="module")
def swelling(tmp_path_factory):
    """Two seconds of silence, then a tone that grows louder for eight seconds, on the right side alone."""
    time_s = np.arange(10 * RATE) / RATE
    sound = np.sin(2 * np.pi * 440 * time_s) * np.clip((time_s - 2) / 10, 0, 1)
    path = tmp_path_factory.mktemp("sound") / "swelling.wav"
    soundfile.write(path, np.stack([np.zeros_like(sound), sound], axis=1), RATE, subtype="PCM_16")
    return path


@pytest.fixture(scope="module")
def endless(tmp_path_factory):
    """A song of 33 hours in 120 MB, which takes many seconds to decode."""
    folder = tmp_path_factory.mktemp("endless")
    silence = ["-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "60", "-b:a", "8k", "-write_xing", "0"]
    subprocess.run([ffmpeg_path(), "-v", "error", *silence, "-y", str(folder / "minute.mp3")], check=True)
    minute = (folder / "minute.mp3").read_bytes()
    path = folder / "endless.mp3"
    with path.open("wb") as file:
        for _ in range(2000):
            file.write(minute)
    yield path
    path.unlink()
