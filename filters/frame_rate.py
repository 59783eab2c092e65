"""Films of 50 and 60 frames a second: when every frame is drawn, when every second one is found between its neighbours, and how.

Every engine gets its motion at the film's own rate, so an engine whose frames are cheap simply draws them all: that is exact, and
cheaper than any interpolation. Where a frame costs more than its interpolation (the neural engines), every second frame of the
same motion is drawn, at exactly its own time, and RIFE 3.8 fills in the middle between. RIFE's published network knows the middle
alone; so the step is a power of two, and 50 comes from 25, 60 from 30 and 48 from 24.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import numpy as np

from core.contracts import ByteArray, FrameInfo, Progress, silent
from core.engine_card import EngineCard, EngineSettings, Note
from core.filter_card import FilterCard
from core.messages import Message, message
from core.option_kinds import Choice
from core.options import N_, check_options, option
from core.stage_cost import StageCost
from neural.device import DeviceChoice, PrecisionChoice, choose_device, choose_dtype
from neural.network_files import NEURAL_INSTALL, load_exactly, read_tensors
from weights.fetch import ensure

if TYPE_CHECKING:
    from torch import Tensor, nn

WEIGHT_NAME = "rife_38"
#: The published file was written from several cards at once, and still holds the teacher of the training.
KEY_PREFIX, TEACHER_PREFIX = "module.", "block_tea."
STAGE = "frame rate"
#: How far beyond what changes the network sees, in pixels, so that motion has somewhere to come from.
MARGIN_PX = 32
#: How a film comes to more than 30 frames a second: `drawn` draws every frame, `interpolated` every second one and finds those
#: between by RIFE, `auto` takes what is quicker for the engine.
InBetweenChoice = Literal["auto", "drawn", "interpolated"]
METHODS: dict[str, Any] = {"auto": "auto", "drawn": "motion", "interpolated": "interpolation"}
#: At 25 frames a second of which half are found (`python -m benchmarks.restoration`), without and with a graphics card.
ON_PROCESSOR, ON_CARD = StageCost(2.0, 0.7, 25.0), StageCost(10.0, 0.1, 0.5)


@dataclass(frozen=True)
class FrameRateOptions:
    """What a film can be told about its frame rate."""

    in_between: InBetweenChoice = option(
        "auto",
        Choice(
            get_args(InBetweenChoice),
            {
                "auto": N_("Whichever is quicker"),
                "drawn": N_("Draw every frame"),
                "interpolated": N_("Find every second one by a network"),
            },
        ),
        "frames beyond 30 a second: all drawn, or every second one interpolated by a network",
        label=N_("Frames in between"),
        hint=N_("How frames beyond 30 a second are made; the network is made for a graphics card."),
        rare=True,
    )

    def __post_init__(self) -> None:
        check_options(self)


@dataclass(frozen=True)
class FrameRateSettings:
    """How a film comes to its frame rate."""

    #: `motion` draws every frame; `interpolation` fills in frames by RIFE; `auto`: interpolation above `most_drawn_fps` for an
    #: engine whose frames are dear, else motion.
    method: Literal["auto", "motion", "interpolation"] = "auto"
    #: most frames a second that are drawn where the rest is interpolated.
    most_drawn_fps: float = 30.0
    #: where RIFE runs.
    device: DeviceChoice = "auto"
    #: precision of RIFE's convolutions; flows and pictures are float32 always.
    precision: PrecisionChoice = "auto"

    def __post_init__(self) -> None:
        if not (math.isfinite(self.most_drawn_fps) and self.most_drawn_fps > 0):
            raise ValueError(f"most_drawn_fps is {self.most_drawn_fps}; a positive number is expected.")


@dataclass(frozen=True)
class FrameRatePlan:
    """Which frames are drawn: each `step`-th (1: all), which makes `drawn_fps` a second. `reason` is for a person."""

    step: int
    drawn_fps: float
    reason: Message


def plan_frame_rate(film_fps: float, frames_are_cheap: bool, settings: FrameRateSettings | None = None) -> FrameRatePlan:
    """Decide how a film of `film_fps` is made by an engine that draws a frame quicker than RIFE finds one, or not."""
    settings = settings or FrameRateSettings()
    wanted = settings.method == "interpolation" or (settings.method == "auto" and not frames_are_cheap)
    if not wanted or film_fps <= settings.most_drawn_fps:
        return FrameRatePlan(1, film_fps, message("filters.every_frame_drawn", fps=film_fps))
    step = 2 ** math.ceil(math.log2(film_fps / settings.most_drawn_fps) - 1e-9)
    drawn_fps = film_fps / step
    reason = message("filters.rest_by_rife", drawn=drawn_fps, fps=film_fps)
    return FrameRatePlan(step, drawn_fps, reason)


class FrameInterpolator:
    """Fills in frames by RIFE: n frames in, step x (n - 1) + 1 out, those that came in among them, byte for byte.

    One frame is held besides the new one, so memory does not grow with the film. Only the part of the picture that has changed so
    far in the film goes through the network; where two frames are equal, the frame between is equal too, byte for byte.
    """

    def __init__(self, step: int = 2, settings: FrameRateSettings | None = None) -> None:
        """step: a power of two. Raises MissingError where torch or the weights are missing, ValueError for another step."""
        if step < 1 or step & (step - 1):
            raise ValueError(f"step is {step}; a power of two is expected.")
        self.step = step
        self.settings = settings or FrameRateSettings()
        self._device = choose_device(self.settings.device)
        self._dtype = choose_dtype(self._device, self.settings.precision, wide_range=False)
        self._network = load_rife().to(self._device) if step > 1 else None
        self._box: tuple[int, int, int, int] | None = None

    def apply(self, frames: Iterator[ByteArray], progress: Progress = silent) -> Iterator[ByteArray]:
        """Yield frames (H, W, 3) uint8 at `step` times the rate; `progress` counts those yielded, of an unknown total of 0."""
        self._box = None
        last: ByteArray | None = None
        done = 0
        for frame in frames:
            between = [] if last is None else self._between(last, frame, self.step)
            last = frame.copy()  # the renderer may go on using its own array
            for each in (*between, frame):
                done += 1
                yield each
                progress(STAGE, done, 0)

    def middle(self, first: ByteArray, second: ByteArray) -> ByteArray:
        """The frame half-way between two frames (H, W, 3) uint8."""
        box = changed_box(first, second)
        result = first.copy()
        if box is None:
            return result
        self._box = union(self._box, grown(box, MARGIN_PX, first.shape))
        left, top, right, bottom = self._box
        region = np.s_[top:bottom, left:right]
        result[region] = self._run(first[region], second[region])
        return result

    def _between(self, first: ByteArray, second: ByteArray, step: int) -> list[ByteArray]:
        """The step - 1 frames between two, by halving."""
        if step == 1:
            return []
        middle = self.middle(first, second)
        return [*self._between(first, middle, step // 2), middle, *self._between(middle, second, step // 2)]

    def _run(self, first: ByteArray, second: ByteArray) -> ByteArray:
        import torch

        assert self._network is not None
        height, width = first.shape[:2]
        half = torch.autocast(self._device.type, self._dtype) if self._dtype != torch.float32 else nullcontext()
        with torch.inference_mode(), half:
            found = self._network(self._tensor(first), self._tensor(second))[0, :, :height, :width]
        pixels = (found.float().clamp(0, 1) * 255).round().to(torch.uint8)
        return np.asarray(pixels.permute(1, 2, 0).cpu().numpy())

    def _tensor(self, picture: ByteArray) -> Tensor:
        """(H, W, 3) uint8 as (1, 3, H', W') float32 in [0, 1] with sides that RIFE takes; the border is carried on."""
        import torch
        from torch.nn import functional

        from filters.networks.rife import MULTIPLE

        tensor = torch.from_numpy(np.ascontiguousarray(picture)).to(self._device).permute(2, 0, 1)[None].float() / 255
        height, width = picture.shape[:2]
        return functional.pad(tensor, (0, -width % MULTIPLE, 0, -height % MULTIPLE), mode="replicate")


def load_rife() -> nn.Module:
    """The network with its published weights, on the CPU. Raises MissingError where the file can't be had or is not the one."""
    from filters.networks.rife import Rife

    path = ensure(WEIGHT_NAME)
    tensors = {key.removeprefix(KEY_PREFIX): tensor for key, tensor in read_tensors(path).items()}
    network = Rife().eval()
    load_exactly(network, {key: tensor for key, tensor in tensors.items() if not key.startswith(TEACHER_PREFIX)}, path)
    return network


