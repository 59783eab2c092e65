"""What a person has chosen so far. It travels in the address, so that two tabs, a reload and the way back disturb nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext

from app.models import Picture, Work
from app.numbers import decimal_symbol
from app.texts import clock
from core.engine_card import EngineCard
from media.sound_reader import MIN_SONG_S
from pipeline.engine_list import for_drawings, for_photos

NAMES = (
    *("song", "picture", "face", "start", "end", "again", "curve", "frame", "kind", "animals", "lying", "say"),
    *("clip", "clip_start", "clip_end", "drive", "words", "check"),
)
#: What a person may say that the picture is, and the engine that is made for it.
KINDS: Mapping[str, Callable[[], EngineCard]] = {"photo": for_photos, "drawing": for_drawings}


def engine_of_kind(kind: str | None) -> str | None:
    """The name of the engine that is made for what the person says; None where nothing is said."""
    return KINDS[kind]().name if kind is not None and kind in KINDS else None


#: The fields of a frame, in its order.
EDGES = ("left", "top", "right", "bottom")
#: Longest value that is carried on; anything longer was not made here.
MAX_CHARACTERS = 64
#: What belongs to what: who takes a song away takes its part away too.
BELONGS: Mapping[str, tuple[str, ...]] = {
    "song": ("song", "start", "end", "words"),
    "picture": ("picture", "face", "frame", "kind", "animals", "lying"),
    "clip": ("clip", "clip_start", "clip_end"),
    "part": ("start", "end"),
    "clip_part": ("clip_start", "clip_end"),
    "face": ("face", "frame"),
}
CLOCK = re.compile(r"(?:(\d{1,4}):(?=[0-5]?\d(?:\D|$)))?(\d{1,6}(?:[.,]\d{1,6})?)", re.ASCII)


@dataclass(frozen=True)
class Choice:
    """song, picture: ids. face: number. start, end: the part of the song, as typed. again: the film that is made again.

    curve: whether its curve is to be changed. frame: around a drawn face, set by hand, as `120,80,360,400`. kind: `photo` or
    `drawing`, where the person says that the picture is that, and not what it was found to be. animals: whether an animal may
    sing. lying: whether the film lies as the picture did before it was turned upright. say: whether the picture is to say a text,
    not to sing a song. clip: id of the film that gets other lips. clip_start, clip_end: the part of that film, as typed. drive:
    whether that film moves the picture instead. words: id of the work whose words of the song the film shows.
    check: whether that film is only to be checked.
    """

    song: str | None = None
    picture: str | None = None
    face: str | None = None
    start: str | None = None
    end: str | None = None
    again: str | None = None
    curve: str | None = None
    frame: str | None = None
    kind: str | None = None
    animals: str | None = None
    lying: str | None = None
    say: str | None = None
    clip: str | None = None
    clip_start: str | None = None
    clip_end: str | None = None
    drive: str | None = None
    words: str | None = None
    check: str | None = None

    @classmethod
    def from_mapping(cls, given: Mapping[str, str]) -> Choice:
        """Out of an address or a form; a frame may come as four fields of its own."""
        edges = [given.get(name, "").strip() for name in EDGES]
        frame = {"frame": ",".join(edges)} if any(edges) else {}
        named = {name: given.get(name, "").strip() for name in NAMES} | frame
        return cls(**{name: text for name, text in named.items() if text and len(text) <= MAX_CHARACTERS})

    @classmethod
    def from_film(cls, film: Work) -> Choice:
        """What the film was made of."""
        start, end = typed_part(film.options.get("start_s"), film.options.get("duration_s"))
        face, frame, engine = (film.options.get(name) for name in ("face", "frame", "engine"))
        kind = next((name for name in KINDS if engine_of_kind(name) == engine), None)
        return cls(
            song=film.song.id,
            picture=film.picture.id,
            face=str(face) if face else None,
            start=start,
            end=end,
            again=film.id,
            frame=",".join(f"{edge:.0f}" for edge in frame) if frame else None,
            animals="on" if film.options.get("allow_animals") else None,
            lying="on" if film.options.get("turn_back") else None,
            kind=kind if kind and film.picture.drawing != (kind == "drawing") else None,
        )

    @classmethod
    def from_dubbing(cls, work: Work) -> Choice:
        """Of what a film with other lips was made."""
        start, end = typed_part(work.options.get("sound_start_s"), work.options.get("sound_duration_s"))
        clip_start, clip_end = typed_part(work.options.get("start_s"), work.options.get("duration_s"))
        film, sound = (work.inputs[role].asset_id for role in ("film", "sound"))
        return cls(song=sound, start=start, end=end, clip=film, clip_start=clip_start, clip_end=clip_end, again=work.id)

    @classmethod
    def from_transfer(cls, work: Work) -> Choice:
        """Of what a picture's film was made that a film has moved."""
        start, end = typed_part(work.options.get("sound_start_s"), work.options.get("sound_duration_s"))
        clip_start, clip_end = typed_part(work.options.get("start_s"), work.options.get("duration_s"))
        face, frame = work.options.get("face"), work.options.get("frame")
        ids = {role: given.asset_id for role, given in work.inputs.items()}
        return cls(
            picture=ids["portrait"],
            face=str(face) if face else None,
            frame=",".join(f"{edge:.0f}" for edge in frame) if frame else None,
            animals="on" if work.options.get("allow_animals") else None,
            lying="on" if work.options.get("turn_back") else None,
            clip=ids["driving"],
            clip_start=clip_start,
            clip_end=clip_end,
            song=ids.get("sound"),
            start=start if "sound" in ids else None,
            end=end if "sound" in ids else None,
            again=work.id,
            drive="on",
        )

    def takes_for_drawing(self, picture: Picture) -> bool:
        """Whether the picture is taken for a drawing: as the person says, else as it was found to be."""
        return self.kind == "drawing" if self.kind in KINDS else picture.drawing

    def query(self, **changes: str) -> dict[str, Any]:
        """As arguments of an address, with some of them set anew."""
        return {name: value for name, value in asdict(replace(self, **changes)).items() if value}

    def query_string(self) -> str:
        """As the address writes it."""
        return urlencode(self.query())

    def without(self, *things: str) -> Choice:
        """The choice without the song, the picture, the part or the face, and what belongs to it."""
        return replace(self, **dict.fromkeys(name for thing in things for name in BELONGS[thing]))


