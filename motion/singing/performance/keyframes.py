"""Curves through moments: how a body goes from one pose to the next."""

from __future__ import annotations

import numpy as np

from core.contracts import FloatArray
from core.easing import least_jerk
from motion.singing.analysis.framing import FEATURE_RATE_HZ


def through(times_s: np.ndarray, values: np.ndarray, count: int) -> FloatArray:
    """(count, channels) at `FEATURE_RATE_HZ` from value to value (K, channels) at rising `times_s` (K,), resting at each.

    Between two of them the way has the least jerk (Flash & Hogan, "The coordination of arm movements", 1985); before the first
    and after the last the curve stays.
    """
    if len(times_s) == 0:
        return np.zeros((count, values.shape[1]), dtype=np.float32)
    now_s = np.arange(count) / FEATURE_RATE_HZ
    index = np.clip(np.searchsorted(times_s, now_s, side="right") - 1, 0, max(0, len(times_s) - 2))
    following = np.minimum(index + 1, len(times_s) - 1)
    length_s = np.maximum(times_s[following] - times_s[index], 1e-6)
    part = np.clip((now_s - times_s[index]) / length_s, 0.0, 1.0)
    way = least_jerk(part)
    return (values[index] + (values[following] - values[index]) * way[:, None]).astype(np.float32)


def in_order(times_s: np.ndarray, values: np.ndarray, apart_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Moments and values sorted by time, without those that follow the one kept before them by less than `apart_s`."""
    order = np.argsort(times_s, kind="stable")
    kept: list[int] = []
    for index in order.tolist():
        if not kept or times_s[index] - times_s[kept[-1]] >= apart_s:
            kept.append(index)
    return times_s[kept], values[kept]
