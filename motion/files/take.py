"""What any motion file holds, whichever it is: a face on an even grid of frames, and what stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.blendshapes import BLENDSHAPE_INDEX
from core.contracts import FloatArray, Motion
from core.messages import Message, message
from core.rigs.metahuman_table import arkit_to_metahuman, metahuman_to_arkit
from core.rigs.rig import Rig
from core.rigs.rig_list import ARKIT, HEAD_SIGNS
from motion.files.clock import interpolate, positions
from motion.files.columns import EYE_COLUMNS, HEAD_COLUMNS, METAHUMAN, TRANSLATION_COLUMNS, Layout
from motion.files.csv_table import Table, read_table


@dataclass(frozen=True)
class Take:
    """A performance as its file tells it.

    layout: whose columns; faces: (T, 52) shapes in [0, 1] or (T, 185) controls from 0 on, as the layout says; beside: the other
    columns that the file has, name -> (T,), angles in radians with Live Link's signs.
    """

    layout: Layout
    fps: float
    faces: FloatArray
    beside: Mapping[str, FloatArray]

    def shapes(self) -> FloatArray:
        """(T, 52) in ARKit's order, in [0, 1]."""
        return metahuman_to_arkit(self.faces) if self.layout is METAHUMAN else self.faces

    def curves(self, rig: Rig) -> FloatArray:
        """(T, len(rig.curves)) float32 in the rig's order; a head that the file says nothing about keeps still."""
        if rig.name != ARKIT.name:
            faces = self.faces if self.layout is METAHUMAN else arkit_to_metahuman(self.faces)
            return np.asarray(faces, np.float32)
        return np.column_stack([self.shapes(), self._columns(HEAD_COLUMNS)]).astype(np.float32)

    def motion(self) -> Motion:
        """The same for our engines. Gaze that the file does not tell apart is taken from a MetaHuman's eyes; an intensity that it
        does not tell, from how far the jaw opens."""
        shapes = self.shapes()
        jaw = shapes[:, BLENDSHAPE_INDEX["jawOpen"]]
        arrays = (
            shapes,
            np.degrees(self._columns(HEAD_COLUMNS)) * HEAD_SIGNS,
            self._columns(TRANSLATION_COLUMNS),
            self._gaze_deg(shapes),
            np.clip(self.beside.get("Intensity", jaw), 0.0, 1.0),
        )
        return Motion(self.fps, *(np.asarray(array, np.float32) for array in arrays))

    def _columns(self, names: tuple[str, ...]) -> npt.NDArray[np.float64]:
        zeros = np.zeros(len(self.faces))
        return np.column_stack([self.beside.get(name, zeros) for name in names])

    def _gaze_deg(self, shapes: FloatArray) -> FloatArray:
        if self.layout is METAHUMAN and not any(name in self.beside for name in EYE_COLUMNS):
            from motion.driving.eyes import read_gaze_deg

            return read_gaze_deg(shapes)
        left, right = self._columns(("LeftEyeYaw", "LeftEyePitch")), self._columns(("RightEyeYaw", "RightEyePitch"))
        return -np.degrees(left + right) / 2


def read_take(path: Path) -> tuple[Take, tuple[Message, ...]]:
    """The CSV file, of either kind, and notes for the user. Raises `InputError` that names line and column."""
    table = read_table(path)
    notes: list[Message] = []
    if table.skipped:
        notes.append(message("motion.csv_rows_bridged", name=path.name, count=table.skipped))
    places, fps = positions(path, table, notes)
    faces, beside = (
        _faces(path, table, notes),
        {name: table.columns[name] for name in table.columns if name not in table.layout.faces},
    )
    grid = np.arange(round(places[-1]) + 1)
    if len(grid) != len(places) or np.abs(places - grid).max() > 0.25:
        faces = interpolate(faces, places, grid)
        beside = {name: interpolate(column, places, grid) for name, column in beside.items()}
    return Take(table.layout, fps, faces, beside), tuple(notes)


def _faces(path: Path, table: Table, notes: list[Message]) -> npt.NDArray[np.float64]:
    """The face's columns (N, K) in their rig's order; controls that the file lacks are at rest."""
    zeros, layout = np.zeros(len(table.clock)), table.layout
    lacking = [name for name in layout.faces if name not in table.columns]
    if lacking:
        notes.append(message("motion.csv_controls_missing", name=path.name, count=len(lacking), all=len(layout.faces)))
    faces = np.column_stack([table.columns.get(name, zeros) for name in layout.faces])
    highest = np.inf if layout is METAHUMAN else 1.0
    if faces.min() < -1e-6 or faces.max() > highest + 1e-6:
        notes.append(message("motion.csv_blendshapes_clipped", name=path.name))
    return np.clip(faces, 0.0, highest)
