"""The curves of a take on the network's time base."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.contracts import FloatArray
from core.errors import InputError
from core.messages import as_written
from core.rigs.rig import Rig
from core.timebase import frame_times_s
from motion.emotion.styles import FPS
from motion.files.any_file import read_curves


def curves_of(path: Path, rig: Rig) -> FloatArray:
    """(T, curves of the rig) float32 at 30 Hz of a Live Link Face or a MetaHuman file. Raises InputError where it is neither."""
    curves, fps = read_curves(path, rig)
    if len(curves) < 2:
        raise InputError(as_written(f"{path} holds {len(curves)} rows; a take is longer."))
    return at_frames(curves, fps)


def at_frames(curves: FloatArray, fps: float) -> FloatArray:
    """(T, R) at `fps` along straight lines at the network's frames, which are as long in all."""
    frames = max(1, int(len(curves) / fps * FPS + 0.5))
    own_s, wanted_s = frame_times_s(len(curves), fps), frame_times_s(frames, FPS)
    return np.stack([np.interp(wanted_s, own_s, column) for column in curves.T], axis=1).astype(np.float32)
