"""Cubic interpolation in compiled loops: the weights of the four samples around a place.

Numba's caches are kept by the file of the loop that calls these: whoever changes them here clears those.
"""

from __future__ import annotations

import numba
import numpy as np

#: The parameter of Keys' kernel that torch and OpenCV use.
KEYS = -0.75


@numba.njit(cache=True, fastmath=True, inline="always")
def catmull_rom_weights(f: np.float32) -> tuple[np.float32, np.float32, np.float32, np.float32]:
    """Catmull-Rom weights of the four samples around a place `f` in [0, 1) behind the second one: sharper than Keys' below."""
    half, two, three = np.float32(0.5), np.float32(2), np.float32(3)
    f2, f3 = f * f, f * f * f
    return (
        half * (two * f2 - f - f3),
        half * (two - np.float32(5) * f2 + three * f3),
        half * (f + np.float32(4) * f2 - three * f3),
        half * (f3 - f2),
    )


@numba.njit(cache=True, inline="always")
def keys_weight(distance: float) -> float:
    """Keys' cubic convolution kernel (1981) at a distance from 0 to 2, the same as torch's."""
    if distance <= 1:
        return ((KEYS + 2) * distance - (KEYS + 3)) * distance * distance + 1
    return ((KEYS * distance - 5 * KEYS) * distance + 8 * KEYS) * distance - 4 * KEYS
