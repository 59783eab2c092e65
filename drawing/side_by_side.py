"""Pictures of several films beside each other: cells of one height in one row or two, each under a strip that names it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.contracts import ByteArray

#: Pixels between cells and around them.
GAP_PX = 4
#: Height of a strip as a part of a cell's, and the smallest that is legible, in pixels.
STRIP_PART, SMALLEST_STRIP_PX = 0.08, 18
#: A single row that is wider than this is broken in two, and what is still wider than the widest film made lower, in pixels.
ROW_PX, WIDEST_PX = 1920, 3840
GROUND, INK = (24, 24, 27), (244, 244, 245)
CUT_MARK = "…"


@dataclass(frozen=True)
class Cell:
    """Where one film lies, in pixels: its picture, and above it its strip, as wide and `strip` high."""

    left: int
    top: int
    width: int
    height: int
    strip: int


@dataclass(frozen=True)
class Sheet:
    """All cells, in the order of the films, and the size of the whole in pixels, even numbers."""

    cells: tuple[Cell, ...]
    width: int
    height: int


def lay_out(sizes: Sequence[tuple[int, int]], height: int) -> Sheet:
    """The cells of pictures of these sizes (width, height), one or more, each `height` pixels high, or lower where all would be
    wider than a film can be.

    Where one row is wide, there are two, broken where the wider of them is narrowest.
    """
    widths = [max(2, round(width * height / own)) for width, own in sizes]
    rows = [list(range(len(widths)))]
    if _row_px(widths) > ROW_PX and len(widths) > 1:
        first = min(range(1, len(widths)), key=lambda count: max(_row_px(widths[:count]), _row_px(widths[count:])))
        rows = [rows[0][:first], rows[0][first:]]
    whole = max(_row_px([widths[i] for i in row]) for row in rows)
    if whole > WIDEST_PX:
        return lay_out(sizes, max(2, int(height * (WIDEST_PX - GAP_PX) / whole)))
    strip = max(SMALLEST_STRIP_PX, round(STRIP_PART * height))
    cells: dict[int, Cell] = {}
    top = GAP_PX
    for row in rows:
        left = GAP_PX + (whole - _row_px([widths[i] for i in row])) // 2
        for i in row:
            cells[i] = Cell(left, top + strip, widths[i], height, strip)
            left += widths[i] + GAP_PX
        top += strip + height + GAP_PX
    return Sheet(tuple(cells[i] for i in range(len(widths))), whole + whole % 2, top + top % 2)


def _row_px(widths: Sequence[int]) -> int:
    """Width of a row of cells with the gaps around them."""
    return sum(widths) + GAP_PX * (len(widths) + 1)


def ground_of(sheet: Sheet, names: Sequence[str]) -> ByteArray:
    """The sheet (H, W, 3) with every film's name in its strip, and nothing in the cells."""
    image = Image.new("RGB", (sheet.width, sheet.height), GROUND)
    draw = ImageDraw.Draw(image)
    for cell, name in zip(sheet.cells, names, strict=True):
        font = ImageFont.load_default(max(10, round(0.62 * cell.strip)))
        middle = cell.left + cell.width // 2, cell.top - cell.strip // 2
        draw.text(middle, fitting(name, cell.width - 2 * GAP_PX, font), fill=INK, font=font, anchor="mm")
    return np.array(image)


def fitting(text: str, width_px: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """The text, or as much of its beginning as fits into so many pixels, with a mark that it goes on."""
    if font.getlength(text) <= width_px:
        return text
    kept = len(text)
    while kept > 1 and font.getlength(text[:kept].rstrip() + CUT_MARK) > width_px:
        kept -= 1
    return text[:kept].rstrip() + CUT_MARK


def sheets(sheet: Sheet, ground: ByteArray, films: Sequence[Iterator[ByteArray]]) -> Iterator[ByteArray]:
    """Yield the frames of the whole: `ground` with the next picture of every film in its cell, as long as each has one.

    films: pictures (H, W, 3) of just the cells' sizes. Each frame is an array of its own.
    """
    for pictures in zip(*films, strict=True):
        frame = ground.copy()
        for cell, picture in zip(sheet.cells, pictures, strict=True):
            frame[cell.top : cell.top + cell.height, cell.left : cell.left + cell.width] = picture
        yield frame
