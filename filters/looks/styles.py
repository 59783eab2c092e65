"""The looks: what each makes of a frame. Every one of them gives flat shapes, so every one can be drawn larger or kept as SVG.

vector: many colours, near to the picture. poster: few, strong ones. ink: black lines and a grey wash on paper, the lines by XDoG
(Winnemoeller, Kyprianidis and Olsen, "XDoG: An eXtended Difference-of-Gaussians compendium including advanced image
stylization", Computers & Graphics 36, 2012). sketch: lines of Canny's detector (IEEE PAMI 8, 1986) and the lines of the face by
its landmarks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray
from faces.faces import FaceFinder
from filters.looks.face_lines import draw_face_lines
from filters.looks.shapes import Colour, Drawing, Shape, outlines_of
from filters.looks.steady import SteadyField, SteadyPalette, SteadyPixels

#: Shorter side in pixels for which lengths below are meant; they grow with the frame.
USUAL_SIDE_PX = 512
PAPER: Colour = (250, 247, 240)


class Tracer(Protocol):
    """Makes drawings of a film's frames, in their order."""

    def trace(self, frame: ByteArray) -> Drawing:
        """The drawing of the next frame (H, W, 3) uint8 RGB."""
        ...


def unit_of(frame: ByteArray) -> float:
    """How many times larger than usual a frame is, for lengths in pixels."""
    return min(frame.shape[:2]) / USUAL_SIDE_PX


@dataclass(frozen=True)
class ColourStyle:
    """A look of flat colours. colours: how many. smooth_px: radius within which small detail goes. edge_px: softness of outlines
    before they are traced, against steps. colourful: factor of the colours' chroma. margin: of hysteresis, in CIE Lab.
    smallest_px2: of what is drawn."""

    colours: int
    smooth_px: float
    edge_px: float
    colourful: float = 1.0
    margin: float = 2.0
    smallest_px2: float = 4.0


VECTOR = ColourStyle(colours=32, smooth_px=1.0, edge_px=0.6)
POSTER = ColourStyle(colours=7, smooth_px=5.0, edge_px=2.0, colourful=1.5, margin=4.0, smallest_px2=40.0)


class ColourTracer:
    """A `Tracer` of flat colours over each other, from the darkest up, each over all that is lighter than those below it.

    Shapes that lie over each other leave no gaps where they meet, as shapes beside each other would.
    """

    def __init__(self, style: ColourStyle) -> None:
        self.style = style
        self._pixels = SteadyPixels()
        self._palette = SteadyPalette(style.colours, style.margin)

    def trace(self, frame: ByteArray) -> Drawing:
        """See `Tracer`."""
        style, unit = self.style, unit_of(frame)
        steady = self._pixels.step(frame)
        plain = cv2.bilateralFilter(steady, 0, 30.0, max(0.6, style.smooth_px * unit))
        lab = cv2.cvtColor(plain / np.float32(255.0), cv2.COLOR_RGB2LAB)
        labels = self._palette.step(np.ascontiguousarray(lab), self._pixels.cut)
        colours = shown_colours(self._palette.colours, style.colourful)
        shapes, ground = [], colours[int(labels.min())]
        for number in range(int(labels.min()) + 1, int(labels.max()) + 1):
            field = cv2.GaussianBlur((labels >= number).astype(np.float32), (0, 0), max(0.5, style.edge_px * unit))
            outlines = outlines_of(field, 0.5, 0.15, style.smallest_px2 * unit * unit)
            shapes.append(Shape(colours[number], outlines))
        height, width = frame.shape[:2]
        return Drawing(width, height, ground, tuple(shapes))


def shown_colours(lab: FloatArray, colourful: float) -> list[Colour]:
    """Colours (K, 3) in CIE Lab as RGB, their chroma `colourful` times as strong."""
    strong = np.asarray(lab, np.float32) * np.array([1.0, colourful, colourful], np.float32)
    rgb = np.clip(cv2.cvtColor(strong[None], cv2.COLOR_LAB2RGB)[0], 0.0, 1.0)
    return [(int(red), int(green), int(blue)) for red, green, blue in np.rint(255.0 * rgb)]


