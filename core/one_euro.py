"""The One Euro filter: smooths values that come one by one, strongly while they hardly move, hardly while they move fast.

Source: Casiez, Roussel and Vogel, "1 Euro Filter: A Simple Speed-based Low-pass Filter for Noisy Input in Interactive Systems",
CHI 2012.
"""

from __future__ import annotations

import math

import numpy as np

from core.contracts import FloatArray


class OneEuro:
    """One filter for each of K values."""

    def __init__(self, calm_hz: FloatArray, quickening: FloatArray, speed_hz: float = 1.0) -> None:
        """calm_hz: (K,) cutoff of values that stand still. quickening: (K,) by how many Hz the cutoff rises for each unit a
        second. speed_hz: cutoff of the speed itself."""
        self._calm_hz, self._quickening, self._speed_hz = np.asarray(calm_hz), np.asarray(quickening), speed_hz
        self._values: FloatArray | None = None
        self._speed = np.zeros(len(self._calm_hz))

    def step(self, values: FloatArray, after_s: float) -> FloatArray:
        """(K,) of the next values (K,), which come `after_s` seconds after the last, above 0."""
        if self._values is None:
            self._values = np.array(values, np.float64)
            return self._values
        speed = (values - self._values) / after_s
        self._speed = self._speed + share(np.full(1, self._speed_hz), after_s) * (speed - self._speed)
        kept = share(self._calm_hz + self._quickening * np.abs(self._speed), after_s)
        self._values = self._values + kept * (values - self._values)
        return self._values


def share(cutoff_hz: FloatArray, after_s: float) -> FloatArray:
    """How much of a new value a low-pass filter of that cutoff takes over after so many seconds: 0 to 1."""
    turn = 2.0 * math.pi * cutoff_hz * after_s
    return np.asarray(turn / (turn + 1.0))
