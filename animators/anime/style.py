"""Tells drawings, flat colours between hard lines, from photos and paintings, so that each goes to the engine that was made for
it.

A drawn figure has areas in which nothing changes at all, and lines that are as hard as pixels can be. A photo has grain and
shading everywhere, a painting its brush; where a photo is smooth (blurred, or smoothed by its maker) it has no hard lines
either. So the two are multiplied, both measured on the figure alone: a plain wall behind a person is flat too.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from animators.anime.figure import figure_alpha
from pipeline.contracts import ByteArray, FloatArray

#: Longer side in pixels of the figure's upper part when it is measured.
_SIDE = 320
#: Lightness (0 to 255) beyond which everything is flat, whatever it is.
_DARK, _BRIGHT = 50.0, 250.0
#: Change of lightness from pixel to pixel: less is none; soft shading lies between the next two; more is a line.
_NO_CHANGE, _SOFT_FROM, _SOFT_TO, _LINE = 0.6, 1.0, 8.0, 12.0
#: Score of a drawing: ten measured 0.010 and more, seventeen photos, paintings and rendered figures 0.0083 and less but for one.
DRAWING_FROM = 0.0075
#: A blurred photo is flat in places without any line: drawings have 0.20 and more of them, it has 0.08.
LEAST_LINES = 0.12
#: One of the two must be plain besides: films and games rendered in three dimensions have a little of both (0.063 and 0.31).
#: Their faces are shaded, and the mesh engine, which moves shaded lips and shows teeth, suits them better.
PLAIN_FLAT, PLAIN_LINES = 0.08, 0.4


@dataclass(frozen=True)
class Style:
    """flat: part of the figure, 0 to 1, in which nothing changes. lines: line pixels for each pixel of soft shading."""

    flat: float
    lines: float

    @property
    def score(self) -> float:
        """How much of a drawing it is, from 0."""
        return self.flat * self.lines

    @property
    def is_drawing(self) -> bool:
        """Whether it is one."""
        hard = self.score >= DRAWING_FROM and self.lines >= LEAST_LINES
        return hard and (self.flat >= PLAIN_FLAT or self.lines >= PLAIN_LINES)


def is_drawing(image: ByteArray, alpha: ByteArray | None = None) -> bool:
    """Whether the figure in the picture (H, W, 3) uint8 RGB is a drawing; alpha: (H, W) uint8 of the file, or None.

    Takes about 0.3 s without alpha. Raises MissingError where MODNet's weights can't be had.
    """
    return measure_style(image, alpha).is_drawing


def measure_style(image: ByteArray, alpha: ByteArray | None = None) -> Style:
    """What `is_drawing` goes by; (0, 0) where no figure is seen."""
    figure = alpha.astype(np.float32) / 255 if alpha is not None else figure_alpha(image)
    lightness, inside = _upper_part(image, figure)
    if not inside.any():
        return Style(0.0, 0.0)
    across, down = (cv2.Sobel(lightness, cv2.CV_32F, dx, dy) / 8 for dx, dy in ((1, 0), (0, 1)))
    change = np.hypot(across, down)
    flat = cv2.boxFilter(change, -1, (5, 5)) < _NO_CHANGE
    lines = float((change > _LINE)[inside].mean())
    soft = float(((change > _SOFT_FROM) & (change < _SOFT_TO))[inside].mean())
    return Style(float(flat[inside].mean()), lines / max(soft, 0.02))


def _upper_part(image: ByteArray, figure: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Lightness (h, w) of the figure's upper part, and which pixels count: inside it, neither dark nor blown out."""
    opaque = figure > 0.9
    rows, columns = np.flatnonzero(opaque.any(axis=1)), np.flatnonzero(opaque.any(axis=0))
    if not len(rows):
        return np.zeros((1, 1), np.float32), np.zeros((1, 1), bool)
    top, left, right = rows[0], columns[0], columns[-1] + 1
    bottom = top + min(rows[-1] + 1 - top, int(1.3 * (right - left)))
    part, mask = image[top:bottom, left:right], opaque[top:bottom, left:right].astype(np.uint8)
    scale = _SIDE / max(part.shape[:2])
    size = (max(8, round(part.shape[1] * scale)), max(8, round(part.shape[0] * scale)))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    mask = cv2.erode(cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST), np.ones((5, 5), np.uint8))
    lightness = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)[..., 0].astype(np.float32)
    return lightness, (mask > 0) & (lightness > _DARK) & (lightness < _BRIGHT)
