"""The voice's envelope: how loud the voice is over time, and where it is absent. Read in blocks, whatever the length."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.contracts import FloatArray
from core.runs import runs
from core.timebase import seconds_to_samples
from media.media import gain_of_quiet_sound, read_audio_blocks

#: Sample rate for the envelope; holds every vowel and most consonants.
ENVELOPE_SAMPLE_RATE_HZ = 16000
#: Values of the envelope a second: fine enough for lags of a few milliseconds by interpolation.
ENVELOPE_RATE_HZ = 100
#: Levels are counted from this floor in decibels relative to full scale.
FLOOR_DB = -90.0
#: Loudness grows as this power of the amplitude (Stevens 1957: 0.3 of the intensity).
LOUDNESS_POWER = 0.6


@dataclass(frozen=True)
class Envelope:
    """Root mean square of the voice in windows of `1 / rate_hz` seconds.

    rms: (N,) float32 >= 0; value i covers the time from i / rate_hz to (i + 1) / rate_hz seconds.
    rate_hz: values a second.
    """

    rms: FloatArray
    rate_hz: float

    @property
    def times_s(self) -> np.ndarray:
        """Middle of each window in seconds, (N,)."""
        return (np.arange(len(self.rms)) + 0.5) / self.rate_hz

    @property
    def loudness(self) -> np.ndarray:
        """Loudness (N,), smoothed over 50 ms (about the time that the ear and a film frame integrate over)."""
        return smooth(self.rms.astype(np.float64) ** LOUDNESS_POWER, 0.025 * self.rate_hz)

    @property
    def level_db(self) -> np.ndarray:
        """Level (N,) of each window in decibels relative to full scale, floored at -90."""
        return 20 * np.log10(np.maximum(self.rms.astype(np.float64), 10 ** (FLOOR_DB / 20)))

    def loudness_at(self, times_s: np.ndarray) -> np.ndarray:
        """Loudness at any times (any shape), linearly between windows; 0 before the beginning and after the end."""
        return np.interp(times_s, self.times_s, self.loudness, left=0.0, right=0.0)


def smooth(values: np.ndarray, sigma: float) -> np.ndarray:
    """Values (N,) under a Gaussian of `sigma` samples; zero lag; edges are repeated."""
    from scipy.ndimage import gaussian_filter1d

    return np.asarray(gaussian_filter1d(values, sigma, mode="nearest"))


def voice_envelope(voice: Path, start_s: float = 0.0, duration_s: float | None = None) -> Envelope:
    """Envelope of a sound file from `start_s` on, counted from there; a quiet voice is turned up.

    Raises `InputError` where it can't be read.
    """
    gain = gain_of_quiet_sound(voice, start_s, duration_s)
    window = seconds_to_samples(1 / ENVELOPE_RATE_HZ, ENVELOPE_SAMPLE_RATE_HZ)
    parts = []
    for block in read_audio_blocks(voice, ENVELOPE_SAMPLE_RATE_HZ, 1, window * 3000, start_s, duration_s):
        samples = gain * block[:, 0].astype(np.float64)
        whole = np.pad(samples, (0, -len(samples) % window)).reshape(-1, window)
        parts.append(np.sqrt((whole**2).mean(axis=1)))
    rms = np.concatenate(parts) if parts else np.zeros(0)
    return Envelope(rms.astype(np.float32), float(ENVELOPE_RATE_HZ))


@dataclass(frozen=True)
class GateSettings:
    """Where the voice counts as absent. A gate of the metrics' own: it shares nothing with the one that shuts the mouth."""

    #: the loud level of the voice is this percentile of its levels above the floor.
    loud_percentile: float = 95.0
    #: quieter than the loud level by this much is no voice: beyond the dynamics of a sung phrase, above a stem's leaking music.
    below_loud_db: float = 35.0
    #: shorter gaps are rests and consonants inside of a phrase, not music-only passages.
    min_passage_s: float = 1.0
    #: cut from both ends of a passage: the breath before a phrase opens the mouth, and lips take a moment to shut after it.
    margin_s: float = 0.3
    #: dips shorter than this are the swing of a low voice, not silence.
    max_dip_s: float = 0.06
    #: sounds shorter than this inside of a silence are leaks, not voice.
    min_voice_s: float = 0.08


def voice_present(envelope: Envelope, settings: GateSettings | None = None) -> np.ndarray:
    """Whether the voice sounds, (N,) bool, one per window of the envelope; all False for a file without sound."""
    settings = settings or GateSettings()
    level = envelope.level_db
    audible = level[level > FLOOR_DB + 20]
    if audible.size == 0:
        return np.zeros(len(level), bool)
    present = level > np.percentile(audible, settings.loud_percentile) - settings.below_loud_db
    for begin, end in runs(~present):
        if begin > 0 and end < len(present) and (end - begin) / envelope.rate_hz < settings.max_dip_s:
            present[begin:end] = True
    for begin, end in runs(present):
        if (end - begin) / envelope.rate_hz < settings.min_voice_s:
            present[begin:end] = False
    return present


def music_only_passages(envelope: Envelope, settings: GateSettings | None = None) -> list[tuple[float, float]]:
    """Passages without voice, as (begin, end) in seconds, margins already cut off.

    The film's own beginning and end have no margin: nobody sings before the song begins or after it ends.
    """
    settings = settings or GateSettings()
    silent = ~voice_present(envelope, settings)
    passages = []
    for begin, end in runs(silent):
        if (end - begin) / envelope.rate_hz < settings.min_passage_s:
            continue
        first = begin / envelope.rate_hz + (settings.margin_s if begin > 0 else 0.0)
        last = end / envelope.rate_hz - (settings.margin_s if end < len(silent) else 0.0)
        passages.append((first, last))
    return passages


def inside(times_s: np.ndarray, passages: list[tuple[float, float]]) -> np.ndarray:
    """Which times lie in one of the passages, bool of the shape of `times_s`."""
    mask = np.zeros(np.shape(times_s), bool)
    for begin, end in passages:
        mask |= (times_s >= begin) & (times_s < end)
    return mask