def changed_box(first: ByteArray, second: ByteArray) -> tuple[int, int, int, int] | None:
    """(left, top, right, bottom) around all pixels in which two frames differ; None where they are equal."""
    changed = (first != second).any(axis=2)
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    if len(rows) == 0:
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def grown(box: tuple[int, int, int, int], margin: int, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """A box widened by `margin` pixels, within a picture of `shape`."""
    left, top, right, bottom = box
    return max(0, left - margin), max(0, top - margin), min(shape[1], right + margin), min(shape[0], bottom + margin)


def union(one: tuple[int, int, int, int] | None, other: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """The box around two boxes."""
    if one is None:
        return other
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def settings_of(settings: EngineSettings) -> FrameRateSettings:
    """The film's settings in this module's own words."""
    return FrameRateSettings(METHODS[settings.own(FrameRateOptions).in_between], device=cast(Any, settings.device))


def plan_of(settings: EngineSettings, engine: EngineCard, fps: float) -> FrameRatePlan:
    """How so many frames a second are come by."""
    return plan_frame_rate(fps, engine.frames_are_cheap, settings_of(settings))


def make(settings: EngineSettings, frames: FrameInfo, note: Note) -> FrameInterpolator:
    """See `FilterCard.make`."""
    return FrameInterpolator(round(settings.fps / frames.fps), settings_of(settings))


def advice(settings: EngineSettings, engine: EngineCard) -> Message | None:
    """See `FilterCard.advice`."""
    plan = plan_of(settings, engine, settings.fps)
    if plan.step > 1:
        return plan.reason
    asked = settings.own(FrameRateOptions).in_between == "interpolated"
    return message("filters.all_frames_drawn", fps=settings.fps) if asked else None


FRAME_RATE = FilterCard(
    "frame rate",
    500,
    make,
    lambda settings, engine: plan_of(settings, engine, settings.fps).step > 1,
    FrameRateOptions,
    install=NEURAL_INSTALL,
    weights=(WEIGHT_NAME,),
    on_torch=True,
    advice=advice,
    fps_in=lambda settings, engine, fps: plan_of(settings, engine, fps).drawn_fps,
    cost=lambda settings, card: ON_CARD if card and settings.device != "cpu" else ON_PROCESSOR,
    cost_words=lambda settings: (settings.own(FrameRateOptions).in_between,),
)
