"""Whisper's log-mel spectrogram in numpy, frame by frame: what the network hears.

Source: OpenAI Whisper, `whisper/audio.py`; the mel scale is Slaney's, in triangles of equal area.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy import fft

from core.contracts import FloatArray
from media.mel_scale import slaney_triangles

#: Facts of the published network.
RATE_HZ = 16_000
MEL_BANDS = 80
WINDOW_SAMPLES = 400
HOP_SAMPLES = 160
#: Levels this many tens of dB under the loudest of a window count as silence.
RANGE_TENS_OF_DB = 8.0
_FLOOR_POWER = 1e-10


def log_power_mel(sound: FloatArray) -> FloatArray:
    """(80, frames) log10 of the power in each mel band, from sound (n,) float32 in [-1, 1] at 16 kHz.

    Frame k sees the samples 160 k to 160 k + 399: lay 200 before the sound, and its middle is at 160 k.
    frames = (n - 400) // 160 + 1. The lowest value is -10.
    """
    frames = np.lib.stride_tricks.sliding_window_view(sound, WINDOW_SAMPLES)[::HOP_SAMPLES]
    spectrum = fft.rfft(frames * _window(), axis=1)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    return np.log10(np.maximum(mel_filters() @ power.T, _FLOOR_POWER)).astype(np.float32)


def scaled(log_power: FloatArray, loudest: float | None = None) -> FloatArray:
    """Whisper's scale, in about [-1, 1.5]: cut 80 dB under the loudest value, (x + 4) / 4.

    loudest: the value that counts as the loudest; None takes the highest of `log_power` itself.
    """
    top = float(log_power.max()) if loudest is None else loudest
    return ((np.maximum(log_power, top - RANGE_TENS_OF_DB) + 4.0) / 4.0).astype(np.float32)


@cache
def _window() -> FloatArray:
    """Periodic Hann window."""
    return (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(WINDOW_SAMPLES) / WINDOW_SAMPLES)).astype(np.float32)


@cache
def mel_filters() -> FloatArray:
    """(80, 201) triangles of equal area on Slaney's mel scale, 0 to 8 kHz."""
    triangles, width_hz = slaney_triangles(RATE_HZ, WINDOW_SAMPLES, MEL_BANDS, 0.0, RATE_HZ / 2)
    return (triangles * 2.0 / width_hz).astype(np.float32)
