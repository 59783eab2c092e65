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
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.contracts import ByteArray, Motion, Portrait, Progress, Renderer, silent
from core.frame_stream import FrameCount, closing_frames
from core.messages import Message, message
from neural.device import DeviceChoice, PrecisionChoice, choose_device, choose_dtype
from neural.network_files import load_exactly, read_tensors
from weights.fetch import ensure

if TYPE_CHECKING:
    from torch import Tensor, nn

WEIGHT_NAME = "rife_38"
#: The published file was written from several cards at once, and still holds the teacher of the training.
KEY_PREFIX, TEACHER_PREFIX = "module.", "block_tea."
STAGE = "frame rate"
#: How far beyond what changes the network sees, in pixels, so that motion has somewhere to come from.
MARGIN_PX = 32


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


def every_nth(motion: Motion, step: int) -> Motion:
    """The frames 0, step, 2 step, ... of a motion up to the first one at or after its last frame.

    A frame after the last one goes on as the last two went, so that every frame of the film lies between two that are drawn.
    """
    if step == 1:
        return motion
    drawn = -(-(len(motion) - 1) // step) + 1
    places = np.arange(drawn) * step
    inside = np.minimum(places, len(motion) - 1)
    beyond = (places - inside).astype(np.float32)[:, None]

    def pick(values: np.ndarray, limits: tuple[float, float] = (-np.inf, np.inf)) -> np.ndarray:
        table = values.reshape(len(values), -1)
        change = table[-1] - table[max(len(table) - 2, 0)]
        picked = np.clip(table[inside] + beyond * change, *limits)
        return picked.reshape(drawn, *values.shape[1:]).astype(np.float32)

    return replace(
        motion,
        fps=motion.fps / step,
        blendshapes=pick(motion.blendshapes, (0.0, 1.0)),
        rotation_deg=pick(motion.rotation_deg),
        translation=pick(motion.translation),
        gaze_deg=pick(motion.gaze_deg),
        intensity=pick(motion.intensity, (0.0, 1.0)),
    )


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


class InterpolatedRenderer:
    """A `Renderer` that lets another one draw each `step`-th frame of the motion and fills in the others.

    It yields exactly as many frames as the motion has, every one at its own time.
    """

    def __init__(self, renderer: Renderer, interpolator: FrameInterpolator) -> None:
        self.renderer = renderer
        self.interpolator = interpolator

    def frames(self, portrait: Portrait, motion: Motion, progress: Progress = silent) -> Iterator[ByteArray]:
        """See `Renderer`; `progress` counts the film's frames, and hears that count when the other one tells anything."""
        count = FrameCount(progress, STAGE, len(motion))
        drawn = self.renderer.frames(portrait, every_nth(motion, self.interpolator.step), count.alive)
        film = self.interpolator.apply(drawn)
        with closing_frames(drawn, film):
            yield from count.counted(islice(film, len(motion)))


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
