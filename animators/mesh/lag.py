"""What is loosely joined to a head comes after it: curves that follow others late, and go on where they were left."""

from __future__ import annotations

import numpy as np

from core.contracts import FloatArray


class Lag:
    """Follows curves that come piece by piece like a critically damped spring, about `lag_s` seconds behind."""

    def __init__(self, lag_s: float) -> None:
        self._rate = 2.0 / max(lag_s, 1e-3)
        self._position: FloatArray | None = None
        self._speed: FloatArray = np.zeros(0)

    def follow(self, values: FloatArray, fps: float) -> FloatArray:
        """Curves (T, K) behind the next `values` (T, K), `fps` of them a second; at first they stand where those begin."""
        followed = np.empty_like(values)
        decay = np.exp(-self._rate / fps)
        for i, target in enumerate(values):
            if self._position is None:
                self._position, self._speed = target.astype(np.float64), np.zeros(len(target))
            offset = self._position - target
            change = (self._speed + self._rate * offset) / fps
            self._position = target + (offset + change) * decay
            self._speed = (self._speed - self._rate * change) * decay
            followed[i] = self._position
        return followed
