"""The mel spectrogram that LipGAN's and Wav2Lip's networks listen to, and SadTalker's, which took it over.

16 kHz, pre-emphasis 0.97, Hann windows of 800 samples every 200, 80 Slaney mel bands from 55 to 7600 Hz, amplitudes in dB less
20, and -100..0 dB mapped to -4..4. A network sees a window of it for each frame; which one is the network's own affair.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from core.contracts import FloatArray
from media.mel_scale import slaney_filters

SAMPLE_RATE_HZ = 16000
WINDOW_SAMPLES = 800
HOP_SAMPLES = 200
BANDS = 80
LOWEST_HZ, HIGHEST_HZ = 55.0, 7600.0
PRE_EMPHASIS = 0.97
FLOOR_DB = -100.0
REFERENCE_DB = 20.0
#: The spectrogram's values lie in [-LIMIT, LIMIT].
LIMIT = 4.0
HOPS_PER_SECOND = SAMPLE_RATE_HZ / HOP_SAMPLES
#: Frames of the spectrogram that are worked on at a time.
BLOCK_HOPS = 4000


def mel_spectrogram(samples: FloatArray) -> FloatArray:
    """Mel spectrogram (samples // 200 + 1, 80) float32 in [-4, 4] of mono sound (N,) at 16 kHz in [-1, 1]."""
    return mel_spectrogram_of_blocks(iter([samples]))


def mel_spectrogram_of_blocks(blocks: Iterable[FloatArray]) -> FloatArray:
    """The same of sound that comes in blocks (n,) of any length; besides the result, one block is in memory."""
    basis = slaney_filters(SAMPLE_RATE_HZ, WINDOW_SAMPLES, BANDS, LOWEST_HZ, HIGHEST_HZ).T
    last: FloatArray = np.zeros(1)
    waiting: FloatArray = np.zeros(WINDOW_SAMPLES // 2)
    parts = [np.empty((0, BANDS), np.float32)]
    for block in blocks:
        emphasised = block.astype(np.float64)
        emphasised[1:] -= PRE_EMPHASIS * block[:-1]
        emphasised[:1] -= PRE_EMPHASIS * last[: len(block)]
        last = block[-1:] if len(block) else last
        ready, waiting = hops_of(np.concatenate([waiting, emphasised]), basis)
        parts.append(ready)
    parts.append(hops_of(np.concatenate([waiting, np.zeros(WINDOW_SAMPLES // 2)]), basis)[0])
    return np.concatenate(parts)


def hops_of(samples: FloatArray, basis: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Spectrogram (hops, 80) of the windows that lie wholly in the emphasised `samples` (N,), and the samples still needed.

    basis: (401, 80), the mel bands.
    """
    hops = max(0, (len(samples) - WINDOW_SAMPLES) // HOP_SAMPLES + 1)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW_SAMPLES) / WINDOW_SAMPLES)
    result = np.empty((hops, BANDS), np.float32)
    for first in range(0, hops, BLOCK_HOPS):
        count = min(BLOCK_HOPS, hops - first)
        part = samples[first * HOP_SAMPLES : (first + count - 1) * HOP_SAMPLES + WINDOW_SAMPLES]
        frames = np.lib.stride_tricks.sliding_window_view(part, WINDOW_SAMPLES)[::HOP_SAMPLES]
        amplitude = np.abs(np.fft.rfft(frames * window, axis=1))
        level_db = 20 * np.log10(np.maximum(10 ** (FLOOR_DB / 20), amplitude @ basis)) - REFERENCE_DB
        result[first : first + count] = np.clip(2 * LIMIT * (level_db - FLOOR_DB) / -FLOOR_DB - LIMIT, -LIMIT, LIMIT)
    return result, samples[hops * HOP_SAMPLES :]


def windows_at(spectrogram: FloatArray, starts: npt.NDArray[np.integer[Any]], hops: int) -> FloatArray:
    """Windows (n, 1, 80, hops) of a spectrogram (at least one hop, 80) that begin at `starts` (n,).

    Beyond its ends its first and last hop are repeated.
    """
    inside = np.clip(starts[:, None] + np.arange(hops), 0, len(spectrogram) - 1)
    return np.ascontiguousarray(spectrogram[inside].transpose(0, 2, 1)[:, None])
