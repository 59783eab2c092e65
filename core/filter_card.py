"""The card of a filter: all that others need to know of what changes frames on their way from the engine into the film.

A filter's own module, or folder, holds its card, light to import; nobody else names it, but for the list of filters
(`pipeline/filter_list.py`) and the translations. The chain of a film is made of the cards that are wanted, in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.contracts import ByteArray, FloatArray, FrameFilter, FrameInfo
from core.engine_card import DEFAULT_INSTALL, EngineCard, EngineSettings, NoOptions, Note, Own, nothing_missing
from core.messages import Message
from core.stage_cost import StageCost


def fits_every_engine(engine: EngineCard) -> Message | None:
    """For a filter that takes whatever is drawn."""
    return None


def nothing_to_tell(settings: EngineSettings, engine: EngineCard) -> Message | None:
    """For a filter that is there where it was asked for, and nowhere else."""
    return None


def same_rate(settings: EngineSettings, engine: EngineCard, fps: float) -> float:
    """For a filter that gives a frame for a frame."""
    return fps


def same_frames(settings: EngineSettings, frames: FrameInfo) -> FrameInfo:
    """For a filter that leaves size and place as they are."""
    return frames


def costs_nothing(settings: EngineSettings, card: bool) -> StageCost:
    """For a filter whose work is not noticed."""
    return StageCost(0.0)


class OwnOptions(Protocol):
    """Settings of films of any kind."""

    @property
    def device(self) -> str: ...

    def own(self, options: type[Own]) -> Own:
        """The options of one filter: those that were given, or their defaults."""
        ...


@dataclass(frozen=True)
class FaceInFilm:
    """One person's face in the frames of a film that exists.

    fps, count: frames a second and in all. landmarks: of the frame of a number, (478, 3) in its pixels; None where the face is
    not there, or is to be left as it is. cuts: the first frame of each shot but the first, rising.
    """

    fps: float
    count: int
    landmarks: Callable[[int], FloatArray | None]
    cuts: Sequence[int] = ()


@dataclass(frozen=True)
class FaceWork:
    """What a filter does to one face of a film that exists.

    asked: whether the film's options ask for it. make: the filter. cost: see `FilterCard`. missing: what this machine lacks.
    """

    asked: Callable[[OwnOptions], bool]
    make: Callable[[OwnOptions, FaceInFilm, Note], FrameFilter]
    cost: Callable[[OwnOptions, bool], StageCost]
    missing: Callable[[OwnOptions], Message | None]


@dataclass(frozen=True)
class LoneWork:
    """What a filter does by its options alone, to films of every kind.

    make: the filter; None where the options don't ask for it. times: how many times as wide and as high frames become. cost: see
    `FilterCard`; of the frames as they come. words: what of its options decides how long frames take. as_svg: the last of some
    frames as the text of an SVG file; None: it has none.
    """

    make: Callable[[OwnOptions], FrameFilter | None]
    times: Callable[[OwnOptions], int] = lambda settings: 1
    cost: Callable[[OwnOptions, bool], StageCost] = lambda settings, card: StageCost(0.0)
    words: Callable[[OwnOptions], tuple[str, ...]] = lambda settings: ()
    as_svg: Callable[[OwnOptions, Iterator[ByteArray]], str] | None = None


@dataclass(frozen=True)
class FilterCard:
    """A change of frames on their way into the film.

    name: what programs call it. order: its place in the chain, the lowest first; an engine of heads gives squares, which
    become whole pictures at 200, frames are found in between at 500, and what is written over the picture comes from 700 on.
    make: the filter for the frames that come to it; it may load networks, on a graphics card in the film's turn. wanted: whether
    a film has it. options: a frozen dataclass of what it can be told. order_for: its place where that depends on what is drawn.
    unfit: why it can't work on an engine's frames. missing: what this machine lacks for it, without loading anything heavy.
    install: the command that brings its packages. weights: names of its model files, fetched before the song is taken apart.
    on_torch: whether it runs by torch, on a graphics card where there is one. advice: what the user is told before the work, be
    it wanted or not. fps_in: frames a second that it takes for so many that it gives. after: what its frames are like, whose
    rate and number are known already. alone: what it does by its options alone, for films of every kind; None: it must know
    more. on_face: what it does to one face of a film that exists; None: nothing. cost: of its
    part of the frames, at 25 a second; `card`: whether there seems to be a graphics card. cost_words: what of its options
    decides how long frames take. frame_by_frame: whether each frame it gives depends on that one alone which it takes, so that
    parts of a film can pass it apart from each other.
    """

    name: str
    order: int
    make: Callable[[EngineSettings, FrameInfo, Note], FrameFilter]
    wanted: Callable[[EngineSettings, EngineCard], bool]
    options: type = NoOptions
    order_for: Callable[[FrameInfo], int] | None = None
    unfit: Callable[[EngineCard], Message | None] = fits_every_engine
    missing: Callable[[EngineSettings], Message | None] = nothing_missing
    install: str = DEFAULT_INSTALL
    weights: tuple[str, ...] = ()
    on_torch: bool = False
    advice: Callable[[EngineSettings, EngineCard], Message | None] = nothing_to_tell
    fps_in: Callable[[EngineSettings, EngineCard, float], float] = same_rate
    after: Callable[[EngineSettings, FrameInfo], FrameInfo] = same_frames
    alone: LoneWork | None = None
    on_face: FaceWork | None = None
    cost: Callable[[EngineSettings, bool], StageCost] = costs_nothing
    cost_words: Callable[[EngineSettings], tuple[str, ...]] = lambda settings: ()
    frame_by_frame: bool = False

    def place(self, frames: FrameInfo) -> int:
        """Its place in the chain of these frames."""
        return self.order if self.order_for is None else self.order_for(frames)
