"""Sounds of the tests of reading and writing media, and how they are made."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np

from media.ffmpeg_run import ffmpeg_path
from media.media import (
    FilmSettings,
    FilmWriter,
)

TONE_HZ = 440.0

QUICK = FilmSettings(preset="ultrafast", threads=1)


def ffmpeg(*arguments: object) -> None:
    subprocess.run([ffmpeg_path(), "-v", "error", "-nostdin", "-y", *map(str, arguments)], check=True)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def tone(duration_s: float, sample_rate_hz: int = 44100, channels: int = 2) -> np.ndarray:
    times = np.arange(round(duration_s * sample_rate_hz)) / sample_rate_hz
    return np.repeat(0.5 * np.sin(2 * np.pi * TONE_HZ * times)[:, None], channels, axis=1).astype(np.float32)


def noise(duration_s: float, sample_rate_hz: int = 44100, channels: int = 2) -> np.ndarray:
    shape = (round(duration_s * sample_rate_hz), channels)
    return np.random.default_rng(0).uniform(-0.5, 0.5, shape).astype(np.float32)


def loudest_hz(sound: np.ndarray, sample_rate_hz: int) -> float:
    spectrum = np.abs(np.fft.rfft(sound[:, 0] * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * sample_rate_hz / len(sound))


def write_some(writer: FilmWriter, count: int) -> None:
    for _ in range(count):
        writer.write(np.zeros((32, 32, 3), np.uint8))
