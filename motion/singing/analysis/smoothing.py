"""Smoothing of curves whose future is known: no filter here is late, for a song is read before it is sung."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.ndimage import gaussian_filter1d, maximum_filter1d, minimum_filter1d, percentile_filter

from core.contracts import FloatArray
from core.easing import smooth_step
from motion.singing.analysis.framing import FEATURE_RATE_HZ


def smooth(curve: FloatArray, sigma_s: float) -> FloatArray:
    """Gaussian mean of a curve (N,) or (N, channels) at `FEATURE_RATE_HZ`, without delay."""
    return gaussian_filter1d(curve, sigma_s * FEATURE_RATE_HZ, axis=0, mode="nearest", truncate=3.0)


def smooth_where(curve: FloatArray, weight: FloatArray, sigma_s: float, otherwise: float) -> FloatArray:
    """Gaussian mean of `curve` (N,) where `weight` (N,) says that it means something; `otherwise` far from any such place."""
    faint = 1e-3
    return (smooth(curve * weight, sigma_s) + faint * otherwise) / (smooth(weight, sigma_s) + faint)


def bell(curve: FloatArray, before_s: float, after_s: float) -> FloatArray:
    """Spread a curve (N,) in time with a lopsided bell of area 1: `before_s` is how far it is felt ahead, `after_s` behind."""
    reach = int(np.ceil(3.0 * max(before_s, after_s) * FEATURE_RATE_HZ))
    offset_s = np.arange(-reach, reach + 1) / FEATURE_RATE_HZ
    kernel = np.exp(-0.5 * np.square(offset_s / np.where(offset_s < 0, before_s, after_s)))
    padded = np.pad(curve, reach, mode="edge")
    return np.convolve(padded, kernel / kernel.sum(), mode="valid").astype(np.float32)


def highest(curve: FloatArray, before_s: float, after_s: float) -> FloatArray:
    """Highest value of `curve` (N,) from `before_s` before to `after_s` after each moment."""
    return _extreme(maximum_filter1d, curve, before_s, after_s)


def lowest(curve: FloatArray, before_s: float, after_s: float) -> FloatArray:
    """Lowest value of `curve` (N,) from `before_s` before to `after_s` after each moment."""
    return _extreme(minimum_filter1d, curve, before_s, after_s)


def _extreme(extreme_filter: Callable[..., FloatArray], curve: FloatArray, before_s: float, after_s: float) -> FloatArray:
    before, after = round(before_s * FEATURE_RATE_HZ), round(after_s * FEATURE_RATE_HZ)
    size = before + after + 1
    # scipy centres the window on size // 2; the origin moves it so that it reaches `before` back and `after` ahead.
    return extreme_filter(curve, size, origin=before - size // 2, mode="nearest")


def ramp(curve: FloatArray, low: float, high: float) -> FloatArray:
    """0 at and below `low`, 1 at and above `high`, a smooth step between."""
    return smooth_step(curve, low, high).astype(np.float32)


def rolling_percentile(curve: FloatArray, percentile: float, width_s: float) -> FloatArray:
    """Percentile of `curve` (N,) within a window of `width_s`, read ten times a second and joined by straight lines."""
    step = FEATURE_RATE_HZ // 10
    coarse = curve[::step]
    size = max(1, round(width_s * 10.0))
    rolled = percentile_filter(coarse, percentile, size=size, mode="nearest")
    return np.interp(np.arange(len(curve)), np.arange(len(coarse)) * step, rolled).astype(np.float32)


def runs(mask: np.ndarray) -> np.ndarray:
    """(R, 2) first and one-past-last index of every run of true values in `mask` (N,)."""
    edges = np.diff(np.concatenate([[0], mask.astype(np.int8), [0]]))
    return np.stack([np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)], axis=1)


def at_frames(curve: FloatArray, times_s: np.ndarray, fps: float) -> FloatArray:
    """Curve (N,) or (N, channels) at `FEATURE_RATE_HZ`, read at the frame times, each the mean over the frame's own time."""
    width = FEATURE_RATE_HZ / fps
    taps = np.linspace(-0.5, 0.5, max(1, round(width)) + 1)[:-1] + 0.5 / max(1, round(width))
    place = np.clip(times_s[:, None] * FEATURE_RATE_HZ + taps * width, 0, len(curve) - 1)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, len(curve) - 1)
    part = (place - low).reshape(place.shape + (1,) * (curve.ndim - 1))
    return (curve[low] * (1.0 - part) + curve[high] * part).mean(axis=1).astype(np.float32)
