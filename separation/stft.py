"""The short-time Fourier transform as Spleeter uses it, one segment of 512 frames at a time.

A periodic Hann window of 4096 samples every 1024, without centring; the inverse applies the same window again, and
the constant 2/3 undoes the sum of the squared windows. Source: Deezer's Spleeter, which relies on `tf.signal.stft` and
`tf.signal.inverse_stft`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.fft

from core.contracts import FloatArray
from separation.settings import CHANNELS, FRAME_LENGTH, FRAME_STEP, NETWORK_BINS, SEGMENT_FRAMES

SpectrumArray = npt.NDArray[np.complex64]

#: Samples by which one segment begins after the one before.
SEGMENT_STEP = SEGMENT_FRAMES * FRAME_STEP
#: Samples that the frames of one segment see.
SEGMENT_SPAN = (SEGMENT_FRAMES - 1) * FRAME_STEP + FRAME_LENGTH

_STEPS_PER_FRAME = FRAME_LENGTH // FRAME_STEP
_HANN = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME_LENGTH) / FRAME_LENGTH)).astype(np.float32)
_INVERSE_HANN = (_HANN * np.float32(2 / 3)).astype(np.float32)


def analyse(samples: FloatArray, threads: int = 1) -> SpectrumArray:
    """Spectra (2 channels, 512 frames, 1024 bins) of samples (SEGMENT_SPAN, 2); bins above the network's 1024 are dropped."""
    channels = np.ascontiguousarray(samples.T)
    frames = np.lib.stride_tricks.sliding_window_view(channels, FRAME_LENGTH, axis=1)[:, ::FRAME_STEP]
    spectra = scipy.fft.rfft(frames * _HANN, axis=-1, overwrite_x=True, workers=threads)
    return np.ascontiguousarray(spectra[..., :NETWORK_BINS])


def synthesise(spectra: SpectrumArray, threads: int = 1) -> FloatArray:
    """Samples (SEGMENT_SPAN, 2) of spectra (2, 512, 1024), whose bins from 1024 up count as zero. The first and last 3072 samples
    are what this segment adds to the overlap with its neighbours."""
    frames = scipy.fft.irfft(spectra, n=FRAME_LENGTH, axis=-1, workers=threads)
    frames *= _INVERSE_HANN
    steps = np.zeros((CHANNELS, SEGMENT_FRAMES + _STEPS_PER_FRAME - 1, FRAME_STEP), dtype=np.float32)
    for step in range(_STEPS_PER_FRAME):
        steps[:, step : step + SEGMENT_FRAMES] += frames[..., step * FRAME_STEP : (step + 1) * FRAME_STEP]
    return steps.reshape(CHANNELS, -1).T