class InkTracer:
    """A `Tracer` of black ink and a grey wash on paper."""

    INK: Colour = (22, 22, 28)
    WASH: Colour = (196, 191, 184)
    #: XDoG: finer radius in pixels, the ratio of the two, sharpness, and the light from which paper stays white.
    FINE_PX, RATIO, SHARP, WHITE = 1.1, 1.6, 18.0, 0.3
    #: Light below which there is a wash, as a part of the frame's light parts.
    WASH_LIGHT = 0.52

    def __init__(self) -> None:
        self._pixels = SteadyPixels()
        self._lines, self._wash = SteadyField(0.5), SteadyField(0.5)
        self._whitest: float | None = None

    def trace(self, frame: ByteArray) -> Drawing:
        """See `Tracer`."""
        unit, steady = unit_of(frame), self._pixels.step(frame)
        begins = self._pixels.cut
        grey = cv2.cvtColor(steady, cv2.COLOR_RGB2GRAY) / np.float32(255.0)
        light = self._brought_up(grey, begins)
        fine = cv2.GaussianBlur(light, (0, 0), max(0.7, self.FINE_PX * unit))
        coarse = cv2.GaussianBlur(light, (0, 0), max(0.7, self.FINE_PX * unit) * self.RATIO)
        ink = self._lines.step((1.0 + self.SHARP) * fine - self.SHARP * coarse, self._pixels)
        wash = self._wash.step(cv2.GaussianBlur(light, (0, 0), 2.5 * unit), self._pixels)
        smallest = 20.0 * unit * unit
        height, width = frame.shape[:2]
        shapes = (
            Shape(self.WASH, outlines_of(-wash, -self.WASH_LIGHT, 0.2, 4.0 * smallest)),
            Shape(self.INK, outlines_of(-ink, -self.WHITE, 0.15, smallest)),
        )
        return Drawing(width, height, PAPER, shapes)

    def _brought_up(self, grey: FloatArray, begins: bool) -> FloatArray:
        """The light (H, W), with 1 for the lightest parts of the shot."""
        whitest = max(0.1, float(np.percentile(grey[::4, ::4], 95.0)))
        if begins or self._whitest is None:
            self._whitest = whitest
        self._whitest += 0.05 * (whitest - self._whitest)
        return np.asarray(np.clip(grey / self._whitest, 0.0, 1.0), np.float32)


class SketchTracer:
    """A `Tracer` of pencil lines: Canny's edges of the picture, and the lines of each face by its landmarks."""

    PENCIL: Colour = (58, 58, 66)
    FACE: Colour = (30, 30, 36)
    #: Canny's two thresholds as parts of the strongest edges, and the radius of the lines in pixels.
    WEAK, STRONG, LINE_PX = 0.16, 0.38, 0.9

    def __init__(self, faces_in: Callable[[ByteArray], Sequence[FloatArray]]) -> None:
        """faces_in: landmarks (478, 2 or 3), in pixels, of the faces in a frame."""
        self._faces_in = faces_in
        self._pixels = SteadyPixels()
        self._edges, self._face = SteadyField(0.4), SteadyField(0.6)
        self._strongest: float | None = None

    def trace(self, frame: ByteArray) -> Drawing:
        """See `Tracer`."""
        unit, steady = unit_of(frame), self._pixels.step(frame)
        begins = self._pixels.cut
        height, width = frame.shape[:2]
        radius = max(0.7, self.LINE_PX * unit)
        face = draw_face_lines(self._faces_in(frame), width, height, 2.0 * radius)
        edges = np.where(face > 0.0, 0.0, self._canny(steady, unit, begins)).astype(np.float32)
        lines = self._edges.step(2.0 * cv2.GaussianBlur(edges, (0, 0), radius), self._pixels)
        shapes = (
            Shape(self.PENCIL, outlines_of(lines, 0.25, 0.15, 6.0 * unit * unit)),
            Shape(self.FACE, outlines_of(self._face.step(face, self._pixels), 0.4, 0.15, 4.0 * unit * unit)),
        )
        return Drawing(width, height, PAPER, shapes)

    def _canny(self, steady: FloatArray, unit: float, begins: bool) -> FloatArray:
        """Edges (H, W), 1 on them and 0 elsewhere. The thresholds go with the shot's contrast, slowly."""
        plain = cv2.bilateralFilter(steady, 0, 35.0, max(0.6, 3.0 * unit))
        grey = cv2.GaussianBlur(cv2.cvtColor(plain, cv2.COLOR_RGB2GRAY), (0, 0), max(0.7, 1.4 * unit))
        across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
        strongest = max(20.0, float(np.percentile(np.abs(across[::2, ::2]) + np.abs(down[::2, ::2]), 98.0)))
        if begins or self._strongest is None:
            self._strongest = strongest
        self._strongest += 0.05 * (strongest - self._strongest)
        weak, strong = self.WEAK * self._strongest, self.STRONG * self._strongest
        return cv2.Canny(across.astype(np.int16), down.astype(np.int16), weak, strong) / np.float32(255.0)


def faces_finder(finder: FaceFinder) -> Callable[[ByteArray], Sequence[FloatArray]]:
    """What a sketch knows of faces: one look of the landmark network at each frame, about 10 ms."""
    return lambda frame: [face.landmarks for face in finder.glance(frame)]
