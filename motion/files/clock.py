"""From the times in a motion file to frames of an even grid, and to its rate."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.messages import Message, message
from motion.files.columns import SECONDS, TIMECODE
from motion.files.csv_table import Table

#: Frame rates of cameras and films; a rate found in time codes within 1% of one of them is taken as that one.
STANDARD_FPS = (23.976, 24.0, 25.0, 29.97, 30.0, 48.0, 50.0, 59.94, 60.0)
#: How many frames a second of time code may count, and what Live Link Face counts unless told otherwise.
TIMECODE_BASES = (24, 25, 30, 48, 50, 60, 120, 240, 1000)
DEFAULT_TIMECODE_BASE = 60
#: Rows may miss, but no more than this many for each that is there: a broken time code must not ask for endless memory.
LONGEST_LEAP = 60
#: Rates outside this are no film's.
RATES = (1.0, 240.0)


def positions(path: Path, table: Table, notes: list[Message]) -> tuple[npt.NDArray[np.float64], float]:
    """Where each row lies, in frames after the first row (N,), and the file's rate in frames a second. Raises `InputError`."""
    told = table.columns.get("FramesPerSecond")
    rate = None if told is None else float(told[0])
    if table.in_seconds:
        return _by_seconds(path, table, rate, notes)
    seconds = table.clock[:, :3] @ (3600.0, 60.0, 1.0)
    seconds = np.unwrap(seconds, period=24 * 3600.0)  # a take may run through midnight
    base = _timecode_base(table, notes, path) if rate is None else max(1, round(rate))
    ticks = seconds * base + table.clock[:, 3]
    ticks -= ticks[0]
    steps = _steps(path, table, ticks, base)
    if rate is not None:
        return ticks, rate
    if not len(steps):
        return ticks, float(base)
    fps = _standard(base / float(np.median(steps)))
    return ticks * (fps / base), fps


def _by_seconds(path: Path, table: Table, rate: float | None, notes: list[Message]) -> tuple[npt.NDArray[np.float64], float]:
    """The same of a file that tells seconds."""
    seconds = table.clock[:, 0] - table.clock[0, 0]
    gaps = _steps(path, table, seconds, RATES[1])
    if rate is None and not len(gaps):
        rate = 30.0
        notes.append(message("motion.csv_rate_taken", name=path.name, base=30))
    if rate is None:
        rate = _standard(1 / max(float(np.median(gaps)), 1e-9))
    if not RATES[0] <= rate <= RATES[1]:
        raise InputError("motion.csv_rate_out_of_range", name=path.name, value=rate)
    frames = seconds * rate
    _steps(path, table, frames, rate)
    return frames, rate


def _steps(path: Path, table: Table, ticks: npt.NDArray[np.float64], base: float) -> npt.NDArray[np.float64]:
    """The steps (N - 1,) between rows. Raises `InputError` where time goes back or leaps."""
    steps, column = np.diff(ticks), SECONDS if table.in_seconds else TIMECODE
    if len(steps) and steps.min() <= 0:
        line = table.lines[int(np.argmin(steps)) + 1]
        raise InputError("motion.csv_time_goes_back", name=path.name, line=line, column=column)
    if ticks[-1] > LONGEST_LEAP * (len(ticks) + base):
        line = table.lines[int(np.argmax(steps)) + 1]
        raise InputError("motion.csv_time_leaps", name=path.name, line=line, column=column)
    return steps


def _standard(fps: float) -> float:
    """The rate of cameras and films that this is, or itself."""
    nearest = min(STANDARD_FPS, key=lambda standard: abs(standard - fps))
    return nearest if abs(nearest - fps) < 0.01 * nearest else fps


def _timecode_base(table: Table, notes: list[Message], path: Path) -> int:
    """How many frames the file's time code counts in a second: seen where it runs over a full second, else the app's default."""
    if len(np.unique(table.clock[:, 2])) < 2:
        notes.append(message("motion.csv_rate_taken", name=path.name, base=DEFAULT_TIMECODE_BASE))
        return DEFAULT_TIMECODE_BASE
    highest = math.floor(table.clock[:, 3].max())
    return next((base for base in TIMECODE_BASES if base > highest), highest + 1)


def interpolate(array: npt.NDArray[Any], source: npt.NDArray[Any], wanted: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Straight lines between the rows of `array` (N, ...) at positions `source` (N,), read at `wanted` (M,); the ends hold."""
    if array.ndim == 1:
        return np.interp(wanted, source, array)
    return np.column_stack([np.interp(wanted, source, column) for column in array.T])
