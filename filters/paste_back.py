"""Puts the square that a neural renderer draws back into the whole picture, so that nothing shows where it ends.

Once for a portrait it is found which part of the square is the person, the head, the neck and the body (`paste_regions`). For
each frame the optical flow tells where the head is now and how far the body and the colours strayed (`paste_fields`); the body is
laid back onto the picture's own, the neck joins it to the head, and the colours are matched, in one pass on the graphics card or
the CPU (`paste_compose`). No equation is solved over the picture, as gradient-domain cloning does for every frame; and around the
head the picture keeps its own sharp background, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.contracts import ByteArray, FloatArray, Portrait, Progress, silent
from filters.paste_compose import make_composer
from filters.paste_fields import FieldFinder
from filters.paste_regions import cut_square, find_regions, grid_to_picture
from neural.device import DeviceChoice, choose_device

if TYPE_CHECKING:
    import torch

STAGE = "paste back"


@dataclass(frozen=True)
class PasteBackSettings:
    """How squares are put back."""

    #: `torch` works on its device, `cpu` needs no torch; `auto`: torch where a graphics card is meant, else `cpu`. Both give the
    #: same picture.
    way: Literal["auto", "torch", "cpu"] = "auto"
    #: torch's device.
    device: DeviceChoice = "auto"
    #: time in seconds over which the match of colours is steadied; 0 matches each frame on its own.
    tone_smoothing_s: float = 0.2

    def __post_init__(self) -> None:
        if not self.tone_smoothing_s >= 0:
            raise ValueError(f"tone_smoothing_s is {self.tone_smoothing_s}; 0 or more is expected.")


@dataclass(frozen=True)
class Placement:
    """Where the square lies in the picture: its pixel (x, y), whole coordinates at pixels' middles, lies at `to_picture` (2, 3).

    side_px: of the square for which the matrix holds; frames may come larger or smaller.
    """

    to_picture: FloatArray
    side_px: int

    @classmethod
    def of_box(cls, left: float, top: float, right: float, bottom: float, side_px: int) -> Placement:
        """An upright square whose outer borders are the box (left, top, right, bottom); 0 is the picture's own outer border."""
        across, down = (right - left) / side_px, (bottom - top) / side_px
        return cls(np.array([[across, 0, left + across / 2 - 0.5], [0, down, top + down / 2 - 0.5]]), side_px)

    def corners(self) -> FloatArray:
        """The outer corners (4, 2) in the picture's pixels."""
        ends = np.array([-0.5, self.side_px - 0.5])
        points = np.array([(x, y) for y in ends for x in ends])
        return np.asarray(points @ self.to_picture[:, :2].T + self.to_picture[:, 2])

    def to_square(self, left: int, top: int) -> FloatArray:
        """The matrix (2, 3) from pixels of the picture's part that begins at (left, top) to places 0 to 1 across the square."""
        back = np.linalg.inv(self.to_picture[:, :2])
        shift = back @ (np.array([left, top]) - self.to_picture[:, 2]) + 0.5
        return np.hstack([back, shift[:, None]]) / self.side_px


class PasteBack:
    """A `FrameFilter`: squares of one portrait in, whole pictures out."""

    def __init__(self, portrait: Portrait, placement: Placement, fps: float, settings: PasteBackSettings | None = None) -> None:
        """fps: of the frames.

        Raises MissingError where the weights of the person's outline can't be had, or torch where it is asked for; ValueError for
        a square that lies outside of the picture.
        """
        self.settings = settings or PasteBackSettings()
        self._picture = portrait.image
        height, width = portrait.image.shape[:2]
        corners = placement.corners()
        left, top = np.maximum(np.floor(corners.min(axis=0)), 0).astype(int)
        right, bottom = np.minimum(np.ceil(corners.max(axis=0)) + 1, (width, height)).astype(int)
        if left >= right or top >= bottom:
            raise ValueError("The square lies outside of the picture.")
        self._part = np.s_[top:bottom, left:right]
        self._regions = find_regions(portrait, placement.to_picture, placement.side_px)
        self._own = cut_square(portrait.image, grid_to_picture(placement.to_picture, placement.side_px))
        smoothing_frames = self.settings.tone_smoothing_s * fps
        self._tone_share = 1 / (1 + smoothing_frames)
        to_square = placement.to_square(int(left), int(top))
        self._composer = make_composer(portrait.image[self._part], to_square, self._torch_device())

    def _torch_device(self) -> torch.device | None:
        """The device for torch, None where it is not used."""
        if self.settings.way == "cpu" or (self.settings.way == "auto" and self.settings.device == "cpu"):
            return None
        if self.settings.way == "torch":
            return choose_device(self.settings.device)
        try:
            import torch  # noqa: F401
        except ImportError:
            return None
        device = choose_device(self.settings.device)
        return None if device.type == "cpu" else device

    def apply(self, frames: Iterator[ByteArray], progress: Progress = silent) -> Iterator[ByteArray]:
        """Yield a picture (H, W, 3) uint8 for each square (S, S, 3) uint8; `progress` counts, of an unknown total of 0."""
        finder = FieldFinder(self._own, self._regions, self._tone_share)
        for done, square in enumerate(frames, start=1):
            picture = self._picture.copy()
            picture[self._part] = self._composer.compose(square, finder.find(square))
            yield picture
            progress(STAGE, done, 0)
