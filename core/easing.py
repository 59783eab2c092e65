"""Curves that begin and end gently: a step, values that come near a limit and never pass it, and what follows others late."""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np

from core.contracts import FloatArray

Part = TypeVar("Part", float, FloatArray)


def smooth_step(values: FloatArray, low: float = 0.0, high: float = 1.0) -> FloatArray:
    """0 at and before `low`, 1 at and beyond `high`, a smooth rise between them (3 t^2 - 2 t^3); a fall where `high` is less."""
    part = np.clip((values - low) / (high - low), 0.0, 1.0)
    return np.asarray(part * part * (3.0 - 2.0 * part))


def least_jerk(part: Part) -> Part:
    """How much of a way is made after a part of its time, 0 to 1 each.

    Source: Flash & Hogan, "The coordination of arm movements" (1985).
    """
    return part * part * part * (10.0 + part * (6.0 * part - 15.0))


def kept_within(values: FloatArray, furthest: float) -> FloatArray:
    """Values as they are up to two thirds of `furthest`, beyond that bent so that they never pass it."""
    free = furthest * 2 / 3
    over = np.maximum(np.abs(values) - free, 0.0)
    return np.asarray(
        np.sign(values) * (np.minimum(np.abs(values), free) + (furthest - free) * np.tanh(over / (furthest - free)))
    )


class Lag:
    """Follows curves that come piece by piece like a critically damped spring, about `lag_s` seconds behind."""

    def __init__(self, lag_s: float, start: FloatArray | None = None) -> None:
        """start: (K,) where it stands, at rest; None: where the first values are."""
        self._rate = 2.0 / max(lag_s, 1e-3)
        self._position = None if start is None else np.asarray(start, np.float64)
        self._speed = np.zeros(1 if start is None else len(start))

    def follow(self, values: FloatArray, fps: float) -> FloatArray:
        """Curves (T, K) behind the next `values` (T, K), `fps` of them a second."""
        followed = np.empty_like(values)
        for i, target in enumerate(values):
            followed[i] = self.step(target, fps)
        return followed

    def step(self, target: FloatArray, fps: float) -> FloatArray:
        """(K,) behind the next value (K,)."""
        decay = math.exp(-self._rate / fps)
        if self._position is None:
            self._position, self._speed = np.asarray(target, np.float64), np.zeros(len(target))
        offset = self._position - target
        change = (self._speed + self._rate * offset) / fps
        self._position = target + (offset + change) * decay
        self._speed = (self._speed - self._rate * change) * decay
        return self._position
