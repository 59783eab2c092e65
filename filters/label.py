"""The visible mark "AI-generated" in a film's lower right corner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from core.contracts import ByteArray, Progress, silent
from core.filter_card import FilterCard, LoneWork
from core.option_kinds import YesNo
from core.options import N_, check_options, option


@dataclass(frozen=True)
class LabelOptions:
    """What a film can be told about its mark."""

    label: bool = option(
        False,
        YesNo(),
        "whether the film bears a visible mark that it is AI-generated; the metadata says it in any case",
        label=N_("Visible label “AI-generated”"),
        hint=N_("Use it wherever people could take the film for a recording. The metadata says it in any case."),
        section="label",
        guide=N_("Writes “AI-generated” into the picture. The metadata of every film says it in any case."),
    )

    def __post_init__(self) -> None:
        check_options(self)


@dataclass(frozen=True)
class LabelSettings:
    """How the mark looks."""

    #: what stands there.
    text: str = "AI-generated"
    #: height of the letters' font as a part of the film's shorter side.
    font_part: float = 0.034
    #: smallest font in pixels that is still legible.
    smallest_font_px: int = 10
    #: how much of the picture the plate behind the letters hides, 0 to 1.
    plate_opacity: float = 0.45


class Label:
    """A `FrameFilter`: blends a mark that is drawn once into every frame; the rest of the frame stays as it is, byte for byte."""

    def __init__(self, settings: LabelSettings | None = None) -> None:
        self.settings = settings or LabelSettings()

    def apply(self, frames: Iterator[ByteArray], progress: Progress = silent) -> Iterator[ByteArray]:
        """Yield each frame (H, W, 3) uint8 with the mark, as a new array; `progress` counts with an unknown total of 0."""
        size, mark = None, None
        for done, frame in enumerate(frames, start=1):
            if mark is None or frame.shape[:2] != size:
                size = frame.shape[:2]
                mark = draw_mark(size[0], size[1], self.settings)
            yield blend(frame, *mark)
            progress("label", done, 0)


def draw_mark(
    height: int, width: int, settings: LabelSettings
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint16], int, int]:
    """The mark for frames of this size: light and opacity, both (h, w, 1) from 0 to 255, and its top and left in the frame."""
    font_px = max(settings.smallest_font_px, round(settings.font_part * min(height, width)))
    margin = max(2, font_px // 2)
    while True:
        font = ImageFont.load_default(font_px)
        left, top, right, bottom = (int(edge) for edge in font.getbbox(settings.text))
        pad = max(2, font_px // 3)
        mark_width, mark_height = right - left + 2 * pad, bottom - top + 2 * pad
        if font_px <= 6 or mark_width <= width - 2 * margin:  # a very narrow film gets smaller letters
            break
        font_px -= 1
    plate = Image.new("L", (mark_width, mark_height), 0)
    box = (0, 0, mark_width - 1, mark_height - 1)
    ImageDraw.Draw(plate).rounded_rectangle(box, radius=pad, fill=round(255 * settings.plate_opacity))
    letters = Image.new("L", (mark_width, mark_height), 0)
    ImageDraw.Draw(letters).text((pad - left, pad - top), settings.text, fill=255, font=font)
    light = np.asarray(letters, np.uint16)[..., None]  # white letters on a black plate
    opacity = np.maximum(np.asarray(plate, np.uint16)[..., None], light)
    mark_top, mark_left = max(0, height - margin - mark_height), max(0, width - margin - mark_width)
    shown = (slice(0, height - mark_top), slice(0, width - mark_left))
    return light[shown], opacity[shown], mark_top, mark_left


def blend(frame: ByteArray, light: npt.NDArray[np.uint16], opacity: npt.NDArray[np.uint16], top: int, left: int) -> ByteArray:
    """A copy of `frame` (H, W, 3) uint8 with the mark over it."""
    marked = frame.copy()  # the renderer may go on using its own array
    region = marked[top : top + light.shape[0], left : left + light.shape[1]]
    # light is the letters' coverage: white there, black on the plate around them.
    region[...] = (region * (255 - opacity) + 255 * light + 127) // 255
    return marked


LABEL = FilterCard(
    "label",
    700,
    lambda settings, frames, note: Label(),
    lambda settings, engine: settings.own(LabelOptions).label,
    LabelOptions,
    alone=LoneWork(lambda settings: Label() if settings.own(LabelOptions).label else None),
    frame_by_frame=True,
)
