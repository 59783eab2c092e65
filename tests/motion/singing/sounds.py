"""Sounds whose truth is known: vowels from a glottal pulse and resonators, click tracks, and the like."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import lfilter

SAMPLE_RATE_HZ = 16_000


def vowel(formants_hz, f0_hz, duration_s, tract=1.0):
    """Sung vowel: pulses with a falling spectrum through five resonators in cascade."""
    phase = np.cumsum(np.broadcast_to(f0_hz, round(duration_s * SAMPLE_RATE_HZ))) / SAMPLE_RATE_HZ
    harmonics = int(0.48 * SAMPLE_RATE_HZ / np.max(f0_hz))
    sound = sum(np.cos(2.0 * np.pi * number * phase) for number in range(1, harmonics + 1))
    sound = lfilter([1.0, -1.0], np.convolve([1.0, -0.96], [1.0, -0.96]), sound)
    for formant in np.array([*formants_hz, 3500.0, 4500.0]) * tract:
        radius = np.exp(-np.pi * (50.0 + 0.05 * formant) / SAMPLE_RATE_HZ)
        turn = 2.0 * radius * np.cos(2.0 * np.pi * formant / SAMPLE_RATE_HZ)
        sound = lfilter([1.0 - turn + radius**2], [1.0, -turn, radius**2], sound)
    return sound / np.abs(sound).max()


def faded(sound, fade_s=0.03):
    """The sound with soft ends."""
    fade = np.minimum(1.0, np.arange(len(sound)) / (fade_s * SAMPLE_RATE_HZ))
    return sound * fade * fade[::-1]


def silence(duration_s):
    return np.zeros(round(duration_s * SAMPLE_RATE_HZ))


def clicks(bpm, duration_s, bar=4):
    """Click track with a low thump on every first beat; returns the sound and the beats in seconds."""
    generator = np.random.default_rng(0)
    sound = generator.normal(0.0, 0.002, round(duration_s * SAMPLE_RATE_HZ))
    beats_s = np.arange(0.3, duration_s - 0.4, 60.0 / bpm)
    time_s = np.arange(round(0.08 * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    for number, beat_s in enumerate(beats_s):
        start = round(beat_s * SAMPLE_RATE_HZ)
        tone = np.sin(2.0 * np.pi * (60.0 if number % bar == 0 else 900.0) * time_s) * np.exp(-40.0 * time_s)
        sound[start : start + len(time_s)] += 0.4 * tone + 0.1 * np.exp(-150.0 * time_s) * generator.normal(size=len(time_s))
    return sound, beats_s


def write(path: Path, sound) -> Path:
    soundfile.write(path, np.asarray(sound, dtype=np.float32), SAMPLE_RATE_HZ)
    return path


def aperture(motion):
    """Opening of the lips that the shapes ask for: the jaw less what closes the lips over it, and what parts the lips."""
    lips = sum(motion.shape(f"mouthLowerDown{side}") + motion.shape(f"mouthUpperUp{side}") for side in ("Left", "Right"))
    return np.maximum(motion.shape("jawOpen") - motion.shape("mouthClose"), 0.0) + 0.08 * lips
