"""The card of the restored face: GFPGAN in every frame (`restore.py`), on the head's square where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal, cast

from core.contracts import ByteArray, FrameFilter, FrameInfo, Progress, Square, silent
from core.engine_card import Box, EngineCard, EngineSettings, Note
from core.filter_card import FaceInFilm, FaceWork, FilterCard, OwnOptions
from core.frame_stream import closing_frames
from core.messages import Message, message
from core.option_kinds import Number
from core.options import N_, check_options, option
from core.stage_cost import StageCost
from neural.network_files import NEURAL_INSTALL

if TYPE_CHECKING:
    from filters.restore import FaceRestorer

Scale = Literal[1, 2, 4]
#: How many times GFPGAN's frames may grow.
SCALES: tuple[Scale, ...] = (1, 2, 4)
#: A square that is stretched by more than this on its way into the picture holds a face that no restorer knows.
MOST_STRETCH = 1.02
#: Its place before the squares are put back, and after that.
ON_SQUARES, ON_PICTURES = 100, 300
#: At 25 frames a second (`python -m benchmarks.restoration`), without and with a graphics card.
ON_PROCESSOR, ON_CARD = StageCost(3.0, 150.0), StageCost(10.0, 1.0)


@dataclass(frozen=True)
class RestoreOptions:
    """What a film can be told about restoring."""

    restore: float = option(
        0.0,
        Number(0.0, 1.0, step=0.1),
        "share of the face restored by GFPGAN, frame by frame; made for a graphics card",
        label=N_("Restored share of the face"),
        hint=N_(
            "0 leaves the face as the engine drew it. More sharpens it by a network that is made for a graphics card; drawings"
            " can't be restored."
        ),
        metavar="X",
        rare=True,
    )

    def __post_init__(self) -> None:
        check_options(self)


class Restoration:
    """A `FrameFilter`: a restorer that says before how long a CPU takes for the `expected` frames, and in the end how it went."""

    def __init__(self, restorer: FaceRestorer, expected: int, note: Note) -> None:
        self.restorer, self.expected, self.note = restorer, expected, note

    def apply(self, frames: Iterator[ByteArray], progress: Progress = silent) -> Iterator[ByteArray]:
        """See `FrameFilter`."""
        from filters.restore import cpu_notice

        if self.restorer.device_type == "cpu":
            self.note(cpu_notice(self.expected))
        restored = self.restorer.apply(frames, progress)
        with closing_frames(frames, restored):
            yield from restored
        for each in self.restorer.report.notes():
            self.note(each)


def make(settings: EngineSettings, frames: FrameInfo, note: Note) -> FrameFilter:
    """See `FilterCard.make`. Raises MissingError where torch or GFPGAN's weights are missing, InputError where the device is."""
    from filters.restore import FaceRestorer, RestoreSettings

    strength = settings.own(RestoreOptions).restore
    own = RestoreSettings(strength=strength, scale=growth(frames.square), device=cast(Any, settings.device))
    return Restoration(FaceRestorer(frames.fps, own, frames.face), frames.count, note)


def make_on_face(settings: OwnOptions, face: FaceInFilm, note: Note) -> FrameFilter:
    """See `FaceWork.make`: a face of a film that exists. Raises as `make`.

    The network takes its turn on a graphics card with every batch, as other networks have theirs in the same frames.
    """
    from filters.restore import FaceRestorer, RestoreSettings, network_in_turn

    own = RestoreSettings(strength=settings.own(RestoreOptions).restore, device=cast(Any, settings.device))
    expected = sum(face.landmarks(number) is not None for number in range(face.count))
    return Restoration(FaceRestorer(face.fps, own, face, network_in_turn(own)), expected, note)


def order_for(frames: FrameInfo) -> int:
    """See `FilterCard.order_for`: a squeezed face is restored in its own proportions, which it has in the whole picture."""
    return ON_SQUARES if frames.square is None or is_square(frames.square.box) else ON_PICTURES


def is_square(box: Box) -> bool:
    """Whether the part of the picture has the proportions of the square that is drawn of it."""
    left, top, right, bottom = box
    across, down = right - left, bottom - top
    return max(across, down) <= MOST_STRETCH * min(across, down)


def growth(square: Square | None) -> Scale:
    """How many times squares grow as they are restored, so that the picture gets all the detail it has pixels for."""
    if square is None:
        return 1
    left, _, right, _ = square.box
    return next((scale for scale in SCALES if scale * square.side_px >= right - left), SCALES[-1])


def unfit(engine: EngineCard) -> Message | None:
    """See `FilterCard.unfit`."""
    return message("filters.restoring_knows_humans_alone", name=engine.name) if engine.drawn else None


def after(settings: EngineSettings, frames: FrameInfo) -> FrameInfo:
    """See `FilterCard.after`."""
    scale = growth(frames.square)
    return replace(frames, width=scale * frames.width, height=scale * frames.height)


RESTORE = FilterCard(
    "restore",
    ON_SQUARES,
    make,
    lambda settings, engine: settings.own(RestoreOptions).restore > 0,
    RestoreOptions,
    order_for=order_for,
    unfit=unfit,
    install=NEURAL_INSTALL,
    weights=("gfpgan_14",),
    on_torch=True,
    after=after,
    on_face=FaceWork(
        lambda settings: settings.own(RestoreOptions).restore > 0,
        make_on_face,
        lambda settings, card: ON_CARD if card and settings.device != "cpu" else ON_PROCESSOR,
        lambda settings: None if find_spec("torch") else message("neural.no_torch", command=NEURAL_INSTALL),
    ),
    cost=lambda settings, card: ON_CARD if card and settings.device != "cpu" else ON_PROCESSOR,
    cost_words=lambda settings: ("restored" if settings.own(RestoreOptions).restore else "as drawn",),
)
