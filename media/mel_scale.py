"""Triangles on Slaney's mel scale: linear to 1 kHz, then 27 steps to each factor of 6.4 (Auditory Toolbox, 1998).

What Whisper, SadTalker and the onset strength of the beat metric hear through.
"""

from __future__ import annotations

import numpy as np

from core.contracts import FloatArray

_LINEAR_HZ_PER_MEL, _BREAK_HZ = 200.0 / 3.0, 1000.0
_BREAK_MEL = _BREAK_HZ / _LINEAR_HZ_PER_MEL
_LOG_STEP = np.log(6.4) / 27.0


def slaney_triangles(
    sample_rate_hz: int, window_samples: int, bands: int, lowest_hz: float, highest_hz: float
) -> tuple[FloatArray, FloatArray]:
    """(bands, window // 2 + 1) float64 triangles of height 1 over a spectrum's bins, and (bands, 1) each one's width in Hz."""
    mels = np.linspace(_mel(lowest_hz), _mel(highest_hz), bands + 2)
    above = _BREAK_HZ * np.exp(_LOG_STEP * (np.maximum(mels, _BREAK_MEL) - _BREAK_MEL))
    edges_hz = np.where(mels < _BREAK_MEL, mels * _LINEAR_HZ_PER_MEL, above)
    bins_hz = np.fft.rfftfreq(window_samples, 1.0 / sample_rate_hz)
    low, middle, high = edges_hz[:-2, None], edges_hz[1:-1, None], edges_hz[2:, None]
    rise, fall = (bins_hz - low) / (middle - low), (high - bins_hz) / (high - middle)
    return np.maximum(0.0, np.minimum(rise, fall)), high - low


def slaney_filters(sample_rate_hz: int, window_samples: int, bands: int, lowest_hz: float, highest_hz: float) -> FloatArray:
    """The triangles of equal area, float32, rounded where librosa's `filters.mel` rounds: equal to it bit for bit."""
    triangles, width_hz = slaney_triangles(sample_rate_hz, window_samples, bands, lowest_hz, highest_hz)
    filters = triangles.astype(np.float32)
    filters *= 2.0 / width_hz
    return filters


def _mel(frequency_hz: float) -> float:
    """Place of a frequency on the scale."""
    if frequency_hz < _BREAK_HZ:
        return frequency_hz / _LINEAR_HZ_PER_MEL
    return float(_BREAK_MEL + np.log(frequency_hz / _BREAK_HZ) / _LOG_STEP)
