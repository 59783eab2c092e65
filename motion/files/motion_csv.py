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

import csv
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.contracts import BLENDSHAPE_NAMES, Motion
from core.errors import InputError
from core.messages import Message, message
from core.output_files import whole_file
from core.timebase import timecode

SHAPE_COLUMNS: tuple[str, ...] = tuple(name[0].upper() + name[1:] for name in BLENDSHAPE_NAMES)
HEAD_COLUMNS = ("HeadYaw", "HeadPitch", "HeadRoll")
EYE_COLUMNS = ("LeftEyeYaw", "LeftEyePitch", "LeftEyeRoll", "RightEyeYaw", "RightEyePitch", "RightEyeRoll")
EXTRA_COLUMNS = ("TranslationX", "TranslationY", "TranslationZ", "Intensity", "FramesPerSecond")
VALUE_COLUMNS = SHAPE_COLUMNS + HEAD_COLUMNS + EYE_COLUMNS
HEADER = ("Timecode", "BlendShapeCount", *VALUE_COLUMNS, *EXTRA_COLUMNS)

#: Frame rates of cameras and films; a rate found in time codes within 1% of one of them is taken as that one.
STANDARD_FPS = (23.976, 24.0, 25.0, 29.97, 30.0, 48.0, 50.0, 59.94, 60.0)
#: How many frames a second of time code may count, and what Live Link Face counts unless told otherwise.
TIMECODE_BASES = (24, 25, 30, 48, 50, 60, 120, 240, 1000)
DEFAULT_TIMECODE_BASE = 60
#: Calibrated recordings leave [0, 1] a little; a shape further out than this means that the file speaks another unit.
SHAPE_LIMITS = (-1.0, 2.0)
#: Rows may miss, but no more than this many for each that is there: a broken time code must not ask for endless memory.
LONGEST_LEAP = 60
TIMECODE_PATTERN = re.compile(r"(\d{1,2}):(\d{2}):(\d{2}):(\d{1,3}(?:\.\d+)?)")


@dataclass(frozen=True)
class _Table:
    """What a file holds: clock (N, 4) hours, minutes, seconds, frames; columns: name -> (N,); the rows' lines in the file; rows
    without a face that were skipped."""

    clock: npt.NDArray[np.float64]
    columns: dict[str, npt.NDArray[np.float64]]
    lines: list[int]
    skipped: int


def write_motion_csv(path: Path, motion: Motion) -> None:
    """Write `motion` in Live Link Face's columns; the file appears under its name only when it is whole.

    Raises `InputError` where the folder can't be written.
    """
    head = np.radians(motion.rotation_deg) * (-1.0, -1.0, 1.0)
    eye = np.column_stack([-np.radians(motion.gaze_deg), np.zeros(len(motion))])
    rate = np.full(len(motion), motion.fps)
    values = np.column_stack([motion.blendshapes, head, eye, eye, motion.translation, motion.intensity, rate])
    with whole_file(path, "The motion") as file:
        file.write((",".join(HEADER) + "\r\n").encode())
        for frame, row in enumerate(values):
            numbers = ",".join(f"{value:.10f}" for value in row)
            file.write(f"{timecode(frame, motion.fps)},{len(VALUE_COLUMNS)},{numbers}\r\n".encode())


