"""One door to all motion files: the name's ending and the first line tell which kind it is."""

from __future__ import annotations

from pathlib import Path

from core.contracts import FloatArray, Motion
from core.messages import Message
from core.rigs.rig import Rig
from media.glb import GLB_SUFFIX
from motion.files.metahuman_csv import write_metahuman_csv
from motion.files.metahuman_json import read_metahuman_json, write_metahuman_json
from motion.files.motion_csv import write_motion_csv
from motion.files.take import Take, read_take

CSV_SUFFIX, JSON_SUFFIX = ".csv", ".json"
#: What a motion may be written as. JSON is a MetaHuman's, the shapes of a GLB file are ARKit's, a CSV is of either.
MOTION_SUFFIXES = (CSV_SUFFIX, JSON_SUFFIX, GLB_SUFFIX)


def read_any_take(path: Path) -> tuple[Take, tuple[Message, ...]]:
    """A Live Link CSV, a MetaHuman CSV or a MetaHuman JSON file, with notes for the user. Raises `InputError`."""
    return (read_metahuman_json(path), ()) if path.suffix.lower() == JSON_SUFFIX else read_take(path)


def read_motion(path: Path) -> tuple[Motion, tuple[Message, ...]]:
    """The same as a motion for our engines, at the file's own rate. Raises `InputError`."""
    take, notes = read_any_take(path)
    return take.motion(), notes


def read_curves(path: Path, rig: Rig) -> tuple[FloatArray, float]:
    """The same as curves of a rig: (T, len(rig.curves)) float32, and the file's rate in frames a second.

    A file of the other rig is brought over by `core.rigs.metahuman_table`. Rows that the file lacks are bridged by straight
    lines. Raises `InputError`.
    """
    take, _ = read_any_take(path)
    return take.curves(rig), take.fps


def write_motion(path: Path, motion: Motion, metahuman: bool, controls: FloatArray | None = None) -> None:
    """Write the motion as the name's ending says: `.csv` (of a MetaHuman, or Live Link's), `.json` (of a MetaHuman), `.glb`.

    controls: (T, 185) the face, where it was made in a MetaHuman's curves. Raises `InputError` where the folder can't be written.
    """
    suffix = path.suffix.lower()
    if suffix == GLB_SUFFIX:
        from motion.files.motion_glb import write_motion_glb

        write_motion_glb(path, motion)
    elif suffix == JSON_SUFFIX:
        write_metahuman_json(path, motion, controls)
    elif metahuman:
        write_metahuman_csv(path, motion, controls)
    else:
        write_motion_csv(path, motion)
