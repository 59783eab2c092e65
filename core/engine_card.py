"""The card of an engine: all that others need to know of it. Each engine has its own in its `engine.py`, light to import.

Nobody outside an engine's folder names it, but for the list of engines (`pipeline/engine_list.py`) and the translations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from core.contracts import ByteArray, Face, FrameFilter, HeadRenderer, LiveDrawer, Motion, Portrait, Renderer, TimedPhoneme
from core.driving import Driving, FaceFilm
from core.messages import Message
from core.places import install_anew
from core.stage_cost import StageCost

#: Takes what the user is to be told.
Note = Callable[[Message], None]
#: Left, top, right, bottom in pixels.
Box = tuple[float, float, float, float]
Own = TypeVar("Own")
DEFAULT_INSTALL = install_anew()


@dataclass(frozen=True)
class NoOptions:
    """For an engine that can be told nothing of its own."""


class EngineSettings(Protocol):
    """What every engine and filter may read of a film's settings; their meaning stands in `SongToVideoSettings`."""

    @property
    def fps(self) -> float: ...

    @property
    def preview(self) -> bool: ...

    @property
    def turn_back(self) -> bool: ...

    @property
    def seed(self) -> int: ...

    @property
    def expressiveness(self) -> float: ...

    @property
    def head_motion(self) -> float: ...

    @property
    def style(self) -> str: ...

    @property
    def intensity_points(self) -> tuple[tuple[float, float], ...]: ...

    @property
    def device(self) -> str: ...

    def own(self, options: type[Own]) -> Own:
        """The options of one engine or filter: those that were given, or their defaults."""
        ...


@dataclass(frozen=True)
class Sound:
    """What an engine may hear.

    voice: the voice's stem, as long as the film; None where nobody had to find it. phonemes: what it says, in the film's time and
    as `speech` writes it, where whoever made the voice knows that.
    """

    voice: Path | None
    phonemes: tuple[TimedPhoneme, ...] = ()


class Drawings(Protocol):
    """What an engine for drawn characters knows about pictures."""

    def find_face(self, image: ByteArray, frame: Box | None) -> Face:
        """The drawn face that sings, or the one in the frame. Raises `InputError` where none is found."""
        ...


def nothing_missing(settings: EngineSettings) -> Message | None:
    """For an engine that brings all it needs."""
    return None


def needs_always_the_same(settings: EngineSettings) -> Mapping[str, Any]:
    """For an engine whose options change nothing about what it needs."""
    return {}


def no_own_weights(settings: EngineSettings) -> tuple[Path, ...]:
    """For an engine to which nobody names a file."""
    return ()


def no_head_alone(settings: EngineSettings) -> bool:
    """For an engine whose film always shows all of the picture."""
    return False


def draws_everything(portrait: Portrait, settings: EngineSettings) -> Box:
    """For an engine whose film always shows all of the picture."""
    height, width = portrait.image.shape[:2]
    return 0.0, 0.0, float(width), float(height)


def usual_cost(settings: EngineSettings, card: bool) -> StageCost:
    """Of the frames of an engine that draws on the processor, at 25 a second on two common cores."""
    return StageCost(3.0, 0.2, 1.4)


@dataclass(frozen=True)
class EngineCard:
    """A way to make a portrait move.

    name: what the user says. title: what forms say, marked by `N_`. package: the room of its sources. make: a renderer of whole
    pictures, or where `draws_head` of the head's square alone, which the pipeline puts back into the picture. options: a frozen
    dataclass of what it alone can be told. install: the command that brings what it needs. drawings: given where it moves drawn
    faces, which are found in another way than human ones. hears: whether it listens to the voice itself, so that the song is
    taken apart even where the motion comes from a file. frames_are_cheap: whether a frame takes less time than RIFE takes to find
    one between two others. on_torch: whether its networks run by torch, on a graphics card where there is one. credit: whose work
    it is built on, for the film's metadata. head_alone: whether the film shows the head's square `head_box` alone. missing: what
    this machine lacks for it, without loading anything heavy; None: nothing. cost: of the frames, at 25 a second; `card`: whether
    there seems to be a graphics card. needs: those of its own options, by their names in JSON, that decide which weights it
    needs. cost_words: what of its own options decides how long frames take. live: what draws a portrait as its motion comes; None
    where it draws films alone. driven: as `make`, of a renderer that follows a driving film itself; None where the motion that is
    read in one is all it follows. driven_film: a filter that moves the face of a film, not of a portrait, by a driving film.
    sings: whether a song moves it; else it follows driving films alone. lacks_to_sing: as `missing`, what songs
    alone need. own_weights: files of weights that are nobody's
    row in the registry, whose SHA-256 the film's metadata tell. any_frame: what prepares portrait and motion once, then draws the
    frame of any number as `make`'s renderer does, whatever was drawn before it; None: it draws films from their beginning.
    """

    name: str
    title: str
    package: str
    make: Callable[[EngineSettings, Sound, Note], Renderer | HeadRenderer]
    draws_head: bool = False
    options: type = NoOptions
    install: str = DEFAULT_INSTALL
    drawings: Drawings | None = None
    hears: bool = False
    frames_are_cheap: bool = True
    on_torch: bool = False
    credit: str = ""
    head_alone: Callable[[EngineSettings], bool] = no_head_alone
    head_box: Callable[[Portrait, EngineSettings], Box] = draws_everything
    missing: Callable[[EngineSettings], Message | None] = nothing_missing
    cost: Callable[[EngineSettings, bool], StageCost] = usual_cost
    needs: Callable[[EngineSettings], Mapping[str, Any]] = needs_always_the_same
    cost_words: Callable[[EngineSettings], tuple[str, ...]] = lambda settings: ()
    live: Callable[[Portrait], LiveDrawer] | None = None
    driven: Callable[[EngineSettings, Driving, Sound, Note], Renderer | HeadRenderer] | None = None
    driven_film: Callable[[EngineSettings, Driving, FaceFilm, Sound, Note], FrameFilter] | None = None
    sings: bool = True
    lacks_to_sing: Callable[[EngineSettings], Message | None] = nothing_missing
    own_weights: Callable[[EngineSettings], tuple[Path, ...]] = no_own_weights
    any_frame: Callable[[Portrait, Motion], Callable[[int], ByteArray]] | None = None

    @property
    def drawn(self) -> bool:
        """Whether it moves drawn faces."""
        return self.drawings is not None
