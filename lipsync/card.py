"""The card of an engine that gives other lips to a film that exists. Each has its own in its `engine.py`, light to import.

Nobody outside an engine's folder names it, but for the list of them (`pipeline/lips_list.py`) and the translations. An engine
makes a `FrameFilter`: the frames of the film go in, one by one, and come out as many and as large, with other lips on one face
in those frames in which it is clearly seen, and every other pixel as it was. Where several people are dubbed, several filters
follow one another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from core.contracts import ByteArray, FrameFilter, Keep, LiveDrawer, Motion
from core.engine_card import DEFAULT_INSTALL, NoOptions, Note
from core.messages import Message
from core.stage_cost import StageCost
from faces.tracking.tracks import FaceTrack, FilmFaces

Own = TypeVar("Own")
#: What becomes of brows, lids and gaze: they stay the film's, or go a little with the new sound.
Expression = Literal["keep", "follow"]
FOLLOW: Expression = "follow"


class LipsSettings(Protocol):
    """What every engine of lips may read of the settings."""

    @property
    def device(self) -> str: ...

    @property
    def seed(self) -> int: ...

    @property
    def expressiveness(self) -> float: ...

    @property
    def expression(self) -> Expression: ...

    def own(self, options: type[Own]) -> Own:
        """The options of one engine: those that were given, or their defaults."""
        ...


class ExpressionKept:
    """For settings of work in which brows and eyes follow the sound before lips are drawn."""

    @property
    def expression(self) -> Expression:
        """See `LipsSettings`."""
        return "keep"


@dataclass(frozen=True)
class LipsTask:
    """Whose lips are to say what, in which film.

    faces: of the whole film. track: the person's, one of them. motion: what the face does for the new sound, as many frames at
    the film's rate; lips, jaw and tongue of it are wanted, as absolute shapes. voice: a sound file of the new voice alone, which
    begins with the film's first frame and may be shorter. frames: reads the film's frames (H, W, 3) uint8 RGB again, from the
    first, for an engine that looks before it draws; whoever stops early closes the iterator. keep: keeps what is made of this
    person in this film alone, whatever is said; None: nobody keeps it.
    """

    faces: FilmFaces
    track: FaceTrack
    motion: Motion
    voice: Path
    frames: Callable[[], Iterator[ByteArray]]
    keep: Keep | None = None


@dataclass(frozen=True)
class LoopTask:
    """Whose lips move live in a part of a film that is shown again and again; the face is clear in all of it, and it has no cut.

    faces: of that part alone. track: the person's. frame: the picture (H, W, 3) uint8 RGB of a number, from 0, an array of its
    own; asked for in any order, again and again.
    """

    faces: FilmFaces
    track: FaceTrack
    frame: Callable[[int], ByteArray]

    def frames(self) -> Iterator[ByteArray]:
        """All of them in their order."""
        return map(self.frame, range(len(self.track)))


def nothing_lacks(settings: LipsSettings) -> Message | None:
    """For an engine that brings all it needs."""
    return None


def nothing_replaced(settings: LipsSettings) -> tuple[str, ...]:
    """For an engine that draws with its own weights whatever the settings say."""
    return ()


def no_own_weights(settings: LipsSettings) -> Path | None:
    """For an engine to which nobody names a file."""
    return None


def usual_cost(settings: LipsSettings, card: bool) -> StageCost:
    """Of a second of film with one face on two common cores."""
    return StageCost(1.0, 1.0)


@dataclass(frozen=True)
class LipsCard:
    """A way to give a film other lips.

    name: what the user says. title: what forms say, marked by `N_`. package: the room of its sources. make: the filter; it may
    load networks, on a graphics card in its turn. options: a frozen dataclass of what it alone can be told. install: the command
    that brings what it needs. weights: names of its model files, fetched before long work. replaced: those in whose place the
    settings name a file of the user's. own_weights: that file, whose SHA-256 the film's metadata tell. on_torch: whether its
    networks run by torch, on a graphics card where there is one. moves_expression: whether it can let brows, lids and gaze follow
    the sound.
    credit: whose work it is built on, for the film's metadata. missing: what this machine lacks for it, without loading anything
    heavy; None: nothing. cost: of the frames, at 25 a second; `card`: whether there seems to be a graphics card. live: draws a
    film that runs to and fro as its motion comes; None: it must know all before.
    """

    name: str
    title: str
    package: str
    make: Callable[[LipsSettings, LipsTask, Note], FrameFilter]
    options: type = NoOptions
    install: str = DEFAULT_INSTALL
    weights: tuple[str, ...] = ()
    replaced: Callable[[LipsSettings], tuple[str, ...]] = nothing_replaced
    own_weights: Callable[[LipsSettings], Path | None] = no_own_weights
    on_torch: bool = False
    moves_expression: bool = False
    credit: str = ""
    missing: Callable[[LipsSettings], Message | None] = nothing_lacks
    cost: Callable[[LipsSettings, bool], StageCost] = usual_cost
    live: Callable[[LoopTask], LiveDrawer] | None = None
