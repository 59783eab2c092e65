"""The `MotionSource` of a motion file: Live Link Face's columns, or a MetaHuman's curves."""

from __future__ import annotations

from pathlib import Path

from core.contracts import DrivingSound, Keep, Performance, Progress, silent
from motion.files.any_file import read_motion
from motion.files.motion_csv import fit_motion


class RecordedMotion:
    """A `MotionSource`: a file whose first row belongs to the song's first moment. It hears nothing, and keeps nothing."""

    hears = False
    room = "motion.files"

    def __init__(self, path: Path) -> None:
        self.path = path

    def perform(self, sound: DrivingSound, keep: Keep, progress: Progress = silent) -> Performance:
        """See `MotionSource`. Raises `InputError` where the file can't be used."""
        recorded, notes = read_motion(self.path)
        motion, more = fit_motion(recorded, sound.fps, sound.frames, sound.start_s)
        return Performance(motion, notes=(*notes, *more))

    def emotion(self, sound: DrivingSound, keep: Keep, progress: Progress = silent) -> None:
        """See `MotionSource`: the file says nothing about it."""
