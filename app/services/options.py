"""The options of a film that a person may set: read from forms and JSON, checked, and compared."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, get_args

from app.errors import Refused
from app.services.key_points import points_json, read_intensity
from motion.intensity import Points, StyleChoice
from pipeline.engine_options import FURTHEST_TURN_DEG, POSE_STYLES, SIZES, PoseChoice, PreprocessChoice, SadTalkerOptions
from pipeline.film_settings import (
    FPS_LIMITS,
    HEIGHT_LIMITS,
    STRENGTH_LIMITS,
    EngineChoice,
    InBetweenChoice,
    LipsChoice,
    SongToVideoSettings,
)

MAX_SEED = 2**31 - 1
#: Most turning points of an angle of the head.
MOST_TURNS = 20
Frame = tuple[float, float, float, float]
TRUE, FALSE = ("1", "true", "on", "yes", "y"), ("0", "false", "off", "no", "n")


@dataclass(frozen=True)
class FilmOptions:
    """What can be chosen; the meaning is that of `SongToVideoSettings`. Made by `from_mapping`, so always checked."""

    engine: EngineChoice = "auto"
    fps: float = 25.0
    height: int | None = None
    start_s: float = 0.0
    duration_s: float | None = None
    seed: int = 0
    face: int | None = None
    allow_animals: bool = False
    turn_back: bool = False
    expressiveness: float = 1.0
    head_motion: float = 1.0
    label: bool = False
    lips: LipsChoice = SongToVideoSettings.lips
    style: StyleChoice = SongToVideoSettings.style
    #: key points, as `SongToVideoSettings.intensity_points`, to the thousandth.
    intensity: Points = ()
    restore: float = 0.0
    in_between: InBetweenChoice = "auto"
    #: the face of a drawing: left, top, right, bottom in whole pixels of the picture as the library has it.
    frame: Frame | None = None
    #: from here on as `SadTalkerOptions`, for that engine alone.
    size: int = SadTalkerOptions.size
    preprocess: PreprocessChoice = SadTalkerOptions.preprocess
    pose: PoseChoice = SadTalkerOptions.pose
    pose_style: int = SadTalkerOptions.pose_style
    yaw: tuple[float, ...] = ()
    pitch: tuple[float, ...] = ()
    roll: tuple[float, ...] = ()

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> FilmOptions:
        """From JSON values or a form's texts; what lacks or is empty gets its default.

        Raises Refused, also for unknown names, and InputError where options don't go together.
        """
        unknown = sorted(set(given) - {each.name for each in fields(cls)})
        if unknown:
            raise Refused("app.no_such_option", name=unknown[0][:60])
        options = {name: READERS[name](name, value) for name, value in given.items() if value not in (None, "")}
        made = cls(**options)
        made.for_pipeline()  # which knows what goes together
        return made

    def as_json(self) -> dict[str, Any]:
        """The fields as JSON values."""
        lists: dict[str, Any] = {name: list(getattr(self, name)) for name in TURNS}
        frame = None if self.frame is None else list(self.frame)
        return {**asdict(self), **lists, "frame": frame, "intensity": points_json(self.intensity)}

    def changed(self, changes: Mapping[str, Any]) -> FilmOptions:
        """The options with some of them set anew; None or an empty text sets the default."""
        kept = {name: value for name, value in self.as_json().items() if name not in changes}
        return self.from_mapping({**kept, **changes})

    def for_pipeline(self, title: str | None = None) -> SongToVideoSettings:
        """As the pipeline takes them; `title` goes into the film's metadata."""
        renamed = ("intensity", "frame", *SADTALKER)
        same = {name: value for name, value in asdict(self).items() if name not in renamed}
        return SongToVideoSettings(
            **same, intensity_points=self.intensity, face_frame=self.frame, sadtalker=self.sadtalker(), title=title
        )

    def sadtalker(self) -> SadTalkerOptions:
        """What only that engine is told."""
        turns = {f"{name}_deg": getattr(self, name) for name in TURNS}
        return SadTalkerOptions(**turns, **{name: getattr(self, name) for name in SADTALKER if name not in TURNS})

    def order_key(self, song_id: str, picture_id: str) -> str:
        """Hash of the whole order: the same song, picture and options give the same.

        Younger options are left out where they have their defaults, so that orders of before them keep their keys.
        """
        default = FilmOptions().as_json()
        options = {name: each for name, each in self.as_json().items() if name not in YOUNGER or each != default[name]}
        order = [song_id, picture_id, options]
        return hashlib.sha256(json.dumps(order, sort_keys=True).encode()).hexdigest()


def read_number(name: str, value: Any, low: float, high: float) -> float:
    """A number within limits, to a thousandth. Raises Refused."""
    try:
        number = float(str(value).replace(",", ".")) if not isinstance(value, bool) else math.nan
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and low <= number <= high):
        raise Refused("app.option_out_of_range", name=name, value=str(value)[:40], low=low, high=high)
    return round(number, 3)


