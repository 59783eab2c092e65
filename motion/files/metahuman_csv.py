"""A performance as the curves of a MetaHuman's face in a CSV table: one row a frame, one column a control.

Columns: `Timecode` (HH:MM:SS:FF.mmm, as Live Link Face writes it), `Time` (seconds from the first frame), the 185 curves under
Unreal's names (`CTRL_expressions_jawOpen`), then what a face's controls don't hold, under the names and in the units of our Live
Link files: `HeadYaw, HeadPitch, HeadRoll` (which Unreal's own Live Link setup calls the same), the eyes' angles, translation,
intensity and frame rate. A reader passes over columns that it does not know.

`read_motion_csv` reads such files, and others': capitals, the order of columns and whether the names bear `CTRL_expressions_` do
not matter, `Time` may stand for `Timecode`, missing controls are at rest, and a curve table of Unreal's (a line a curve, a column
a time) is read as well.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.contracts import FloatArray, Motion
from core.output_files import whole_file
from core.rigs.metahuman_table import arkit_to_metahuman
from core.timebase import timecode
from motion.files.columns import BESIDE_COLUMNS, CONTROL_COLUMNS, SECONDS, TIMECODE
from motion.files.motion_csv import beside_of

HEADER = (TIMECODE, SECONDS, *CONTROL_COLUMNS, *BESIDE_COLUMNS)


def write_metahuman_csv(path: Path, motion: Motion, controls: FloatArray | None = None) -> None:
    """Write `motion` as a MetaHuman's curves; the file appears under its name only when it is whole.

    controls: (T, 185) the face, where it was made in these curves; else it is made from the motion's shapes by the table of
    `core.rigs.metahuman_table`. Raises `InputError` where the folder can't be written.
    """
    faces = controls_of(motion, controls)
    values = np.column_stack([np.arange(len(motion)) / motion.fps, faces, beside_of(motion)])
    with whole_file(path, "The motion") as file:
        file.write((",".join(HEADER) + "\r\n").encode())
        for frame, row in enumerate(values):
            file.write(f"{timecode(frame, motion.fps)},{','.join(short(value) for value in row)}\r\n".encode())


def controls_of(motion: Motion, controls: FloatArray | None) -> FloatArray:
    """(T, 185) what a MetaHuman's face does. Raises ValueError for controls of another shape."""
    if controls is None:
        return arkit_to_metahuman(motion.blendshapes)
    if controls.shape != (len(motion), len(CONTROL_COLUMNS)):
        raise ValueError(f"Controls of shape {controls.shape} don't fit a motion of {len(motion)} frames.")
    return np.maximum(controls, 0.0)


def short(value: float) -> str:
    """Eight decimals, and a plain 0 for the many controls at rest."""
    return f"{value:.8f}" if value else "0"
