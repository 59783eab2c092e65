"""Pitch and periodicity of short frames by the normalised square difference.

McLeod & Wyvill, "A smarter way to find pitch" (2005).
"""

from __future__ import annotations

import numpy as np
from scipy import fft

from core.contracts import FloatArray
from motion.singing.analysis.framing import ANALYSIS_RATE_HZ

#: From a low bass to the top of a soprano.
LOWEST_HZ = 65.0
HIGHEST_HZ = 1100.0
#: Three periods of the lowest note.
WINDOW_SAMPLES = 768
#: The first peak this near to the highest one is taken: it guards against the octave below.
PEAK_TOLERANCE = 0.88


def pitch(frames: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Fundamental frequency and periodicity of each frame.

    frames: (n, WINDOW_SAMPLES) float32 at `ANALYSIS_RATE_HZ`.
    Returns f0 (n,) in Hz within `LOWEST_HZ` .. `HIGHEST_HZ`, and periodicity (n,) in [0, 1]: 1 is a perfect tone, white noise
    lies near 0.2, digital silence is 0. f0 means nothing where the periodicity is low.
    """
    shortest = int(ANALYSIS_RATE_HZ / HIGHEST_HZ)
    longest = int(np.ceil(ANALYSIS_RATE_HZ / LOWEST_HZ)) + 1
    similarity = _normalised_square_difference(frames, longest + 2)
    # The fall from lag 0 is no period: what lies before the first dip under zero is muted.
    fallen = np.maximum.accumulate(similarity[:, : longest + 2] < 0.0, axis=1)
    similarity = np.where(fallen, similarity, -1.0)
    middle = similarity[:, shortest : longest + 1]
    is_peak = (middle > similarity[:, shortest - 1 : longest]) & (middle >= similarity[:, shortest + 1 : longest + 2])
    heights = np.where(is_peak, middle, -1.0)
    best = heights.max(axis=1)
    lag = np.argmax(heights >= PEAK_TOLERANCE * best[:, None], axis=1) + shortest
    lag = np.where(best > 0.0, lag, shortest + 1)
    refined, height = _parabola(similarity, lag)
    periodicity = np.where(best > 0.0, np.clip(height, 0.0, 1.0), 0.0)
    f0 = np.clip(ANALYSIS_RATE_HZ / refined, LOWEST_HZ, HIGHEST_HZ)
    return f0.astype(np.float32), periodicity.astype(np.float32)


def _normalised_square_difference(frames: FloatArray, lags: int) -> FloatArray:
    """(n, lags) in [-1, 1]: twice the autocorrelation over the energy of the two overlapping parts."""
    size = fft.next_fast_len(WINDOW_SAMPLES + lags, real=True)
    centred = frames - frames.mean(axis=1, keepdims=True)
    spectrum = fft.rfft(centred, size, axis=1)
    product = fft.irfft(np.square(spectrum.real) + np.square(spectrum.imag), size, axis=1)[:, :lags]
    squares = np.zeros((len(frames), WINDOW_SAMPLES + 1))
    np.cumsum(np.square(centred, dtype=np.float64), axis=1, out=squares[:, 1:])
    shifts = np.arange(lags)
    energy = squares[:, WINDOW_SAMPLES - shifts] + (squares[:, -1:] - squares[:, shifts])
    return (2.0 * product / np.maximum(energy, 1e-9)).astype(np.float32)


def _parabola(curve: FloatArray, index: np.ndarray) -> tuple[FloatArray, FloatArray]:
    """Place and height of the peak of a parabola through the points around `index` in each row."""
    rows = np.arange(len(curve))
    before, here, after = curve[rows, index - 1], curve[rows, index], curve[rows, index + 1]
    bend = before - 2.0 * here + after
    shift = np.where(np.abs(bend) > 1e-9, 0.5 * (before - after) / np.where(np.abs(bend) > 1e-9, bend, 1.0), 0.0)
    shift = np.clip(shift, -0.5, 0.5)
    return index + shift, here - 0.25 * (before - after) * shift
