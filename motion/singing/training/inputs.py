"""What the lips' network hears of a sound: vectors of the speech encoder, and the log-mel spectrogram for what is quick.

Both at 50 rows a second; row k belongs to the time k / 50 s. The log-mel comes at 100 frames a second, two in a row. Its scale is
fixed, so it does not depend on what comes later in the sound; the level of the voice is the caller's care (see `level_db`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.contracts import FloatArray
from motion.singing.training.dataset import HOP_SAMPLES, SAMPLE_RATE_HZ
from neural import log_mel

#: Log-mel values a row: two frames of 80 bands.
MEL_CHANNELS = 2 * log_mel.MEL_BANDS
#: `scaled` cuts 80 dB under this power of ten, whatever the sound.
MEL_LOUDEST = 0.0
#: Window of `level_db`, and how many of the windows are louder.
LEVEL_WINDOW_S, LEVEL_PERCENTILE = 0.1, 90.0

#: (n,) sound -> (T, C) encoder vectors, T = ceil(n / HOP_SAMPLES).
Encoder = Callable[[FloatArray], FloatArray]


def mel_rows(sound: FloatArray) -> FloatArray:
    """(T, 160) log-mel of sound (n,) float32 at 16 kHz, T = ceil(n / 320): frames centred at k / 50 s and k / 50 + 1 / 100 s."""
    count = -(-len(sound) // HOP_SAMPLES)
    before = log_mel.WINDOW_SAMPLES // 2
    needed = (2 * count - 1) * log_mel.HOP_SAMPLES + log_mel.WINDOW_SAMPLES
    padded = np.pad(sound, (before, max(0, needed - before - len(sound))))[:needed]
    frames = log_mel.scaled(log_mel.log_power_mel(padded), MEL_LOUDEST).T
    return np.ascontiguousarray(frames).reshape(count, MEL_CHANNELS)


def level_db(sound: FloatArray) -> float:
    """Level of the speech in `sound` (n,): of its windows of 0.1 s the 90th percentile, in dB under full scale; -100 for
    silence.
    """
    size = round(LEVEL_WINDOW_S * SAMPLE_RATE_HZ)
    count = max(1, len(sound) // size)
    windows = np.resize(sound, (count, size)) if len(sound) < size else sound[: count * size].reshape(count, size)
    power = np.mean(np.square(windows.astype(np.float64)), axis=1)
    return float(10.0 * np.log10(np.percentile(power, LEVEL_PERCENTILE) + 1e-10))


def network_input(sound: FloatArray, encoder: Encoder | None) -> FloatArray:
    """(T, C) float16: the encoder's vectors, where there is one, and then `mel_rows`."""
    mel = mel_rows(sound)
    rows = mel if encoder is None else np.concatenate([encoder(sound), mel], axis=1)
    return rows.astype(np.float16)
