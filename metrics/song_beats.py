"""Where a song's beats are, as an ear finds them that knows nothing of the film: for the metrics, not for the performance.

The steps and constants are those of librosa's (ISC) beat tracker: onset strength as the median rise over 128 mel bands, tempo
from the mean autocorrelation of eight seconds with a prior around 120, beats by dynamic programming.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy import fft

from core.contracts import FloatArray
from media.beat_tracking import autocorrelation, track_beats
from media.media import read_audio_blocks
from media.mel_scale import slaney_filters

#: What the beat is searched on.
BEAT_SAMPLE_RATE_HZ = 22050
HOP_SAMPLES = 512
WINDOW_SAMPLES = 2048
MEL_BANDS = 128
BLOCK_HOPS = 2048
RATE_HZ = BEAT_SAMPLE_RATE_HZ / HOP_SAMPLES
#: Levels further below the loudest of a block, or lower than the floor's power, count as that.
RANGE_DB, FLOOR_POWER = 80.0, 1e-10
#: A rise is found so many hops late: one for the difference, and half a window.
LATE_HOPS = 1 + WINDOW_SAMPLES // (2 * HOP_SAMPLES)
#: The tempo's window, the usual tempo, and the highest that is looked for. The prior falls by half a square of octaves.
TEMPO_WINDOW_S, USUAL_BPM, HIGHEST_BPM = 8.0, 120.0, 320.0
#: Windows whose autocorrelation is in memory at a time.
TEMPO_BLOCK = 1024


def song_beats(song: Path, start_s: float = 0.0, duration_s: float | None = None) -> np.ndarray:
    """Times of the beats in seconds, counted from `start_s`, (B,).

    The onset strength is taken in blocks. Raises `InputError` where the song can't be read.
    """
    filters = slaney_filters(BEAT_SAMPLE_RATE_HZ, WINDOW_SAMPLES, MEL_BANDS, 0.0, BEAT_SAMPLE_RATE_HZ / 2)
    samples = BLOCK_HOPS * HOP_SAMPLES
    blocks = read_audio_blocks(song, BEAT_SAMPLE_RATE_HZ, 1, samples, start_s, duration_s)
    strengths = [onset_strength(block[:, 0], filters)[:BLOCK_HOPS] for block in blocks]
    onset = np.concatenate([np.zeros(0, np.float32), *strengths])
    if len(onset) == 0 or not float(onset.max()) > 0:
        return np.zeros(0)
    return track_beats(onset, tempo_bpm(onset), RATE_HZ, trim=True) * HOP_SAMPLES / BEAT_SAMPLE_RATE_HZ


def onset_strength(sound: FloatArray, filters: FloatArray) -> FloatArray:
    """(n // 512 + 1,) how much louder it gets, in dB, as the median over the bands: the mean lets a voice's syllables in.

    sound: (n,) float32 at 22,050 Hz, with silence around. filters: (128, 1025), the bands.
    """
    padded = np.pad(sound, WINDOW_SAMPLES // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_SAMPLES)[::HOP_SAMPLES]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW_SAMPLES) / WINDOW_SAMPLES)
    power = np.square(np.abs(fft.rfft(frames * window, axis=1).astype(np.complex64)))
    level_db = 10.0 * np.log10(np.maximum(FLOOR_POWER, power @ filters.T))
    level_db = np.maximum(level_db, level_db.max() - RANGE_DB)
    rise = np.median(np.maximum(0.0, np.diff(level_db, axis=0)), axis=1)
    return np.pad(rise, (LATE_HOPS, 0))[: len(level_db)]


def tempo_bpm(onset: FloatArray) -> float:
    """Beats per minute of an onset strength (N,): the likeliest, by the autocorrelation around every moment and the prior."""
    length = int(TEMPO_WINDOW_S * BEAT_SAMPLE_RATE_HZ) // HOP_SAMPLES
    padded = np.pad(onset, length // 2, mode="linear_ramp")
    windows = np.lib.stride_tricks.sliding_window_view(padded, length)[: len(onset)]
    taper = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    likeness = np.zeros(length)
    for start in range(0, len(windows), TEMPO_BLOCK):
        lags = autocorrelation(windows[start : start + TEMPO_BLOCK] * taper)
        highest = np.abs(lags).max(axis=1, keepdims=True)
        likeness += (lags / np.where(highest < np.finfo(float).tiny, 1.0, highest)).sum(axis=0)
    bpm = 60.0 * RATE_HZ / np.arange(1.0, length)
    prior = np.where(bpm < HIGHEST_BPM, -0.5 * np.square(np.log2(bpm) - np.log2(USUAL_BPM)), -np.inf)
    return float(bpm[np.argmax(np.log1p(1e6 * likeness[1:] / len(windows)) + prior)])
