"""Slow noise that goes on for ever, moment by moment: never a loop, and the same whatever moments it is asked for."""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from core.contracts import FloatArray

#: A cubic B-spline through random values spreads each as a bell of this part of their distance does, and takes this part of their
#: variance.
_BELL_SHARE, _KEPT_VARIANCE = 1.0 / math.sqrt(3.0), 151.0 / 315.0


class SlowChance:
    """(channels,) values of mean 0 and variance about 1, nothing in them faster than `sigma_s`; see `chance.drift`."""

    def __init__(self, generator: np.random.Generator, sigma_s: float, channels: int = 1) -> None:
        self._generator, self._channels = generator, channels
        self._step_s = sigma_s / _BELL_SHARE
        self._number = 0
        self._values = deque([self._drawn() for _ in range(4)], maxlen=4)

    def _drawn(self) -> FloatArray:
        return np.asarray(self._generator.standard_normal(self._channels) / math.sqrt(_KEPT_VARIANCE))

    def at(self, time_s: float) -> FloatArray:
        """The values at a time, which must not be before the one that was last asked for."""
        number, part = divmod(time_s / self._step_s, 1.0)
        while self._number < number:
            self._values.append(self._drawn())
            self._number += 1
        rest = 1.0 - part
        weights = (
            rest**3 / 6.0,
            (4.0 - 6.0 * part**2 + 3.0 * part**3) / 6.0,
            (4.0 - 6.0 * rest**2 + 3.0 * rest**3) / 6.0,
            part**3 / 6.0,
        )
        return np.asarray(sum(weight * value for weight, value in zip(weights, self._values, strict=True)))
