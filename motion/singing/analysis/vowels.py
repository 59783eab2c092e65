"""Which vowel is sung, told from the harmonics alone.

Linear prediction fails on high notes: above 300 Hz it finds harmonics, not formants. So the other way round: the spectral
envelope of every vowel (formants after Peterson & Barney 1952, resonators in cascade after Klatt 1980), for vocal tracts of
several lengths, is sampled at the harmonics that the note really has, and compared with their levels, free of gain and tilt and
of half of the recording's own colour. What comes out is a mean over vowels by likelihood: how open the mouth is, how spread or
rounded the lips.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import fft

from core.contracts import FloatArray
from motion.singing.analysis.framing import ANALYSIS_RATE_HZ

WINDOW_SAMPLES = 1024
FFT_SAMPLES = 2048
#: Above this the formants say more of the singer than of the vowel.
HIGHEST_FORMANT_HZ = 3800.0
LOWEST_FORMANT_HZ = 150.0
MAX_HARMONICS = 32
#: Mean squared difference in dB² that makes a vowel e times less likely: the trust in one frame.
TEMPERATURE_DB2 = 14.0
#: How firmly the spectral tilt is held at the templates' own; 0 would leave it free.
TILT_PRIOR = 1.0
#: Part of the recording's mean colour that is taken out; all of it would turn a song on "ah" into one on the neutral vowel.
COLOUR_SHARE = 0.5
#: Frames at which half of that share is trusted.
COLOUR_FRAMES = 100.0
#: Vocal tracts from a tall man's to a child's: formants are multiplied by these.
TRACT_SCALES: tuple[float, ...] = (0.92, 1.0, 1.08, 1.17, 1.28)

#: F1, F2, F3 in Hz of a man, openness in [0, 1], and lips from -1 (rounded) to 1 (spread).
VOWELS: tuple[tuple[float, float, float, float, float], ...] = (
    (270, 2290, 3010, 0.10, 1.0),  # beat
    (390, 1990, 2550, 0.30, 0.6),  # bit
    (400, 2100, 2700, 0.35, 0.8),  # French "e fermé"
    (530, 1840, 2480, 0.50, 0.5),  # bet
    (660, 1720, 2410, 0.80, 0.5),  # bat
    (730, 1090, 2440, 1.00, 0.0),  # father
    (640, 1190, 2390, 0.70, 0.0),  # but
    (570, 840, 2410, 0.70, -0.5),  # bought
    (450, 800, 2500, 0.45, -0.9),  # German "o"
    (440, 1020, 2240, 0.35, -0.5),  # book
    (300, 870, 2240, 0.10, -1.0),  # boot
    (490, 1350, 1690, 0.30, -0.4),  # bird
    (500, 1500, 2500, 0.40, 0.0),  # the neutral tube
)
_TABLE_STEP_HZ = 10.0
_CHUNK_FRAMES = 2000


def harmonic_levels(frames: FloatArray, f0_hz: FloatArray) -> np.ndarray:
    """Levels in dB of the first `MAX_HARMONICS` harmonics, (n, MAX_HARMONICS) float16, of frames (n, WINDOW_SAMPLES)."""
    window = np.hanning(WINDOW_SAMPLES).astype(np.float32)
    spectrum = fft.rfft(frames * window, FFT_SAMPLES, axis=1)
    log_power = 10.0 * np.log10(np.square(spectrum.real) + np.square(spectrum.imag) + 1e-7)
    position = _frequencies(f0_hz) * (FFT_SAMPLES / ANALYSIS_RATE_HZ)
    centre = np.clip(np.rint(position).astype(np.int64), 1, log_power.shape[1] - 2)
    levels = np.take_along_axis(log_power, centre, axis=1)
    for offset in (-1, 1):
        levels = np.maximum(levels, np.take_along_axis(log_power, centre + offset, axis=1))
    return levels.astype(np.float16)


def vowel_axes(levels: np.ndarray, f0_hz: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Openness (n,) in [0, 1] and spread (n,) in [-1, 1] of the voiced frames of one singer.

    levels: (n, MAX_HARMONICS) from `harmonic_levels`; f0_hz: (n,) their pitch. The frames are judged together: they tell the
    recording's colour and the length of the singer's vocal tract.
    """
    if len(levels) == 0:
        return np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.float32)
    colour = _colour(levels, f0_hz)
    axes = [
        _frame_axes(levels[start : start + _CHUNK_FRAMES], f0_hz[start : start + _CHUNK_FRAMES], colour)
        for start in range(0, len(levels), _CHUNK_FRAMES)
    ]
    openness, spread, log_likelihood = (np.concatenate(parts) for parts in zip(*axes, strict=True))
    mean = log_likelihood.mean(axis=0)
    # Neighbouring lengths share the vote: a hundred frames are trusted, not thousands, for frames are no independent witnesses.
    share = np.exp(min(len(levels), 100) * (mean - mean.max()))
    share /= share.sum()
    return (openness @ share).astype(np.float32), (spread @ share).astype(np.float32)


