"""A motion read at other moments: at another frame rate, to and fro, standing still."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.contracts import FloatArray, Motion


def retimed(motion: Motion, places: FloatArray, fps: float, cuts: Sequence[int] = ()) -> Motion:
    """The motion at `places` (T,), in its own frames, as one of `fps` frames a second.

    Between two of its frames lies a straight line, but not across a cut; places beyond an end show the end. cuts: the first
    frames of its shots but the first.
    """
    where = np.clip(np.asarray(places, np.float64), 0, len(motion) - 1)
    before = np.floor(where).astype(int)
    after = np.minimum(before + 1, len(motion) - 1)
    share = where - before
    cut = np.isin(after, np.asarray(cuts, int)) & (after > before)
    share[cut] = np.round(share[cut])

    def read(values: FloatArray) -> FloatArray:
        part = share.reshape(-1, *[1] * (values.ndim - 1))
        return ((1 - part) * values[before] + part * values[after]).astype(np.float32)

    arrays = (motion.blendshapes, motion.rotation_deg, motion.translation, motion.gaze_deg, motion.intensity)
    return Motion(fps, *map(read, arrays))
