"""Chance that can be repeated: one stream per purpose, so that no setting and no other purpose shifts it."""

from __future__ import annotations

import zlib

import numpy as np

from core.contracts import FloatArray
from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.smoothing import smooth


def stream(seed: int, purpose: str) -> np.random.Generator:
    """The random numbers of one purpose ("blinks", "head drift") under one seed."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])


def drift(generator: np.random.Generator, count: int, sigma_s: float, channels: int = 1) -> FloatArray:
    """(count, channels) slow noise at `FEATURE_RATE_HZ` of mean 0 and variance about 1, nothing in it faster than `sigma_s`.

    The noise is drawn coarse, in quarters of `sigma_s`, so that its size does not depend on how it is smoothed.
    """
    step = max(1, round(0.25 * sigma_s * FEATURE_RATE_HZ))
    coarse = generator.standard_normal((count // step + 40, channels)).astype(np.float32)
    places = np.arange(len(coarse)) * step
    spread = smooth(coarse, 4.0 / FEATURE_RATE_HZ) * np.sqrt(2.0 * np.sqrt(np.pi) * 4.0)
    now = np.arange(count) + 20 * step
    joined = np.stack([np.interp(now, places, spread[:, channel]) for channel in range(channels)], axis=1)
    return smooth(joined, 0.1 * sigma_s).astype(np.float32)


def steps(count: int, changes_s: np.ndarray, values: np.ndarray, sigma_s: float) -> FloatArray:
    """(count, channels) curve that goes over to `values[k]` (K, channels) softly around `changes_s[k]`."""
    times = np.arange(count) / FEATURE_RATE_HZ
    index = np.clip(np.searchsorted(changes_s, times, side="right") - 1, 0, len(values) - 1)
    return smooth(values[index].astype(np.float32), sigma_s)