def read_whole(name: str, value: Any, low: int, high: int) -> int:
    """A whole number within limits. Raises Refused."""
    number = read_number(name, value, low, high)
    if number != int(number):
        raise Refused("app.option_not_whole", name=name, value=str(value)[:40])
    return int(number)


def read_yes_no(name: str, value: Any) -> bool:
    """True or false. Raises Refused."""
    text = str(value).strip().lower()
    if text not in TRUE + FALSE:
        raise Refused("app.option_not_true_or_false", name=name, value=text[:40])
    return text in TRUE


def read_numbers(name: str, value: Any, low: float, high: float, most: int) -> tuple[float, ...]:
    """Numbers within limits, out of a list or a text with commas between. Raises Refused."""
    if isinstance(value, str):
        plain = value.replace(",", ".").replace(";", ",") if ";" in value else value
        value = [part for part in plain.split(",") if part.strip()]
    if not isinstance(value, list | tuple) or len(value) > most:
        raise Refused("app.option_no_numbers", name=name, most=most)
    return tuple(read_number(name, each, low, high) for each in value)


def read_turns(name: str, value: Any) -> tuple[float, ...]:
    """Turning points of an angle of the head, in degrees. Raises Refused."""
    return read_numbers(name, value, *TURN_LIMITS, MOST_TURNS)


def read_frame(name: str, value: Any) -> Frame:
    """Left, top, right and bottom in whole pixels. Raises Refused."""
    edges = read_numbers(name, value, -MAX_PIXELS, MAX_PIXELS, 4)
    if len(edges) != 4:
        raise Refused("app.option_no_frame", name=name)
    left, top, right, bottom = (float(round(edge)) for edge in edges)
    return left, top, right, bottom


def read_choice(name: str, value: Any, accepted: tuple[Any, ...]) -> Any:
    """One of the values that are accepted; of a form, its text. Raises Refused."""
    for each in accepted:
        if str(value) == str(each) and not isinstance(value, bool):
            return each
    names = ", ".join(map(str, accepted))
    raise Refused("app.option_not_among", name=name, value=str(value)[:40], names=names)


def read_engine(name: str, value: Any) -> EngineChoice:
    """The engine's name. Raises Refused."""
    for engine in get_args(EngineChoice):
        if value == engine:
            return engine
    names = ", ".join(get_args(EngineChoice))
    raise Refused("app.no_such_engine", name=str(value)[:40], names=names)


def read_style(name: str, value: Any) -> StyleChoice:
    """The style's name. Raises Refused."""
    for style in get_args(StyleChoice):
        if value == style:
            return style
    names = ", ".join(get_args(StyleChoice))
    raise Refused("app.no_such_style", name=str(value)[:40], names=names)


def read_lips(name: str, value: Any) -> LipsChoice:
    """What moves the lips, by name. Raises Refused."""
    for lips in get_args(LipsChoice):
        if value == lips:
            return lips
    names = ", ".join(get_args(LipsChoice))
    raise Refused("app.no_such_lips", name=str(value)[:40], names=names)


#: Far above any limit of a song's length.
MAX_S = 86_400.0
#: Far beyond any picture.
MAX_PIXELS = 100_000.0
TURNS = ("yaw", "pitch", "roll")
#: The options of the engine sadtalker alone.
SADTALKER = ("size", "preprocess", "pose", "pose_style", *TURNS)
#: Options that orders did not always have.
YOUNGER = ("allow_animals", "turn_back", "restore", "in_between", "frame", *SADTALKER)
TURN_LIMITS = (-FURTHEST_TURN_DEG, FURTHEST_TURN_DEG)
READERS: dict[str, Any] = {
    "engine": read_engine,
    "fps": lambda name, value: read_number(name, value, *FPS_LIMITS),
    "height": lambda name, value: read_whole(name, value, *HEIGHT_LIMITS),
    "start_s": lambda name, value: read_number(name, value, 0.0, MAX_S),
    "duration_s": lambda name, value: read_number(name, value, 0.5, MAX_S),
    "seed": lambda name, value: read_whole(name, value, 0, MAX_SEED),
    "face": lambda name, value: read_whole(name, value, 1, 99),
    "allow_animals": read_yes_no,
    "turn_back": read_yes_no,
    "expressiveness": lambda name, value: read_number(name, value, *STRENGTH_LIMITS),
    "head_motion": lambda name, value: read_number(name, value, *STRENGTH_LIMITS),
    "label": read_yes_no,
    "lips": read_lips,
    "style": read_style,
    "intensity": read_intensity,
    "restore": lambda name, value: read_number(name, value, 0.0, 1.0),
    "in_between": lambda name, value: read_choice(name, value, get_args(InBetweenChoice)),
    "frame": read_frame,
    "size": lambda name, value: read_choice(name, value, SIZES),
    "preprocess": lambda name, value: read_choice(name, value, get_args(PreprocessChoice)),
    "pose": lambda name, value: read_choice(name, value, get_args(PoseChoice)),
    "pose_style": lambda name, value: read_whole(name, value, 0, POSE_STYLES - 1),
    **dict.fromkeys(TURNS, read_turns),
}
