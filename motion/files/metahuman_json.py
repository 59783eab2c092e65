"""A performance as the curves of a MetaHuman's face in JSON, for a script in Unreal's editor.

The shape, which is ours:

    {"format": "metahuman-curves", "version": 1, "generator": "Belcanto", "frame_rate": 30.0, "frames": 90,
     "times_s": [0.0, 0.0333, ...],
     "curves": {"CTRL_expressions_browDownL": [0.1, 0.12, ...], ...},
     "beside": {"HeadYaw": [...], "HeadPitch": [...], ..., "Intensity": [...]}}

`times_s` and each list under `curves` are what `unreal.AnimationLibrary.add_float_curve_keys(sequence, name, times, ...)`
takes; docs/EMOTION.md has such a script. Every curve has one key a frame; curves at rest all the time are left out. `beside`
holds the columns of the same names of our CSV files: the head's and the eyes' angles in radians with Live Link's signs,
translation in face widths, intensity.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from core.contracts import FloatArray, Motion
from core.errors import InputError
from core.output_files import whole_file
from motion.files.clock import RATES
from motion.files.columns import BESIDE_COLUMNS, CONTROL_COLUMNS, CONTROL_LIMITS, METAHUMAN, plain
from motion.files.metahuman_csv import controls_of
from motion.files.motion_csv import beside_of
from motion.files.take import Take

FORMAT, VERSION = "metahuman-curves", 1
#: The rate stands for itself.
BESIDE = BESIDE_COLUMNS[:-1]
#: No field's number is larger; JSON holds whole numbers that no float can.
MOST = 1e9
#: An hour at 60 a second; a file that tells of more is broken.
MOST_FRAMES = 216_000
#: What values beside the face may be: any angle in radians, any translation within reach.
BESIDE_LIMITS = (-100.0, 100.0)


def write_metahuman_json(path: Path, motion: Motion, controls: FloatArray | None = None) -> None:
    """Write `motion` as above; the file appears under its name only when it is whole. controls: see `write_metahuman_csv`.

    Raises `InputError` where the folder can't be written.
    """
    faces, beside = controls_of(motion, controls), beside_of(motion)
    told = {
        **{"format": FORMAT, "version": VERSION, "generator": "Belcanto", "frame_rate": motion.fps, "frames": len(motion)},
        "times_s": rounded(np.arange(len(motion)) / motion.fps),
        "curves": {name: rounded(faces[:, column]) for column, name in enumerate(CONTROL_COLUMNS) if faces[:, column].any()},
        "beside": {name: rounded(beside[:, column]) for column, name in enumerate(BESIDE)},
    }
    with whole_file(path, "The motion") as file:
        file.write(json.dumps(told, separators=(",", ":")).encode())


def rounded(values: FloatArray) -> list[float]:
    """Eight decimals, as the CSV files have."""
    return [round(float(value), 8) for value in values]


def read_metahuman_json(path: Path) -> Take:
    """The performance of such a file. Raises `InputError` that names the field or the curve where it is broken."""
    told = _document(path)
    rate, frames = _number(path, told, "frame_rate"), _number(path, told, "frames")
    if not RATES[0] <= rate <= RATES[1]:
        raise InputError("motion.csv_rate_out_of_range", name=path.name, value=rate)
    if frames != int(frames) or not 1 <= frames <= MOST_FRAMES:
        raise InputError("motion.json_frames", name=path.name, value=frames, most=MOST_FRAMES)
    count = int(frames)
    columns = {plain(name): column for column, name in enumerate(CONTROL_COLUMNS)}
    curves = _curves(path, told, "curves")
    if not any(plain(name) in columns for name in curves):
        raise InputError("motion.json_field", name=path.name, field="curves", problem="no curve of a MetaHuman stands there")
    faces = np.zeros((count, len(CONTROL_COLUMNS)))
    for name, values in curves.items():
        curve = _curve(path, name, values, count, CONTROL_LIMITS)
        if plain(name) in columns:
            faces[:, columns[plain(name)]] = np.maximum(curve, 0.0)
    kept = _curves(path, told, "beside") if "beside" in told else {}
    beside = {name: _curve(path, name, kept[name], count, BESIDE_LIMITS) for name in BESIDE if name in kept}
    return Take(METAHUMAN, rate, faces, beside)


def _document(path: Path) -> dict[str, Any]:
    """The file's fields, after its kind is sure."""
    try:
        told = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError("motion.csv_unreadable", path=path, reason=error.strerror) from error
    except (ValueError, RecursionError) as error:
        raise InputError("motion.json_is_no_json", name=path.name, error=error) from error
    if not isinstance(told, dict) or told.get("format") != FORMAT or told.get("version") != VERSION:
        raise InputError("motion.json_of_another_kind", name=path.name, format=FORMAT, version=VERSION)
    return told


def _number(path: Path, told: dict[str, Any], field: str) -> float:
    value = told.get(field)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -MOST <= value <= MOST:
        raise InputError("motion.json_field", name=path.name, field=field, problem="no number stands there")
    return float(value)


def _curves(path: Path, told: dict[str, Any], field: str) -> dict[str, Any]:
    curves = told.get(field)
    if not isinstance(curves, dict):
        raise InputError("motion.json_field", name=path.name, field=field, problem="no curves by name stand there")
    return curves


def _curve(path: Path, name: str, values: Any, frames: int, limits: tuple[float, float]) -> FloatArray:
    """A curve's values (frames,). Raises `InputError` that names the curve, and the frame from 0."""
    name = name[:60]
    if not isinstance(values, list) or len(values) != frames:
        found = len(values) if isinstance(values, list) else 0
        raise InputError("motion.json_curve_length", name=path.name, curve=name, found=found, frames=frames)
    for frame, value in enumerate(values):
        if isinstance(value, bool) or not isinstance(value, int | float) or not limits[0] <= value <= limits[1]:
            problem = {"curve": name, "frame": frame, "low": limits[0], "high": limits[1]}
            raise InputError("motion.json_value", name=path.name, **problem)
    return np.array(values, np.float64)
