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
from pipeline.film_settings import FPS_LIMITS, HEIGHT_LIMITS, STRENGTH_LIMITS, EngineChoice, LipsChoice, SongToVideoSettings
from pipeline.intensity import Points, StyleChoice

MAX_SEED = 2**31 - 1
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
    expressiveness: float = 1.0
    head_motion: float = 1.0
    label: bool = False
    lips: LipsChoice = SongToVideoSettings.lips
    style: StyleChoice = SongToVideoSettings.style
    #: key points, as `SongToVideoSettings.intensity_points`, to the thousandth.
    intensity: Points = ()

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> FilmOptions:
        """From JSON values or a form's texts; what lacks or is empty gets its default. Raises Refused, also for unknown names."""
        unknown = sorted(set(given) - {each.name for each in fields(cls)})
        if unknown:
            raise Refused("There is no option called %(name)s.", name=unknown[0][:60])
        options = {name: READERS[name](name, value) for name, value in given.items() if value not in (None, "")}
        return cls(**options)

    def as_json(self) -> dict[str, Any]:
        """The fields as JSON values."""
        return {**asdict(self), "intensity": points_json(self.intensity)}

    def changed(self, changes: Mapping[str, Any]) -> FilmOptions:
        """The options with some of them set anew; None or an empty text sets the default."""
        kept = {name: value for name, value in self.as_json().items() if name not in changes}
        return self.from_mapping({**kept, **changes})

    def for_pipeline(self, title: str | None = None) -> SongToVideoSettings:
        """As the pipeline takes them; `title` goes into the film's metadata."""
        same = {name: value for name, value in asdict(self).items() if name != "intensity"}
        return SongToVideoSettings(**same, intensity_points=self.intensity, title=title)

    def order_key(self, song_id: str, picture_id: str) -> str:
        """Hash of the whole order: the same song, picture and options give the same."""
        order = [song_id, picture_id, self.as_json()]
        return hashlib.sha256(json.dumps(order, sort_keys=True).encode()).hexdigest()


def read_number(name: str, value: Any, low: float, high: float) -> float:
    """A number within limits, to a thousandth. Raises Refused."""
    try:
        number = float(str(value).replace(",", ".")) if not isinstance(value, bool) else math.nan
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and low <= number <= high):
        values = {"name": name, "value": str(value)[:40], "low": f"{low:g}", "high": f"{high:g}"}
        raise Refused("The option %(name)s is %(value)s; a number from %(low)s to %(high)s is accepted.", **values)
    return round(number, 3)


def read_whole(name: str, value: Any, low: int, high: int) -> int:
    """A whole number within limits. Raises Refused."""
    number = read_number(name, value, low, high)
    if number != int(number):
        raise Refused("The option %(name)s is %(value)s; a whole number is needed.", name=name, value=str(value)[:40])
    return int(number)


def read_yes_no(name: str, value: Any) -> bool:
    """True or false. Raises Refused."""
    text = str(value).strip().lower()
    if text not in TRUE + FALSE:
        raise Refused("The option %(name)s is %(value)s; true or false is accepted.", name=name, value=text[:40])
    return text in TRUE


def read_engine(name: str, value: Any) -> EngineChoice:
    """The engine's name. Raises Refused."""
    for engine in get_args(EngineChoice):
        if value == engine:
            return engine
    names = ", ".join(get_args(EngineChoice))
    raise Refused("There is no engine called %(name)s; choose one of %(names)s.", name=str(value)[:40], names=names)


def read_style(name: str, value: Any) -> StyleChoice:
    """The style's name. Raises Refused."""
    for style in get_args(StyleChoice):
        if value == style:
            return style
    names = ", ".join(get_args(StyleChoice))
    raise Refused("There is no style called %(name)s; choose one of %(names)s.", name=str(value)[:40], names=names)


def read_lips(name: str, value: Any) -> LipsChoice:
    """What moves the lips, by name. Raises Refused."""
    for lips in get_args(LipsChoice):
        if value == lips:
            return lips
    names = ", ".join(get_args(LipsChoice))
    raise Refused("There are no lips called %(name)s; choose one of %(names)s.", name=str(value)[:40], names=names)


#: Far above any limit of a song's length.
MAX_S = 86_400.0
READERS: dict[str, Any] = {
    "engine": read_engine,
    "fps": lambda name, value: read_number(name, value, *FPS_LIMITS),
    "height": lambda name, value: read_whole(name, value, *HEIGHT_LIMITS),
    "start_s": lambda name, value: read_number(name, value, 0.0, MAX_S),
    "duration_s": lambda name, value: read_number(name, value, 0.5, MAX_S),
    "seed": lambda name, value: read_whole(name, value, 0, MAX_SEED),
    "face": lambda name, value: read_whole(name, value, 1, 99),
    "expressiveness": lambda name, value: read_number(name, value, *STRENGTH_LIMITS),
    "head_motion": lambda name, value: read_number(name, value, *STRENGTH_LIMITS),
    "label": read_yes_no,
    "lips": read_lips,
    "style": read_style,
    "intensity": read_intensity,
}