@dataclass(frozen=True)
class Part:
    """The part of a song or film that is taken. end_s: None for up to its end. problem: why what was typed can't be used."""

    start_s: float = 0.0
    end_s: float | None = None
    problem: str | None = None

    @property
    def is_part(self) -> bool:
        """Whether it is less than the whole."""
        return self.start_s > 0 or self.end_s is not None

    @property
    def duration_s(self) -> float | None:
        """How long it is; None for up to the end."""
        return None if self.end_s is None else round(self.end_s - self.start_s, 3)


def read_part(choice: Choice, song_s: float) -> Part:
    """The part of the song as typed, in one that lasts `song_s` seconds."""
    length = clock(song_s)
    if choice.clip:
        late = gettext("The sound lasts %(length)s; the part must begin earlier.", length=length)
    else:
        late = gettext("The song lasts %(length)s; the part must begin earlier.", length=length)
    return part_between(choice.start, choice.end, song_s, late)


def read_part_of_clip(choice: Choice, clip_s: float) -> Part:
    """The part of the film as typed, in one that lasts `clip_s` seconds."""
    late = gettext("The film lasts %(length)s; the part must begin earlier.", length=clock(clip_s))
    return part_between(choice.clip_start, choice.clip_end, clip_s, late)


def part_between(start: str | None, end: str | None, whole_s: float, late: str) -> Part:
    """The part from `start` to `end`, as typed, of what lasts `whole_s` seconds. late: what is said where it begins too late."""
    start_s = read_clock(start) if start else 0.0
    end_s = read_clock(end) if end else None
    if start_s is None or (end and end_s is None):
        return Part(problem=gettext("This is not a time; write it as 1:15, or in seconds as 75."))
    if start and start_s > whole_s - MIN_SONG_S:
        return Part(problem=late)
    if end_s is not None and end_s < start_s + MIN_SONG_S:
        return Part(problem=gettext("The end must lie at least half a second after the start."))
    if end_s is not None and end_s >= whole_s - 0.05:
        end_s = None
    return Part(start_s, end_s)


def typed_part(start_s: float | None, duration_s: float | None) -> tuple[str | None, str | None]:
    """Begin and end of a part, as options tell it, as a person would type them; None for those of the whole."""
    begin_s = float(start_s or 0.0)
    return typed(begin_s) if begin_s else None, typed(begin_s + float(duration_s)) if duration_s else None


def read_clock(text: str) -> float | None:
    """Seconds out of `75`, `1:15`, `1:15.5` or `1:15,5`; None where it is no time."""
    found = CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    return round(60 * float(found[1] or 0) + float(found[2].replace(",", ".")), 3)


def typed(seconds: float) -> str:
    """A time as a person would type it, and exact to the thousandth."""
    if abs(seconds * 10 - round(seconds * 10)) < 0.005:
        return clock(seconds)
    return f"{seconds:.3f}".rstrip("0").replace(".", decimal_symbol())
