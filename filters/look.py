"""The card of looks: every frame drawn again of flat shapes (`looks/`), as large as it was or larger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

from core.contracts import ByteArray, FrameFilter, FrameInfo, Progress, silent
from core.engine_card import EngineSettings
from core.errors import InputError
from core.filter_card import FilterCard, LoneWork, OwnOptions
from core.option_kinds import Choice
from core.options import N_, check_options, option
from core.stage_cost import StageCost

if TYPE_CHECKING:
    from filters.looks.styles import Tracer

LookName = Literal["none", "vector", "poster", "ink", "sketch"]
LookScale = Literal[1, 2, 4]
#: As the frames come.
NONE: LookName = "none"
#: All that draw.
LOOKS: tuple[LookName, ...] = tuple(name for name in get_args(LookName) if name != NONE)
LOOK_TITLES = {
    "none": N_("As it is"),
    "vector": N_("Vector: many flat colours"),
    "poster": N_("Poster: few strong colours"),
    "ink": N_("Ink: black lines and a wash"),
    "sketch": N_("Sketch: pencil lines"),
}
#: Side of the largest frames that are drawn, which is 4K and a little.
MOST_PX = 4320
#: Seconds of work for each second of film, of a frame of a million pixels (`python -m benchmarks.looks`).
COSTS = {"vector": 25.0, "poster": 15.0, "ink": 4.0, "sketch": 8.0}
#: The same for what is drawn of it, of a million pixels of the drawing.
DRAWING_COST = 2.0


@dataclass(frozen=True)
class LookOptions:
    """What a film can be told about its look."""

    look: LookName = option(
        NONE,
        Choice(get_args(LookName), LOOK_TITLES),
        "draw every frame again: of flat colours (vector), of few strong ones (poster), in ink or as a pencil sketch",
        label=N_("Look"),
        hint=N_("Draws every picture of the film again, steadily. Meant as a look; it makes nothing sharper."),
        guide=N_(
            "Draws every picture again of flat shapes: many colours near to the picture, few strong ones, ink, or pencil lines. "
            "It is steady over time and can be drawn larger, but it makes a film no sharper."
        ),
    )
    look_scale: LookScale = option(
        1,
        Choice(get_args(LookScale), {1: N_("As large as it is"), 2: N_("Twice as large"), 4: N_("Four times as large")}),
        "how many times as wide and as high the frames of a look are; their edges stay sharp",
        label=N_("Size of the look"),
        hint=N_("Only where a look is chosen. The shapes' edges stay sharp at any size."),
        rare=True,
    )

    def __post_init__(self) -> None:
        check_options(self)

    @property
    def times(self) -> int:
        """How many times as wide and as high the frames become."""
        return 1 if self.look == NONE else self.look_scale


def make_tracer(name: LookName) -> Tracer:
    """What draws in that look, other than none. Raises MissingError where the weights that find faces can't be had."""
    from faces.faces import FaceFinder
    from filters.looks import styles

    if name == "vector":
        return styles.ColourTracer(styles.VECTOR)
    if name == "poster":
        return styles.ColourTracer(styles.POSTER)
    if name == "ink":
        return styles.InkTracer()
    if name == "sketch":
        return styles.SketchTracer(styles.faces_finder(FaceFinder()))
    raise ValueError(f"There is no look {name!r} that draws.")


class Look:
    """A `FrameFilter` that draws every frame again."""

    def __init__(self, options: LookOptions) -> None:
        self.options = options

    def apply(self, frames: Iterator[ByteArray], progress: Progress = silent) -> Iterator[ByteArray]:
        """See `FrameFilter`; the frames come `times` as wide and as high. `progress` counts with an unknown total of 0."""
        from filters.looks.shapes import draw

        tracer = make_tracer(self.options.look)
        for done, frame in enumerate(frames, start=1):
            if (longest := self.options.times * max(frame.shape[:2])) > MOST_PX:
                raise InputError("filters.look_too_large", size=longest, most=MOST_PX)
            yield draw(tracer.trace(frame), self.options.times)
            progress("look", done, 0)


def alone(settings: OwnOptions) -> FrameFilter | None:
    """See `FilterCard.alone`."""
    own = settings.own(LookOptions)
    return None if own.look == NONE else Look(own)


def as_svg(settings: OwnOptions, frames: Iterator[ByteArray]) -> str:
    """See `LoneWork.as_svg`; those before the last steady it. Raises ValueError where there is no frame, or no look is chosen."""
    from filters.looks.shapes import to_svg

    own, drawing = settings.own(LookOptions), None
    tracer = make_tracer(own.look)
    for frame in frames:
        drawing = tracer.trace(frame)
    if drawing is None:
        raise ValueError("Without a frame there is nothing to draw.")
    return to_svg(drawing, own.times)


def after(settings: EngineSettings, frames: FrameInfo) -> FrameInfo:
    """See `FilterCard.after`."""
    times = settings.own(LookOptions).times
    return replace(frames, width=times * frames.width, height=times * frames.height)


def cost(settings: OwnOptions, card: bool) -> StageCost:
    """See `FilterCard.cost`."""
    own = settings.own(LookOptions)
    return StageCost(0.0) if own.look == NONE else StageCost(1.0, 0.0, COSTS[own.look] + DRAWING_COST * own.times**2)


def cost_words(settings: OwnOptions) -> tuple[str, ...]:
    """See `FilterCard.cost_words`."""
    own = settings.own(LookOptions)
    return () if own.look == NONE else (f"look {own.look}", f"{own.times} times")


LOOK = FilterCard(
    "look",
    650,
    lambda settings, frames, note: Look(settings.own(LookOptions)),
    lambda settings, engine: settings.own(LookOptions).look != NONE,
    LookOptions,
    after=after,
    alone=LoneWork(alone, lambda settings: settings.own(LookOptions).times, cost, cost_words, as_svg),
    cost=cost,
    cost_words=cost_words,
)
