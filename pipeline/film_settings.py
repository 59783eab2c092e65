"""What a film can be told, checked once at the border, and what is reported about it when it is done."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal, get_args

from core.contracts import Portrait
from core.errors import InputError
from core.messages import Message
from motion.intensity import Emotion, Points, StyleChoice, check_points
from pipeline.engine_options import SadTalkerOptions, checked_frame

EngineChoice = Literal["auto", "mesh", "anime", "sadtalker"]
#: Where networks on torch run; `auto` takes a graphics card where there is one.
DeviceChoice = Literal["auto", "cpu", "cuda"]
#: How a film comes to more than 30 frames a second: `drawn` draws every frame, `interpolated` every second one and finds those
#: between by RIFE, `auto` takes what is quicker for the engine.
InBetweenChoice = Literal["auto", "drawn", "interpolated"]
LipsChoice = Literal["learned", "features"]

#: Bits of a film for each pixel of each frame, and bytes of its sound a second.
LEAST_BITS_PER_PIXEL, AUDIO_BYTES_PER_S = 0.02, 20_000
#: Limits at the border: (smallest, largest).
FPS_LIMITS = (10.0, 60.0)
HEIGHT_LIMITS = (64, 2160)
STRENGTH_LIMITS = (0.0, 2.0)
#: Height of the film where none is asked for and the picture is higher.
DEFAULT_MAX_HEIGHT = 1080
VIDEO_SUFFIX = ".mp4"


@dataclass(frozen=True)
class SongToVideoSettings:
    """How a film is made."""

    #: what makes the portrait move; `auto` sends drawings to the anime engine and everything else to the mesh engine.
    engine: EngineChoice = "auto"
    #: frames per second of the film, 10 to 60.
    fps: float = 25.0
    #: height of the film in pixels, 64 to 2160; None: the picture's own, at most 1080.
    height: int | None = None
    #: where in the song the film begins, in seconds; sound and motion alike.
    start_s: float = 0.0
    #: how much of the song the film takes, in seconds; None: up to its end.
    duration_s: float | None = None
    #: start of every random choice; the same seed gives the same film.
    seed: int = 0
    #: which face of the picture sings, counted from 1 and from left to right; None: the only one.
    face: int | None = None
    #: whether a face that is most likely an animal's may sing where there is no human one; it shows no teeth.
    allow_animals: bool = False
    #: whether the film lies as the picture does, where that was turned so that its face stands upright for the work.
    turn_back: bool = False
    #: a drawn face, framed by hand from the hairline to the chin: left, top, right, bottom in pixels of the upright picture.
    face_frame: tuple[float, float, float, float] | None = None
    #: how strongly the face moves, 0 to 2; 1 is natural.
    expressiveness: float = 1.0
    #: how strongly the head moves, 0 to 2; 1 is natural, 0 holds it still.
    head_motion: float = 1.0
    #: what moves the lips: a network that learned it from people who speak, or signal features alone, which need no weights.
    lips: LipsChoice = "learned"
    #: what the face feels; `auto` follows the song's mode, tempo and energy, and may change from section to section.
    style: StyleChoice = "auto"
    #: how strongly it feels: key points (seconds of the film, 0 to 1), see `motion/intensity.py`; none: as the song asks.
    intensity_points: Points = ()
    #: whether the film bears a visible mark "AI-generated". The metadata always says it.
    label: bool = False
    #: share of the face that GFPGAN restored, frame by frame, in the film, 0 to 1; 0 restores nothing. Made for a graphics card.
    restore: float = 0.0
    #: how frames beyond 30 a second are made.
    in_between: InBetweenChoice = "auto"
    #: where networks on torch run.
    device: DeviceChoice = "auto"
    #: what only the SadTalker engine can be told.
    sadtalker: SadTalkerOptions = field(default_factory=SadTalkerOptions)
    #: title in the film's metadata; None: the song's file name.
    title: str | None = None
    #: a motion in Live Link Face's columns that takes the place of the one found in the song.
    motion_csv: Path | None = None

    def __post_init__(self) -> None:
        """Raises `InputError` where a value is out of range."""
        check_range("pipeline.frame_rate_out_of_range", self.fps, FPS_LIMITS)
        if self.height is not None:
            check_range("pipeline.height_out_of_range", self.height, HEIGHT_LIMITS)
        check_range("pipeline.expressiveness_out_of_range", self.expressiveness, STRENGTH_LIMITS)
        check_range("pipeline.head_motion_out_of_range", self.head_motion, STRENGTH_LIMITS)
        check_range("pipeline.restored_share_out_of_range", self.restore, (0.0, 1.0))
        for code, value, accepted in (
            ("pipeline.no_such_engine", self.engine, EngineChoice),
            ("pipeline.no_such_lips", self.lips, LipsChoice),
            ("pipeline.no_such_style", self.style, StyleChoice),
            ("pipeline.no_such_way_in_between", self.in_between, InBetweenChoice),
            ("pipeline.no_such_device", self.device, DeviceChoice),
        ):
            if value not in get_args(accepted):
                raise InputError(code, name=value, list=get_args(accepted))
        self._check_engine()
        object.__setattr__(self, "intensity_points", check_points(self.intensity_points))  # JSON brings lists
        if self.motion_csv is not None and (self.style != "auto" or self.intensity_points):
            raise InputError("pipeline.motion_has_its_own_emotion")
        if not (math.isfinite(self.start_s) and self.start_s >= 0):
            raise InputError("core.start_before_the_song", value=self.start_s)
        if self.duration_s is not None and not (math.isfinite(self.duration_s) and self.duration_s > 0):
            raise InputError("core.duration_out_of_range", value=self.duration_s)
        if self.face is not None and self.face < 1:
            raise InputError("pipeline.face_out_of_range", value=self.face)
        if self.seed < 0:
            raise InputError("pipeline.seed_out_of_range", value=self.seed)

    def _check_engine(self) -> None:
        """Raises `InputError` where something is asked of an engine that another one does."""
        if isinstance(self.sadtalker, Mapping):  # from JSON
            object.__setattr__(self, "sadtalker", SadTalkerOptions(**self.sadtalker))
        if self.sadtalker != SadTalkerOptions() and self.engine != "sadtalker":
            raise InputError("pipeline.options_of_sadtalker")
        if self.face_frame is not None:
            object.__setattr__(self, "face_frame", checked_frame(self.face_frame))
            if self.engine not in ("auto", "anime"):
                raise InputError("pipeline.frame_is_for_drawings")
            if self.face is not None:
                raise InputError("pipeline.face_named_twice")

    @property
    def is_excerpt(self) -> bool:
        """Whether the film takes only a part of the song."""
        return self.start_s > 0 or self.duration_s is not None


@dataclass(frozen=True)
class FilmReport:
    """What was made.

    video: path of the film; duration_s, frames, fps, width, height: its own; engine: the one that drew it.
    seconds: wall time, `total` and of each stage.
    peak_rss_mb: the most memory that this process held, in 10^6 bytes; the ffmpeg processes beside it are not counted.
    cached_stages: names of the stages whose results were there before.
    notes: for the user, for example that no voice was found.
    emotion: the style and the intensity in effect; None where the motion came from a file.
    """

    video: str
    duration_s: float
    frames: int
    fps: float
    width: int
    height: int
    engine: str
    seconds: Mapping[str, float]
    peak_rss_mb: float
    cached_stages: tuple[str, ...]
    notes: tuple[Message, ...] = field(default=())
    emotion: Emotion | None = None

    def as_json(self) -> dict[str, object]:
        """The fields as JSON values, the notes as English sentences."""
        return {**asdict(self), "notes": [str(note) for note in self.notes]}


def film_bytes(portrait: Portrait, frames: int, duration_s: float) -> int:
    """About how large a film becomes at the least: so few bits a pixel took the stillest that were measured."""
    height, width = portrait.image.shape[:2]
    return round(LEAST_BITS_PER_PIXEL / 8 * width * height * frames + AUDIO_BYTES_PER_S * duration_s)


def check_range(code: str, value: float, limits: tuple[float, float]) -> None:
    """Raises `InputError` of that code unless `value` lies within `limits`, both ends included."""
    low, high = limits
    if not (math.isfinite(value) and low <= value <= high):
        raise InputError(code, value=value, low=low, high=high)


def check_input(path: Path, what: str) -> None:
    """Raises `InputError` unless `path` is a file that can be read and holds something; `what` names it in the sentence."""
    if not path.exists():
        raise InputError("pipeline.file_not_there", what=what, path=path)
    if not path.is_file():
        raise InputError("pipeline.file_is_no_file", what=what, path=path)
    if not os.access(path, os.R_OK):
        raise InputError("pipeline.file_unreadable", what=what, path=path)
    if path.stat().st_size == 0:
        raise InputError("pipeline.file_is_empty", what=what, path=path)
