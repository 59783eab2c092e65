"""What comes between a voice and the ear: room, noise, tone, level, and leftovers of accompaniment. Nothing here moves in
time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.signal import fftconvolve, lfilter

from core.contracts import FloatArray
from motion.singing.training.dataset import SAMPLE_RATE_HZ


@dataclass(frozen=True)
class RoomSettings:
    """How often and how much, for a stream of sound.

    reverb: chance of a room; reverb_time_s: its time to fall by 60 dB; reverb_db: its level under the voice.
    noise: chance of noise; noise_db: its level under the voice. leftover: chance of accompaniment; leftover_db: likewise.
    gain_db: range of the level. tilt_db: highest tilt of the tone from low to high.
    """

    reverb: float = 0.5
    reverb_time_s: tuple[float, float] = (0.15, 0.9)
    reverb_db: tuple[float, float] = (-24.0, -8.0)
    noise: float = 0.5
    noise_db: tuple[float, float] = (-45.0, -15.0)
    leftover: float = 0.6
    leftover_db: tuple[float, float] = (-25.0, -5.0)
    gain_db: tuple[float, float] = (-10.0, 8.0)
    tilt_db: float = 6.0


def in_a_room(
    sound: FloatArray, music: Sequence[FloatArray], settings: RoomSettings, generator: np.random.Generator
) -> FloatArray:
    """`sound` (n,) as it might reach the ear, (n,) float32; `music`: accompaniments (m,) at the same rate, may be empty."""
    heard = sound.astype(np.float64)
    level = np.sqrt(np.mean(np.square(heard)) + 1e-12)
    if generator.random() < settings.reverb:
        heard = heard + reverberation(heard, generator.uniform(*settings.reverb_time_s), generator) * _factor(
            generator.uniform(*settings.reverb_db)
        )
    heard = tilted(heard, generator.uniform(-settings.tilt_db, settings.tilt_db))
    if len(music) and generator.random() < settings.leftover:
        leftovers = as_leftover(music[int(generator.integers(len(music)))], len(heard), generator)
        heard = heard + level * _factor(generator.uniform(*settings.leftover_db)) * leftovers
    if generator.random() < settings.noise:
        heard = heard + level * _factor(generator.uniform(*settings.noise_db)) * coloured_noise(len(heard), generator)
    heard = heard * _factor(generator.uniform(*settings.gain_db))
    return np.clip(heard, -1.0, 1.0).astype(np.float32)


def _factor(level_db: float) -> float:
    return float(10.0 ** (level_db / 20.0))


def _unit(sound: np.ndarray) -> np.ndarray:
    """At a root mean square of 1."""
    unit: np.ndarray = sound / np.sqrt(np.mean(np.square(sound)) + 1e-12)
    return unit


def reverberation(sound: np.ndarray, reverb_time_s: float, generator: np.random.Generator) -> np.ndarray:
    """(n,) the late echo of `sound` (n,), as loud as it: decaying noise that follows 10 ms after the direct sound."""
    count = round(reverb_time_s * SAMPLE_RATE_HZ)
    tail = generator.normal(size=count) * 10.0 ** (-3.0 * np.arange(count) / count)
    tail[: SAMPLE_RATE_HZ // 100] = 0.0
    wet: np.ndarray = fftconvolve(sound, tail)[: len(sound)] / np.sqrt(np.sum(np.square(tail)) + 1e-12)
    return wet


def tilted(sound: np.ndarray, tilt_db: float) -> np.ndarray:
    """(n,) with the treble raised or lowered: a first-order shelf around 1 kHz, unchanged in time to within a sample or two."""
    share = _factor(tilt_db)
    corner = np.exp(-2.0 * np.pi * 1000.0 / SAMPLE_RATE_HZ)
    low = lfilter([1.0 - corner], [1.0, -corner], sound)
    shelf: np.ndarray = low + share * (sound - low)
    return shelf


def coloured_noise(count: int, generator: np.random.Generator) -> np.ndarray:
    """(count,) noise of level 1, white to pink to brown."""
    spectrum = np.fft.rfft(generator.normal(size=count))
    spectrum /= np.maximum(np.arange(len(spectrum)), 1.0) ** generator.uniform(0.0, 1.0)
    return _unit(np.fft.irfft(spectrum, count))


def as_leftover(music: FloatArray, count: int, generator: np.random.Generator) -> np.ndarray:
    """(count,) of level 1: a stretch of `music` in another key and tempo, dulled and swelling, as a separator lets it through."""
    start, ratio = int(generator.integers(len(music))), generator.uniform(0.7, 1.4)
    places = (start + ratio * np.arange(count)) % (len(music) - 1)
    stretch = np.interp(places, np.arange(len(music)), music)
    knots = np.linspace(0, count - 1, max(2, count // (SAMPLE_RATE_HZ // 2)))
    swell = np.interp(np.arange(count), knots, generator.uniform(0.2, 1.0, len(knots)))
    return _unit(tilted(stretch, generator.uniform(-18.0, 0.0)) * swell)
