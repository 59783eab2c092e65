"""Drawings of flat shapes: outlines out of fields of numbers, filled with anti-aliasing at any size, or written as SVG.

The outlines are isolines of a smooth field, found between the pixels by contourpy (which also draws Matplotlib's contours), so
that an edge which moves by a tenth of a pixel moves its outline by that much and not by nothing or a whole one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt
from contourpy import FillType, contour_generator

from core.contracts import ByteArray, FloatArray

Colour = tuple[int, int, int]
#: Parts of a pixel that the filler knows, as bits.
_SHIFT = 4
#: Above any field's values.
_ABOVE = 1e6
#: Each pixel of a drawing is the mean of so many by so many.
_SAMPLES = 2


@dataclass(frozen=True)
class Shape:
    """What is filled with one colour, RGB. outlines: closed polygons (N, 2) in pixels of the traced frame, (0, 0) being its upper
    left corner; what lies within an even number of them is a hole."""

    colour: Colour
    outlines: tuple[FloatArray, ...]


@dataclass(frozen=True)
class Drawing:
    """Shapes over each other, the first lowest, on a ground of one colour. width, height: of the traced frame in pixels."""

    width: int
    height: int
    ground: Colour
    shapes: tuple[Shape, ...]


def outlines_of(field: FloatArray, level: float, finest_px: float, smallest_px2: float) -> tuple[FloatArray, ...]:
    """Outlines of where a field (H, W) is above `level`.

    finest_px: how far an outline may lie beside the isoline, for the sake of fewer points. smallest_px2: smaller specks and holes
    are left out.
    """
    height, width = field.shape
    padded = cv2.copyMakeBorder(np.asarray(field, np.float32), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    points, offsets = cast(Any, contour_generator(z=padded, fill_type=FillType.OuterOffset).filled(level, _ABOVE))
    found = []
    for all_points, ends in zip(points, offsets, strict=True):
        for first, end in pairwise(ends):
            ring = np.asarray(all_points[first : end - 1], np.float32) - 0.5  # centres of pixels lie at halves
            np.clip(ring, 0.0, (width, height), out=ring)
            if len(ring) < 3 or cv2.contourArea(ring) < smallest_px2:
                continue
            thinned = cv2.approxPolyDP(ring[:, None], finest_px, True)[:, 0]
            if len(thinned) >= 3:
                found.append(thinned)
    return tuple(found)


def draw(drawing: Drawing, scale: int = 1) -> ByteArray:
    """The drawing (scale H, scale W, 3) uint8 RGB."""
    times = scale * _SAMPLES
    canvas = np.empty((drawing.height * times, drawing.width * times, 3), np.uint8)
    canvas[:] = drawing.ground
    for shape in drawing.shapes:
        if shape.outlines:
            cv2.fillPoly(canvas, [_fixed(outline, times) for outline in shape.outlines], shape.colour, cv2.LINE_8, _SHIFT)
    size = drawing.width * scale, drawing.height * scale
    return np.asarray(cv2.resize(canvas, size, interpolation=cv2.INTER_AREA), np.uint8)


def _fixed(outline: FloatArray, times: int) -> npt.NDArray[np.int32]:
    """Points as the filler wants them, which counts from the centre of the first pixel, in whole parts."""
    return np.rint((outline * times - 0.5) * (1 << _SHIFT)).astype(np.int32)


def to_svg(drawing: Drawing, scale: int = 1) -> str:
    """The drawing as SVG 1.1, shown `scale` times as large as the traced frame; coordinates to the hundredth of a pixel."""
    width, height = drawing.width, drawing.height
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" version="1.1" width="{width * scale}" height="{height * scale}"'
        f' viewBox="0 0 {width} {height}">',
        f'<rect width="{width}" height="{height}" fill="{_hex(drawing.ground)}"/>',
    ]
    for shape in drawing.shapes:
        if shape.outlines:
            path = "".join(_path(outline) for outline in shape.outlines)
            lines.append(f'<path fill="{_hex(shape.colour)}" fill-rule="evenodd" d="{path}"/>')
    return "\n".join([*lines, "</svg>", ""])


def _path(outline: FloatArray) -> str:
    """One closed polygon as a path's commands."""
    points = " ".join(f"{x:.2f},{y:.2f}" for x, y in outline.tolist())
    return f"M{points}Z"


def _hex(colour: Colour) -> str:
    """A colour as `#rrggbb`."""
    red, green, blue = colour
    return f"#{red:02x}{green:02x}{blue:02x}"
