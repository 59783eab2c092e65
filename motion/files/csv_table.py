"""A motion file's lines as arrays, every cell checked: errors name line and column."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from motion.files.columns import (
    BESIDE_COLUMNS,
    EYE_COLUMNS,
    FACES_SEEN,
    HEAD_COLUMNS,
    METAHUMAN,
    SECONDS,
    TIMECODE,
    TRANSLATION_COLUMNS,
    Layout,
    layout_of,
)

#: How a curve table of Unreal's begins, in which every line is a curve and every column a time.
TABLE_CORNERS = ("---", "name", "")
#: A day: later times than this are no seconds.
LATEST_S = 86400.0
TIMECODE_PATTERN = re.compile(r"(\d{1,2}):(\d{2}):(\d{2}):(\d{1,3}(?:\.\d+)?)")


@dataclass(frozen=True)
class Table:
    """What a file holds.

    layout: its kind; clock: (N, 4) hours, minutes, seconds, frames, or (N, 1) seconds; columns: name -> (N,); lines: the rows'
    lines in the file; skipped: rows without a face that were left out.
    """

    layout: Layout
    clock: npt.NDArray[np.float64]
    columns: dict[str, npt.NDArray[np.float64]]
    lines: list[int]
    skipped: int = 0

    @property
    def in_seconds(self) -> bool:
        """Whether the file tells seconds, not time codes."""
        return self.clock.shape[1] == 1


def read_table(path: Path) -> Table:
    """Every number of the file, checked. Raises `InputError`."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = _rows(path, csv.reader(file, strict=True))
            _, header = next(rows, (1, []))
            return _curve_by_curve(path, header, rows) if _is_curve_table(header) else _frame_by_frame(path, header, rows)
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


def _frame_by_frame(path: Path, header: list[str], rows: Iterator[tuple[int, list[str]]]) -> Table:
    """A file in which every line is a frame."""
    layout = layout_of(header)
    index = _columns(path, layout, header)
    time = TIMECODE if TIMECODE in index else SECONDS
    wanted = [name for name in (*layout.faces, *BESIDE_COLUMNS) if name in index]
    clock: list[tuple[float, ...]] = []
    values: list[list[float]] = []
    lines: list[int] = []
    skipped = 0
    for line, cells in rows:
        now = _clock(path, line, cells[index[time]]) if time == TIMECODE else (_second(path, line, SECONDS, cells[index[time]]),)
        if FACES_SEEN in index and number(path, layout, line, FACES_SEEN, cells[index[FACES_SEEN]]) == 0:
            skipped += 1  # the app writes such rows while it sees no face
            continue
        clock.append(now)
        lines.append(line)
        values.append([number(path, layout, line, name, cells[index[name]]) for name in wanted])
    if not values:
        raise InputError("motion.csv_without_rows", name=path.name)
    array = np.array(values)
    return Table(layout, np.array(clock), {name: array[:, column] for column, name in enumerate(wanted)}, lines, skipped)


def _columns(path: Path, layout: Layout, header: list[str]) -> dict[str, int]:
    """Where the known columns stand. Raises `InputError` where one lacks that is needed, or stands there twice."""
    names = layout.names(header)
    for name in layout.needed:
        if name not in names:
            raise InputError("motion.csv_wrong_column", name=path.name, column=name, problem="is missing")
    if layout is METAHUMAN and TIMECODE not in names and SECONDS not in names:
        raise InputError("motion.csv_wrong_column", name=path.name, column=TIMECODE, problem="is missing")
    for name in (TIMECODE, SECONDS, *layout.faces):
        if names.count(name) > 1:
            raise InputError("motion.csv_wrong_column", name=path.name, column=name, problem="stands there twice")
    return {name: position for position, name in enumerate(names) if name is not None}


def _is_curve_table(header: list[str]) -> bool:
    """Whether the first line holds times, and so the first column curves' names."""
    try:
        return len(header) > 1 and header[0].strip().lower() in TABLE_CORNERS and all(float(cell) >= 0 for cell in header[1:])
    except ValueError:
        return False


def _curve_by_curve(path: Path, header: list[str], rows: Iterator[tuple[int, list[str]]]) -> Table:
    """A curve table of Unreal's: every line is a curve. Its lines are told in errors about its values."""
    curves = list(rows)
    layout = layout_of([cells[0] for _, cells in curves])
    columns: dict[str, npt.NDArray[np.float64]] = {}
    for (line, cells), name in zip(curves, layout.names([cells[0] for _, cells in curves]), strict=True):
        if name is None or name in (TIMECODE, SECONDS, FACES_SEEN):
            continue
        if name in columns:
            raise InputError("motion.csv_curve_twice", name=path.name, line=line, curve=name)
        columns[name] = np.array([number(path, layout, line, name, cell) for cell in cells[1:]])
    for name in [needed for needed in layout.needed if needed != TIMECODE] or layout.faces[:0]:
        if name not in columns:
            raise InputError("motion.csv_curve_missing", name=path.name, curve=name)
    if not columns:
        raise InputError("motion.csv_without_rows", name=path.name)
    seconds = [_second(path, 1, SECONDS, cell) for cell in header[1:]]
    return Table(layout, np.array(seconds)[:, None], columns, [1] * len(seconds))


def number(path: Path, layout: Layout, line: int, name: str, text: str) -> float:
    """A cell as a finite number within what its column can mean. Raises `InputError` that names line and column."""
    value = _finite(path, line, name, text)
    if name in layout.faces and not layout.limits[0] <= value <= layout.limits[1]:
        code = "motion.csv_control_out_of_range" if layout is METAHUMAN else "motion.csv_blendshape_out_of_range"
        raise InputError(code, name=path.name, line=line, column=name, value=value)
    if name in HEAD_COLUMNS + EYE_COLUMNS and abs(value) > 2 * math.pi:
        raise InputError("motion.csv_angle_out_of_range", name=path.name, line=line, column=name, value=value)
    if name in TRANSLATION_COLUMNS and abs(value) > 100:
        raise InputError("motion.csv_translation_out_of_range", name=path.name, line=line, column=name, value=value)
    if name == "FramesPerSecond" and not 1 <= value <= 240:
        raise InputError("motion.csv_frame_rate_out_of_range", name=path.name, line=line, column=name, value=value)
    return value


def _finite(path: Path, line: int, name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError("motion.csv_not_a_number", name=path.name, line=line, column=name, text=text[:40])
    return value


def _second(path: Path, line: int, name: str, text: str) -> float:
    """A time in seconds."""
    value = _finite(path, line, name, text)
    if not 0 <= value <= LATEST_S:
        raise InputError("motion.csv_time_out_of_range", name=path.name, line=line, column=name, value=value)
    return value


def _clock(path: Path, line: int, text: str) -> tuple[float, float, float, float]:
    """Hours, minutes, seconds and frames of a time code."""
    match = TIMECODE_PATTERN.fullmatch(text.strip())
    if match is None:
        raise InputError("motion.csv_no_time_code", name=path.name, line=line, text=text[:40])
    hours, minutes, seconds, frames = match.groups()
    return float(hours), float(minutes), float(seconds), float(frames)
