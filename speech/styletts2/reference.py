"""What of a recording StyleTTS 2 hears a voice's style from: its log-mel spectrogram, as the published program takes it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from core.contracts import FloatArray
from core.errors import InputError
from media.media import read_audio_blocks
from speech.styletts2.networks.decoder import RATE_HZ

BANDS, WINDOW, SPECTRUM, HOP = 80, 1200, 2048, 300
#: The published program lays the bands as if the sound had 16 kHz, up to 8: at 24 kHz they reach to 12.
BANDS_RATE_HZ = 16_000
FLOOR, MEAN, SPREAD = 1e-5, -4.0, 4.0
#: What is this far under the loudest at both ends is left out; levels are taken over this many samples.
QUIET_DB, LEVEL_SAMPLES = 30.0, 512
#: A recording has to last so long, and is heard so far.
LEAST_S, MOST_S = 1.0, 30.0


def heard_mel(path: Path) -> Tensor:
    """(1, 80, T) of a recording of somebody speaking. Raises InputError where it can't be read or is too short."""
    blocks = read_audio_blocks(path, RATE_HZ, 1, 10 * RATE_HZ, 0.0, MOST_S)
    sound = trimmed_ends(np.concatenate([np.zeros(0, np.float32), *(block[:, 0] for block in blocks)]))
    if len(sound) < LEAST_S * RATE_HZ:
        raise InputError("speech.voice_sample_too_short", path=path, seconds=len(sound) / RATE_HZ, least=LEAST_S)
    return log_mel(torch.from_numpy(sound)[None])


def trimmed_ends(sound: FloatArray) -> FloatArray:
    """The sound (n,) without what is quiet before and after."""
    count = len(sound) // LEVEL_SAMPLES
    power = np.square(sound[: count * LEVEL_SAMPLES].reshape(count, LEVEL_SAMPLES)).mean(axis=1)
    heard = np.flatnonzero(power > power.max(initial=0.0) * 10.0 ** (-QUIET_DB / 10.0))
    return sound[heard[0] * LEVEL_SAMPLES : (heard[-1] + 1) * LEVEL_SAMPLES] if len(heard) else sound[:0]


def log_mel(sound: Tensor) -> Tensor:
    """(B, 80, n // 300 + 1) of (B, n) at 24 kHz."""
    window = torch.hann_window(WINDOW)
    spectrum = torch.stft(sound, SPECTRUM, HOP, WINDOW, window, return_complex=True).abs().square()
    return ((FLOOR + mel_bands() @ spectrum).log() - MEAN) / SPREAD


def mel_bands() -> Tensor:
    """(80, 1025) triangles on the mel scale (O'Shaughnessy 1987) of height 1."""
    highest_mel = 2595.0 * np.log10(1.0 + 0.5 * BANDS_RATE_HZ / 700.0)
    edges_hz = 700.0 * (10.0 ** (np.linspace(0.0, highest_mel, BANDS + 2) / 2595.0) - 1.0)
    bins_hz = np.linspace(0.0, BANDS_RATE_HZ / 2, SPECTRUM // 2 + 1)
    low, middle, high = edges_hz[:-2, None], edges_hz[1:-1, None], edges_hz[2:, None]
    rise, fall = (bins_hz - low) / (middle - low), (high - bins_hz) / (high - middle)
    return torch.from_numpy(np.maximum(0.0, np.minimum(rise, fall)).astype(np.float32))
