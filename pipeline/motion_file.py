"""Where a motion is written to: the name's ending says what kind of file it becomes, the rig whose curves it holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.contracts import Motion
from core.errors import InputError
from core.option_kinds import Choice
from core.options import TERMINAL_ONLY, check_options, option
from core.output_files import check_output
from core.rigs.rig import Rig
from core.rigs.rig_list import ARKIT, METAHUMAN, RIGS
from media.glb import GLB_SUFFIX
from motion.files.any_file import CSV_SUFFIX, JSON_SUFFIX, MOTION_SUFFIXES, write_motion

#: A frame takes about so many bytes: sixty-odd numbers of ten digits, 185 of which many are 0, and 62 of four bytes.
BYTES_PER_ROW, BYTES_PER_METAHUMAN_ROW, BYTES_PER_GLB_ROW = 900, 2000, 260
#: A MetaHuman's curves beside a film are one of these.
METAHUMAN_SUFFIXES = (CSV_SUFFIX, JSON_SUFFIX)


@dataclass(frozen=True)
class MotionFileSettings:
    """What the command line can be told about the file of a motion. Raises `InputError`."""

    rig: str | None = option(
        None,
        Choice(tuple(RIGS)),
        "whose curves the file holds, ARKit's 52 or a MetaHuman's 185; without it ARKit's, in JSON a MetaHuman's",
        doors=TERMINAL_ONLY,
    )

    def __post_init__(self) -> None:
        check_options(self)


#: The file beside a film.
OF_METAHUMANS = MotionFileSettings(rig=METAHUMAN.name)


def rig_of(out: Path, settings: MotionFileSettings) -> Rig:
    """The rig of the curves in the file `out`. Raises `InputError` where the name's ending does not go with what is asked."""
    only = {JSON_SUFFIX: METAHUMAN, GLB_SUFFIX: ARKIT}.get(out.suffix.lower())
    asked = None if settings.rig is None else RIGS[settings.rig]
    if only is not None and asked not in (None, only):
        raise InputError("pipeline.file_of_one_rig", name=out.name, rig=only.name)
    return only or asked or ARKIT


def check_motion_file(out: Path, inputs: Iterable[Path], settings: MotionFileSettings | None = None) -> None:
    """Try the file before the work. Raises `InputError`."""
    check_output(out, MOTION_SUFFIXES, inputs)
    rig_of(out, settings or MotionFileSettings())


def row_bytes(out: Path, settings: MotionFileSettings | None = None) -> int:
    """About how many bytes a frame takes in the file."""
    if out.suffix.lower() == GLB_SUFFIX:
        return BYTES_PER_GLB_ROW
    return BYTES_PER_METAHUMAN_ROW if rig_of(out, settings or MotionFileSettings()) is METAHUMAN else BYTES_PER_ROW


def write_motion_file(out: Path, motion: Motion, settings: MotionFileSettings | None = None) -> None:
    """Write the motion. Raises `InputError` where that can't be."""
    write_motion(out, motion, rig_of(out, settings or MotionFileSettings()) is METAHUMAN)
