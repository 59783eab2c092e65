"""What the columns of motion files are called, in which unit they speak, and how far their values may go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.contracts import BLENDSHAPE_NAMES
from core.rigs.metahuman_names import CONTROLS, PREFIX
from core.rigs.rig_list import HEAD_CURVES

#: The 52 shapes as Live Link Face writes them.
SHAPE_COLUMNS: tuple[str, ...] = tuple(name[0].upper() + name[1:] for name in BLENDSHAPE_NAMES)
#: A MetaHuman's controls as Unreal's curves are called.
CONTROL_COLUMNS: tuple[str, ...] = tuple(PREFIX + name for name in CONTROLS)
HEAD_COLUMNS = HEAD_CURVES
EYE_COLUMNS = ("LeftEyeYaw", "LeftEyePitch", "LeftEyeRoll", "RightEyeYaw", "RightEyePitch", "RightEyeRoll")
TRANSLATION_COLUMNS = ("TranslationX", "TranslationY", "TranslationZ")
EXTRA_COLUMNS = (*TRANSLATION_COLUMNS, "Intensity", "FramesPerSecond")
#: What stands beside the face in either kind of file.
BESIDE_COLUMNS = (*HEAD_COLUMNS, *EYE_COLUMNS, *EXTRA_COLUMNS)
TIMECODE, SECONDS, FACES_SEEN = "Timecode", "Time", "BlendShapeCount"

#: Calibrated recordings leave [0, 1] a little; a shape further out than this means that the file speaks another unit.
SHAPE_LIMITS = (-1.0, 2.0)
#: Two shapes may move one control, and poses are added up.
CONTROL_LIMITS = (-1.0, 3.0)


@dataclass(frozen=True)
class Layout:
    """A kind of motion file.

    faces: the face's columns, in the order of its rig. needed: those that must stand there, each once; of a MetaHuman's controls
    any number does. limits: what the face's values may be. spelling: from a cell in small letters to our name of the column.
    """

    faces: tuple[str, ...]
    needed: tuple[str, ...]
    limits: tuple[float, float]
    spelling: Mapping[str, str]

    def names(self, header: Sequence[str]) -> list[str | None]:
        """The header's columns by our names, None for those that are not known."""
        return [self.spelling.get(plain(cell)) for cell in header]


def plain(cell: str) -> str:
    """A column's name without what differs from writer to writer: capitals, and how a control's name begins."""
    name = cell.strip().lower()
    beginning = PREFIX.lower()
    return name.removeprefix(beginning).removeprefix(beginning[:-1] + ".")  # a DNA file calls them CTRL_expressions.jawOpen


def _spelled(faces: Sequence[str]) -> dict[str, str]:
    names = {plain(name): name for name in (TIMECODE, FACES_SEEN, *BESIDE_COLUMNS, *faces)}
    return names | dict.fromkeys(("time", "times", "time_s", "seconds", "time (s)"), SECONDS)


LIVE_LINK = Layout(SHAPE_COLUMNS, (TIMECODE, *SHAPE_COLUMNS), SHAPE_LIMITS, _spelled(SHAPE_COLUMNS))
METAHUMAN = Layout(CONTROL_COLUMNS, (), CONTROL_LIMITS, _spelled(CONTROL_COLUMNS))


def layout_of(header: Sequence[str]) -> Layout:
    """Whose columns these are: a MetaHuman's where they bear its prefix, or more names of its own than of Live Link Face's."""
    cells = {plain(cell) for cell in header}
    prefixed = any(cell.strip().lower().startswith(PREFIX.lower()[:-1]) for cell in header)
    controls, shapes = ({plain(name) for name in names} for names in (CONTROL_COLUMNS, SHAPE_COLUMNS))
    return METAHUMAN if prefixed or len(cells & (controls - shapes)) > len(cells & (shapes - controls)) else LIVE_LINK
