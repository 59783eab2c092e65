"""Curves that begin and end gently: a step, and values that come near a limit and never pass it."""

from __future__ import annotations

import numpy as np

from core.contracts import FloatArray


def smooth_step(values: FloatArray, low: float = 0.0, high: float = 1.0) -> FloatArray:
    """0 at and before `low`, 1 at and beyond `high`, a smooth rise between them (3 t^2 - 2 t^3); a fall where `high` is less."""
    part = np.clip((values - low) / (high - low), 0.0, 1.0)
    return np.asarray(part * part * (3.0 - 2.0 * part))


def kept_within(values: FloatArray, furthest: float) -> FloatArray:
    """Values as they are up to two thirds of `furthest`, beyond that bent so that they never pass it."""
    free = furthest * 2 / 3
    over = np.maximum(np.abs(values) - free, 0.0)
    return np.asarray(
        np.sign(values) * (np.minimum(np.abs(values), free) + (furthest - free) * np.tanh(over / (furthest - free)))
    )
