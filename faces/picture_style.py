"""Tells drawings, flat colours between hard lines, from photos and paintings, so that each goes to the engine that was made for
it.

Two witnesses are heard. The first is the face: where a human one is found and read as well as those of people are, the picture is
a photo or a painting, whatever a coarse JPEG, few colours or smoothed skin make of its areas. The second is the manner of the
figure, where the first saw nobody. A drawn figure has areas in which nothing changes at all, and lines that are as hard as pixels
can be; a photo has grain and shading everywhere, a painting its brush. It is measured on the figure alone, because a plain wall
behind a person is flat too, and much of it behind filters that take the blocks and the noise of files away.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from core.contracts import ByteArray, FloatArray
from faces.faces import FaceFinder, FaceFinderSettings, is_drawn_rather_than_animal, is_human
from faces.outline import figure_alpha

BoolArray = npt.NDArray[np.bool_]

#: Longer side in pixels of the figure's upper part when it is measured.
_SIDE = 320
#: Lightness (0 to 255) beyond which everything is flat, whatever it is.
_DARK, _BRIGHT = 50.0, 250.0
#: Change of lightness from pixel to pixel: less is none; soft shading lies between the next two; more is a line.
_NO_CHANGE, _SOFT_FROM, _SOFT_TO, _LINE = 0.6, 1.0, 8.0, 12.0
#: Least `Style.manner` of a drawing: where no face was read, where one was that is drawn by its proportions, and where it is more
#: like an animal's. At the first, 4 % of 48 drawings in ten states each were missed on the tuning half (docs/RESULTS.md).
DRAWN_FROM, DRAWN_FROM_WITH_FACE, DRAWN_FROM_WITH_ANIMAL = -1.2, -1.7, 0.7


@dataclass(frozen=True)
class Style:
    """How the figure is made.

    flat: part of it, 0 to 1, in which nothing changes. lines: line pixels for each pixel of soft shading. contrast: logarithm of
    how many times harder its hardest changes are than its middling ones, small things smoothed away. shading: part of it, 0 to
    1, that changes softly, edges kept. lightness: of its brighter parts, 0 to 255.
    """

    flat: float
    lines: float
    contrast: float = 0.0
    shading: float = 1.0
    lightness: float = 0.0

    @property
    def score(self) -> float:
        """How flat and hard it is at once, from 0."""
        return self.flat * self.lines

    @property
    def manner(self) -> float:
        """How much more of a drawing than of a photo it is: a logistic regression on 48 drawings and 27 animals in ten states."""
        hard = 0.542 * np.log(self.score + 1e-3)
        return float(hard + 5.0 * self.contrast - 3.455 * np.log(self.shading + 0.01) + 0.026 * self.lightness - 12.795)

    @property
    def is_drawing(self) -> bool:
        """Whether it is one, as far as the manner tells."""
        return self.manner >= DRAWN_FROM


def is_drawing(image: ByteArray, alpha: ByteArray | None = None) -> bool:
    """Whether the figure in the picture (H, W, 3) uint8 RGB is a drawing; alpha: (H, W) uint8 of the figure, or None.

    Takes 0.3 to 2 s. Raises MissingError where the weights of the networks can't be had.
    """
    with FaceFinder(settings=FaceFinderSettings(animals=True)) as finder:
        found = finder.examine(image)
    heights = [face.box[3] - face.box[1] for face, _ in found]
    large = [one for one, height in zip(found, heights, strict=True) if height >= 0.5 * max(heights)]
    if any(is_human(face.landmarks, evidence) for face, evidence in large):
        return False
    least = DRAWN_FROM
    if large:
        drawn = any(is_drawn_rather_than_animal(face.landmarks) for face, _ in large)
        least = DRAWN_FROM_WITH_FACE if drawn else DRAWN_FROM_WITH_ANIMAL
    return measure_style(image, alpha).manner >= least


def measure_style(image: ByteArray, alpha: ByteArray | None = None) -> Style:
    """The manner of the picture's figure; one of no drawing where no figure is seen."""
    figure = alpha.astype(np.float32) / 255 if alpha is not None else figure_alpha(image)
    part, mask = _upper_part(image, figure)
    inside = cv2.erode(mask, np.ones((5, 5), np.uint8)) > 0
    lightness = _lightness(part)
    inside &= (lightness > _DARK) & (lightness < _BRIGHT)
    if not inside.any():
        return Style(0.0, 0.0)
    change = _change(lightness)
    flat = cv2.boxFilter(change, -1, (5, 5)) < _NO_CHANGE
    calm = cv2.medianBlur(part, 5)
    middling, hardest = np.percentile(_change(_lightness(calm))[inside], (50, 95)) + 0.2
    even = _change(_lightness(cv2.bilateralFilter(part, 9, 40, 5)))
    return Style(
        flat=float(flat[inside].mean()),
        lines=float((change > _LINE)[inside].mean()) / max(_soft_part(change, inside), 0.02),
        contrast=float(np.log(hardest / middling)),
        shading=_soft_part(even, inside),
        lightness=float(np.percentile(_lightness(calm)[mask > 0], 70)),
    )


def _soft_part(change: FloatArray, inside: BoolArray) -> float:
    """Part of the pixels inside that change as shading does."""
    return float(((change > _SOFT_FROM) & (change < _SOFT_TO))[inside].mean())


def _lightness(pixels: ByteArray) -> FloatArray:
    """(h, w) in [0, 255] of pixels (h, w, 3)."""
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)[..., 0].astype(np.float32)


def _change(lightness: FloatArray) -> FloatArray:
    """(h, w) how many levels the lightness changes from each pixel to the next."""
    across, down = (cv2.Sobel(lightness, cv2.CV_32F, dx, dy) / 8 for dx, dy in ((1, 0), (0, 1)))
    return np.hypot(across, down)


def _upper_part(image: ByteArray, figure: FloatArray) -> tuple[ByteArray, ByteArray]:
    """Pixels (h, w, 3) of the figure's upper part, `_SIDE` long, and 1 (h, w) where they are opaque."""
    opaque = figure > 0.9
    rows, columns = np.flatnonzero(opaque.any(axis=1)), np.flatnonzero(opaque.any(axis=0))
    if not len(rows):
        return np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), np.uint8)
    top, left, right = rows[0], columns[0], columns[-1] + 1
    bottom = top + min(rows[-1] + 1 - top, int(1.3 * (right - left)))
    part, mask = image[top:bottom, left:right], opaque[top:bottom, left:right].astype(np.uint8)
    scale = _SIDE / max(part.shape[:2])
    size = (max(8, round(part.shape[1] * scale)), max(8, round(part.shape[0] * scale)))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return small, cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST)
