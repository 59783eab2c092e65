"""A `Motion` as the CSV file that Epic's Live Link Face app writes, and back.

Columns: `Timecode`, `BlendShapeCount` (61), the 52 ARKit shapes with a capital first letter, then `HeadYaw, HeadPitch,
HeadRoll` and yaw, pitch, roll of the left and the right eye. Angles are radians: positive yaw turns to the performer's
right, positive pitch goes down, positive roll tips the head's top to the viewer's right. (Order, unit and the eyes' signs
were measured on recordings of the app that people have published: `LeftEyePitch` goes with `EyeLookDownLeft`, `LeftEyeYaw`
with `EyeLookInLeft`. Those recordings hold no head rotation, so the head's signs follow the eyes'.)

The format lacks three things that a `Motion` has. They stand after the standard columns, where other readers ignore them:
`TranslationX, TranslationY, TranslationZ` (face widths), `Intensity`, and `FramesPerSecond` (a time code alone can't tell
29.97 from 30). A file without them is read with no translation, an intensity taken from how far the jaw opens, and the rate
found in its time codes.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.contracts import FloatArray, Motion
from core.messages import Message, message
from core.output_files import whole_file
from core.rigs.rig_list import HEAD_SIGNS
from core.timebase import timecode
from motion.files.clock import interpolate
from motion.files.columns import BESIDE_COLUMNS, EYE_COLUMNS, FACES_SEEN, HEAD_COLUMNS, SHAPE_COLUMNS, TIMECODE
from motion.files.take import read_take

VALUE_COLUMNS = SHAPE_COLUMNS + HEAD_COLUMNS + EYE_COLUMNS
HEADER = (TIMECODE, FACES_SEEN, *SHAPE_COLUMNS, *BESIDE_COLUMNS)


def write_motion_csv(path: Path, motion: Motion) -> None:
    """Write `motion` in Live Link Face's columns; the file appears under its name only when it is whole.

    Raises `InputError` where the folder can't be written.
    """
    values = np.column_stack([motion.blendshapes, beside_of(motion)])
    with whole_file(path, "The motion") as file:
        file.write((",".join(HEADER) + "\r\n").encode())
        for frame, row in enumerate(values):
            numbers = ",".join(f"{value:.10f}" for value in row)
            file.write(f"{timecode(frame, motion.fps)},{len(VALUE_COLUMNS)},{numbers}\r\n".encode())


def beside_of(motion: Motion) -> FloatArray:
    """(T, 14) what stands beside the face in a file, in the order of `BESIDE_COLUMNS`: head, eyes, and what the app's lack."""
    head = np.radians(motion.rotation_deg) * HEAD_SIGNS
    eye = np.column_stack([-np.radians(motion.gaze_deg), np.zeros(len(motion))])
    return np.column_stack([head, eye, eye, motion.translation, motion.intensity, np.full(len(motion), motion.fps)])


def read_motion_csv(path: Path) -> tuple[Motion, tuple[Message, ...]]:
    """Read a file of this program, of Live Link Face or of a MetaHuman: the motion at its own rate, and notes.

    The first row is time 0. Missing rows are filled in by straight lines. Shapes a little outside [0, 1] are clipped and said.
    Raises `InputError` that names line and column where the file is broken.
    """
    take, notes = read_take(path)
    return take.motion(), notes


def fit_motion(motion: Motion, fps: float, frames: int, start_s: float = 0.0) -> tuple[Motion, tuple[Message, ...]]:
    """`motion` from `start_s` on, at `fps`, in exactly `frames` frames, and notes about what had to change.

    A motion that is longer is cut; after the end of one that is shorter the face goes back to rest within half a second.
    """
    notes: list[Message] = []
    if not math.isclose(motion.fps, fps, rel_tol=1e-4):
        notes.append(message("motion.csv_resampled", fps=motion.fps, film_fps=fps))
    length_s, wanted_s = len(motion) / motion.fps, start_s + frames / fps
    if length_s < wanted_s - 1 / fps:
        notes.append(message("motion.csv_ends_early", length=length_s, wanted=wanted_s))
    elif length_s > wanted_s + 1 / fps:
        notes.append(message("motion.csv_cut", length=length_s, wanted=wanted_s))
    times_s = start_s + (np.arange(frames) + 0.5) / fps
    positions = times_s * motion.fps - 0.5
    if np.abs(positions - np.round(positions)).max() < 1e-3:
        positions = np.round(positions)  # the same grid: take the frames as they are
    rest_s = 0.5
    weight = np.clip(1.0 - (times_s - length_s) / rest_s, 0.0, 1.0)
    own = np.arange(len(motion))

    def fitted(array: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        values = interpolate(array, own, positions)
        return (values * weight.reshape(-1, *[1] * (values.ndim - 1))).astype(np.float32)

    arrays = (motion.blendshapes, motion.rotation_deg, motion.translation, motion.gaze_deg, motion.intensity)
    return Motion(fps, *(fitted(array) for array in arrays)), tuple(notes)