def read_motion_csv(path: Path) -> tuple[Motion, tuple[Message, ...]]:
    """Read a file of this program or of Live Link Face: the motion at the file's own rate, and notes for the user.

    The first row is time 0. Missing rows are filled in by straight lines. Shapes a little outside [0, 1] are clipped and said.
    Raises `InputError` that names line and column where the file is broken.
    """
    table = _read_table(path)
    notes: list[Message] = []
    if table.skipped:
        notes.append(message("motion.csv_rows_bridged", name=path.name, count=table.skipped))
    positions, fps = _positions(path, table, notes)
    shapes = np.column_stack([table.columns[name] for name in SHAPE_COLUMNS])
    if shapes.min() < -1e-6 or shapes.max() > 1 + 1e-6:
        notes.append(message("motion.csv_blendshapes_clipped", name=path.name))
    shapes = np.clip(shapes, 0.0, 1.0)
    zeros = np.zeros(len(shapes))

    def columns(*names: str) -> npt.NDArray[np.float64]:
        return np.column_stack([table.columns.get(name, zeros) for name in names])

    gaze = -np.degrees(columns("LeftEyeYaw", "LeftEyePitch") + columns("RightEyeYaw", "RightEyePitch")) / 2
    jaw = shapes[:, SHAPE_COLUMNS.index("JawOpen")]
    arrays = (
        shapes,
        np.degrees(columns(*HEAD_COLUMNS)) * (-1.0, -1.0, 1.0),
        columns("TranslationX", "TranslationY", "TranslationZ"),
        gaze,
        np.clip(table.columns.get("Intensity", jaw), 0.0, 1.0),
    )
    grid = np.arange(round(positions[-1]) + 1)
    if len(grid) != len(positions) or np.abs(positions - grid).max() > 0.25:
        arrays = tuple(_interpolate(array, positions, grid) for array in arrays)  # type: ignore[assignment]
    return Motion(fps, *(array.astype(np.float32) for array in arrays)), tuple(notes)


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
        values = _interpolate(array, own, positions)
        return (values * weight.reshape(-1, *[1] * (values.ndim - 1))).astype(np.float32)

    arrays = (motion.blendshapes, motion.rotation_deg, motion.translation, motion.gaze_deg, motion.intensity)
    return Motion(fps, *(fitted(array) for array in arrays)), tuple(notes)


def _interpolate(array: npt.NDArray, source: npt.NDArray, wanted: npt.NDArray) -> npt.NDArray[np.float64]:
    """Straight lines between the rows of `array` (N, ...) at positions `source` (N,), read at `wanted` (M,); the ends hold."""
    if array.ndim == 1:
        return np.interp(wanted, source, array)
    return np.column_stack([np.interp(wanted, source, column) for column in array.T])


def _read_table(path: Path) -> _Table:
    """Every number of the file, checked."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = _rows(path, csv.reader(file, strict=True))
            return _parse(path, rows)
    except OSError as error:
        raise InputError("motion.csv_unreadable", path=path, reason=error.strerror) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError("motion.csv_is_no_text", name=path.name, error=error) from error


def _rows(path: Path, reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Line numbers and cells of the lines that are not empty, each as long as the first."""
    width = None
    for line, cells in enumerate(reader, start=1):
        if not cells or cells == [""]:
            continue
        width = width or len(cells)
        if len(cells) != width:
            raise InputError("motion.csv_columns_differ", name=path.name, line=line, columns=len(cells), expected=width)
        yield line, cells


def _parse(path: Path, rows: Iterator[tuple[int, list[str]]]) -> _Table:
    """Header and rows into arrays."""
    _, header = next(rows, (1, []))
    names = _column_names(path, header)
    index = {name: position for position, name in enumerate(names) if name is not None}
    wanted = [name for name in HEADER[2:] if name in index]
    clock: list[tuple[float, float, float, float]] = []
    values: list[list[float]] = []
    lines: list[int] = []
    skipped = 0
    for line, cells in rows:
        clock_here = _clock(path, line, cells[index["Timecode"]])
        if "BlendShapeCount" in index and _number(path, line, "BlendShapeCount", cells[index["BlendShapeCount"]]) == 0:
            skipped += 1  # the app writes such rows while it sees no face
            continue
        clock.append(clock_here)
        lines.append(line)
        values.append([_number(path, line, name, cells[index[name]]) for name in wanted])
    if not values:
        raise InputError("motion.csv_without_rows", name=path.name)
    array = np.array(values)
    return _Table(np.array(clock), {name: array[:, column] for column, name in enumerate(wanted)}, lines, skipped)


