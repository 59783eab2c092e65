"""What only one engine can be told, checked at the border like every other setting of a film."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from core.errors import InputError
from core.messages import either

PreprocessChoice = Literal["crop", "resize", "full"]
#: A third way is a film, named by its path.
PoseChoice = Literal["motion", "voice"]
SIZES = (256, 512)
POSE_STYLES = 46
#: Furthest turn of the head by hand, in degrees.
FURTHEST_TURN_DEG = 60.0


@dataclass(frozen=True)
class SadTalkerOptions:
    """How SadTalker makes a film. The strengths of face and head are those of every engine (`SongToVideoSettings`)."""

    #: width and height in pixels of the square that the networks draw; each has its own checkpoint.
    size: int = 256
    #: `full` puts the head back into the whole picture, `crop` makes a film of the head's square alone, `resize` takes the whole
    #: picture for that square.
    preprocess: PreprocessChoice = "full"
    #: what moves the head: Belcanto's own motion, which knows the beat, or SadTalker's own network, which hears the voice.
    pose: PoseChoice = "motion"
    #: manner of the head where the voice moves it, 0 to 45.
    pose_style: int = 0
    #: a film whose head is followed instead.
    pose_film: Path | None = None
    #: turning points in degrees that the angle passes from the film's first frame to its last; empty: as `pose` says.
    yaw_deg: tuple[float, ...] = ()
    pitch_deg: tuple[float, ...] = ()
    roll_deg: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Raises `InputError` where a value is not one of those accepted."""
        if self.size not in SIZES:
            raise InputError("pipeline.head_size_unknown", value=self.size, list=either(SIZES))
        for name, value, accepted in (("preprocess", self.preprocess, PreprocessChoice), ("pose", self.pose, PoseChoice)):
            if value not in get_args(accepted):
                raise InputError("pipeline.choice_unknown", name=name, value=value, list=list(get_args(accepted)))
        if not 0 <= self.pose_style < POSE_STYLES:
            raise InputError("pipeline.pose_style_out_of_range", value=self.pose_style, most=POSE_STYLES - 1)
        if self.pose_style and self.pose != "voice":
            raise InputError("pipeline.pose_style_without_voice")
        for name in ("yaw", "pitch", "roll"):
            turns = tuple(float(turn) for turn in getattr(self, f"{name}_deg"))  # JSON brings lists
            if not all(math.isfinite(turn) and abs(turn) <= FURTHEST_TURN_DEG for turn in turns):
                raise InputError("pipeline.angles_out_of_range", name=name, low=-FURTHEST_TURN_DEG, high=FURTHEST_TURN_DEG)
            object.__setattr__(self, f"{name}_deg", turns)
        if self.pose_film is not None and not isinstance(self.pose_film, Path):
            object.__setattr__(self, "pose_film", Path(self.pose_film))


def turns_of_argument(name: str, text: str) -> tuple[float, ...]:
    """Degrees out of `-20,30,10`; nothing out of an empty text. Raises `InputError` where a part is no number."""
    try:
        return tuple(float(part) for part in text.split(",")) if text.strip() else ()
    except ValueError as error:
        raise InputError("pipeline.angles_unreadable", name=name, text=text) from error


def frame_of_argument(text: str) -> tuple[float, float, float, float] | None:
    """(left, top, right, bottom) in pixels out of `120,80,360,400`; None of an empty text. Raises `InputError` for another."""
    if not text.strip():
        return None
    try:
        left, top, right, bottom = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InputError("pipeline.frame_unreadable", text=text) from error
    return checked_frame((left, top, right, bottom))


def checked_frame(frame: Sequence[float]) -> tuple[float, float, float, float]:
    """The frame around a face as four numbers. Raises `InputError` where it has no inside."""
    edges = tuple(float(edge) for edge in frame)
    if len(edges) != 4 or not all(map(math.isfinite, edges)) or edges[2] <= edges[0] or edges[3] <= edges[1]:
        raise InputError("pipeline.frame_without_area")
    return edges[0], edges[1], edges[2], edges[3]