def _frequencies(f0_hz: FloatArray) -> FloatArray:
    return f0_hz[:, None] * np.arange(1, MAX_HARMONICS + 1, dtype=np.float32)


def _table_index(frequencies: FloatArray) -> np.ndarray:
    return np.clip(np.rint(frequencies / _TABLE_STEP_HZ).astype(np.int64), 0, _envelopes().shape[1] - 1)


def _weights(frequencies: FloatArray) -> FloatArray:
    """Rows sum to 1. Harmonics crowd at the top of the ear's scale: each weighs its share of that scale, roughly."""
    inside = (frequencies < HIGHEST_FORMANT_HZ) & (frequencies > LOWEST_FORMANT_HZ)
    weights = np.where(inside, 1.0 / (1.0 + np.square(frequencies / 1000.0)), 0.0)
    return (weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)).astype(np.float32)


def _colour(levels: np.ndarray, f0_hz: FloatArray) -> FloatArray:
    """(table,) dB by which the recording's mean envelope departs from the mean vowel, smoothed over a third of an octave."""
    table = _envelopes().shape[1]
    total, count = np.zeros(table), np.zeros(table)
    for start in range(0, len(levels), _CHUNK_FRAMES):
        frequencies = _frequencies(f0_hz[start : start + _CHUNK_FRAMES])
        part = levels[start : start + _CHUNK_FRAMES].astype(np.float32)
        weights = _weights(frequencies)
        part = part - (weights * part).sum(axis=1, keepdims=True)
        inside = weights > 0.0
        total += np.bincount(_table_index(frequencies)[inside], part[inside], table)
        count += np.bincount(_table_index(frequencies)[inside], minlength=table)
    octaves = np.log2(np.maximum(np.arange(table) * _TABLE_STEP_HZ, LOWEST_FORMANT_HZ))
    kernel = np.exp(-0.5 * np.square((octaves[:, None] - octaves[None, :]) / 0.3))
    heard = kernel @ total / np.maximum(kernel @ count, 1e-6)
    expected = kernel @ _envelopes().mean(axis=0) / kernel.sum(axis=1)
    trust = COLOUR_SHARE * len(levels) / (len(levels) + COLOUR_FRAMES)
    return np.where(count.sum() > 0, trust * (heard - expected), 0.0).astype(np.float32)


def _frame_axes(levels: np.ndarray, f0_hz: FloatArray, colour: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Openness, spread and log-likelihood of each frame for each length of the vocal tract, all (n, len(TRACT_SCALES))."""
    frequencies = _frequencies(f0_hz)
    index = _table_index(frequencies)
    errors = _template_errors(levels.astype(np.float32) - colour[index], frequencies, index)
    scores = -errors.reshape(len(levels), len(TRACT_SCALES), len(VOWELS)) / TEMPERATURE_DB2
    peak = scores.max(axis=2, keepdims=True)
    likelihood = np.exp(scores - peak)
    total = likelihood.sum(axis=2)
    table = np.asarray(VOWELS, dtype=np.float32)
    return likelihood @ table[:, 3] / total, likelihood @ table[:, 4] / total, peak[:, :, 0] + np.log(total)


def _template_errors(levels: FloatArray, frequencies: FloatArray, index: np.ndarray) -> FloatArray:
    """(n, scales * vowels) weighted mean squared difference in dB² once gain and tilt are taken out."""
    weights = _weights(frequencies)
    tilt = np.log2(np.maximum(frequencies, 1.0) / 1000.0)
    tilt = tilt - (weights * tilt).sum(axis=1, keepdims=True)
    weighted_tilt = weights * tilt
    tilt_energy = (weighted_tilt * tilt).sum(axis=1) + TILT_PRIOR
    errors = np.empty((len(levels), len(_envelopes())), dtype=np.float32)
    for column, envelope in enumerate(_envelopes()):
        difference = levels - envelope[index]
        difference -= np.einsum("ij,ij->i", weights, difference)[:, None]
        slope = np.einsum("ij,ij->i", weighted_tilt, difference)
        errors[:, column] = np.einsum("ij,ij,ij->i", weights, difference, difference) - slope * slope / tilt_energy
    return errors


@lru_cache(maxsize=1)
def _envelopes() -> FloatArray:
    """(scales * vowels, table) envelopes in dB on a grid of `_TABLE_STEP_HZ`: five resonators in cascade."""
    grid = np.arange(0.0, HIGHEST_FORMANT_HZ + 200.0, _TABLE_STEP_HZ)
    rows = []
    for scale in TRACT_SCALES:
        for first, second, third, _, _ in VOWELS:
            response = np.zeros_like(grid)
            for formant in np.array([first, second, third, 3500.0, 4500.0]) * scale:
                half_width = 25.0 + 0.02 * formant
                peak = (formant**2 + half_width**2) ** 2
                skirt = ((grid - formant) ** 2 + half_width**2) * ((grid + formant) ** 2 + half_width**2)
                response += 10.0 * np.log10(peak / skirt)
            rows.append(response)
    return np.asarray(rows, dtype=np.float32)