def _column_names(path: Path, header: list[str]) -> list[str | None]:
    """The header's columns by our spelling, None for columns that we don't know; every needed one must stand there once."""
    spelling = {name.lower(): name for name in HEADER}
    names = [spelling.get(cell.strip().lower()) for cell in header]
    for name in ("Timecode", *SHAPE_COLUMNS):
        if names.count(name) != 1:
            problem = "is missing" if name not in names else "stands there twice"
            raise InputError("motion.csv_wrong_column", name=path.name, column=name, problem=problem)
    return names


def _number(path: Path, line: int, name: str, text: str) -> float:
    """A cell as a finite number within what its column can mean."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError("motion.csv_not_a_number", name=path.name, line=line, column=name, text=text[:40])
    if name in SHAPE_COLUMNS and not SHAPE_LIMITS[0] <= value <= SHAPE_LIMITS[1]:
        raise InputError("motion.csv_blendshape_out_of_range", name=path.name, line=line, column=name, value=value)
    if name in HEAD_COLUMNS + EYE_COLUMNS and abs(value) > 2 * math.pi:
        raise InputError("motion.csv_angle_out_of_range", name=path.name, line=line, column=name, value=value)
    if name in EXTRA_COLUMNS[:3] and abs(value) > 100:
        raise InputError("motion.csv_translation_out_of_range", name=path.name, line=line, column=name, value=value)
    if name == "FramesPerSecond" and not 1 <= value <= 240:
        raise InputError("motion.csv_frame_rate_out_of_range", name=path.name, line=line, column=name, value=value)
    return value


def _clock(path: Path, line: int, text: str) -> tuple[float, float, float, float]:
    """Hours, minutes, seconds and frames of a time code."""
    match = TIMECODE_PATTERN.fullmatch(text.strip())
    if match is None:
        raise InputError("motion.csv_no_time_code", name=path.name, line=line, text=text[:40])
    hours, minutes, seconds, frames = match.groups()
    return float(hours), float(minutes), float(seconds), float(frames)


def _positions(path: Path, table: _Table, notes: list[Message]) -> tuple[npt.NDArray[np.float64], float]:
    """Where each row lies, in frames after the first row (N,), and the file's rate in frames a second."""
    seconds = table.clock[:, :3] @ (3600.0, 60.0, 1.0)
    seconds = np.unwrap(seconds, period=24 * 3600.0)  # a take may run through midnight
    rate = table.columns.get("FramesPerSecond")
    base = _timecode_base(table, notes, path) if rate is None else max(1, round(float(rate[0])))
    ticks = seconds * base + table.clock[:, 3]
    ticks -= ticks[0]
    steps = np.diff(ticks)
    if len(steps) and steps.min() <= 0:
        line = table.lines[int(np.argmin(steps)) + 1]
        raise InputError("motion.csv_time_goes_back", name=path.name, line=line)
    if ticks[-1] > LONGEST_LEAP * (len(ticks) + base):
        line = table.lines[int(np.argmax(steps)) + 1]
        raise InputError("motion.csv_time_leaps", name=path.name, line=line)
    if rate is not None:
        return ticks, float(rate[0])
    if not len(steps):
        return ticks, float(base)
    fps = base / float(np.median(steps))
    nearest = min(STANDARD_FPS, key=lambda standard: abs(standard - fps))
    fps = nearest if abs(nearest - fps) < 0.01 * nearest else fps
    return ticks * (fps / base), fps


def _timecode_base(table: _Table, notes: list[Message], path: Path) -> int:
    """How many frames the file's time code counts in a second: seen where it runs over a full second, else the app's default."""
    if len(np.unique(table.clock[:, 2])) < 2:
        notes.append(message("motion.csv_rate_taken", name=path.name, base=DEFAULT_TIMECODE_BASE))
        return DEFAULT_TIMECODE_BASE
    highest = math.floor(table.clock[:, 3].max())
    return next((base for base in TIMECODE_BASES if base > highest), highest + 1)
