"""A film on one sheet: frames at even (or given) times in a grid, each with its time, as a PNG to look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.contracts import ByteArray
from core.errors import InputError
from core.timebase import frames_to_seconds
from media.media import VideoInfo, probe_video, read_frames, whole_file

Crop = Literal["whole", "face", "mouth"]
#: Left, top, right, bottom in pixels.
Box = tuple[int, int, int, int]

LABEL_HEIGHT_PX = 18
GAP_PX = 4
#: What a photo's pixel takes in a PNG.
BYTES_PER_PIXEL = 1.2
#: Until a face is found, each so-many-th frame is searched for one: a careful search takes up to a second.
SEARCH_EVERY = 25
BACKGROUND = (24, 24, 24)
#: How much of the face's box a crop shows: (sides, above, below), in widths and heights of that box.
FACE_MARGIN = (0.25, 0.35, 0.2)


@dataclass(frozen=True)
class ContactSheetSettings:
    """How a film is laid out on a sheet."""

    #: how many frames are shown, evenly spread over the film; ignored where times are given.
    frames: int = 24
    #: times in seconds of the frames to show; empty: evenly spread.
    times_s: tuple[float, ...] = ()
    #: frames side by side.
    columns: int = 6
    #: longer side of each picture in pixels.
    cell_px: int = 320
    #: what of each frame is shown: all of it, the face, or the mouth as found in the film's first frame with a face.
    crop: Crop = "whole"

    def __post_init__(self) -> None:
        """Raises `InputError` where a value is out of range."""
        if self.frames < 1 or self.columns < 1:
            raise InputError("metrics.sheet_too_small")
        if self.cell_px < 32:
            raise InputError("metrics.sheet_cells_too_small", side=self.cell_px)


def spread_indices(frames: int, wanted: int) -> list[int]:
    """Indices of `wanted` frames spread evenly over `frames` frames, first and last included; fewer where the film is shorter."""
    if frames < 1:
        return []
    return sorted({round(index) for index in np.linspace(0, frames - 1, min(wanted, frames))})


def shrink(image: ByteArray, longest_px: int) -> ByteArray:
    """The picture (H, W, 3) uint8, made smaller so that its longer side is at most `longest_px`; never made larger."""
    height, width = image.shape[:2]
    scale = min(1.0, longest_px / max(height, width))
    if scale == 1.0:
        return image
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.LANCZOS))


def fit(image: ByteArray, longest_px: int) -> ByteArray:
    """The picture (H, W, 3) uint8 with its longer side made `longest_px`, smaller or larger."""
    height, width = image.shape[:2]
    scale = longest_px / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.LANCZOS))


def grid(cells: Sequence[ByteArray], labels: Sequence[str], columns: int) -> ByteArray:
    """Pictures (h, w, 3) uint8 in rows of `columns`, each with its label under it; returns (H, W, 3) uint8."""
    if not cells:
        raise InputError("metrics.sheet_without_frames")
    columns = min(columns, len(cells))
    cell_height = max(cell.shape[0] for cell in cells) + LABEL_HEIGHT_PX
    cell_width = max(cell.shape[1] for cell in cells)
    rows = -(-len(cells) // columns)
    size = (columns * (cell_width + GAP_PX) + GAP_PX, rows * (cell_height + GAP_PX) + GAP_PX)
    sheet = Image.new("RGB", size, BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=13)
    for index, (cell, label) in enumerate(zip(cells, labels, strict=True)):
        left = GAP_PX + (index % columns) * (cell_width + GAP_PX)
        top = GAP_PX + (index // columns) * (cell_height + GAP_PX)
        sheet.paste(Image.fromarray(np.ascontiguousarray(cell)), (left, top))
        draw.text((left + 2, top + cell_height - LABEL_HEIGHT_PX + 1), label, fill=(230, 230, 230), font=font)
    return np.asarray(sheet)


def time_label(frame: int, fps: float) -> str:
    """`1.24 s  #31`: time and frame number."""
    return f"{frames_to_seconds(frame, fps):.2f} s  #{frame}"


def contact_sheet(video: Path, settings: ContactSheetSettings | None = None) -> ByteArray:
    """The sheet of a film, (H, W, 3) uint8. Frames are read one at a time; only the shown ones are kept.

    Raises `InputError` where the film can't be read, a time lies outside of it, or a face is asked for and none is found.
    """
    settings = settings or ContactSheetSettings()
    info = probe_video(video)
    wanted = chosen_frames(info.frames, info.fps, settings)
    cells: dict[int, ByteArray] = {}
    for index, frame in cropped(read_frames(video), settings.crop):
        if index in wanted:
            cells[index] = fit(frame, settings.cell_px) if settings.crop != "whole" else shrink(frame, settings.cell_px)
        if index >= max(wanted):
            break
    labels = [time_label(index, info.fps) for index in cells]
    return grid(list(cells.values()), labels, settings.columns)


def sheet_bytes(film: VideoInfo, settings: ContactSheetSettings) -> int:
    """About how large the PNG of the film's sheet becomes. Raises `InputError` where a time lies outside of the film."""
    scale = settings.cell_px / max(film.width, film.height)
    if settings.crop == "whole":
        scale = min(1.0, scale)
    shown = len(chosen_frames(film.frames, film.fps, settings))
    return round(shown * BYTES_PER_PIXEL * film.width * film.height * scale**2)


def chosen_frames(frames: int, fps: float, settings: ContactSheetSettings) -> set[int]:
    """Numbers of the frames that the sheet shows."""
    if not settings.times_s:
        return set(spread_indices(frames, settings.frames))
    chosen = {int(time_s * fps) for time_s in settings.times_s}
    if min(chosen) < 0 or max(chosen) >= frames:
        raise InputError("metrics.sheet_time_outside", length=frames / fps)
    return chosen


def cropped(frames: Iterable[ByteArray], crop: Crop) -> Iterator[tuple[int, ByteArray]]:
    """Numbered frames, cut to a box that stands still: where the first frame with a face has its face or mouth."""
    box: Box | None = None
    for index, frame in enumerate(frames):
        if crop == "whole":
            yield index, frame
            continue
        if box is None and index % SEARCH_EVERY == 0:
            box = face_box(frame, crop)
        if box is not None:
            left, top, right, bottom = box
            yield index, frame[top:bottom, left:right]
    if crop != "whole" and box is None:
        raise InputError("metrics.sheet_without_face")


def face_box(image: ByteArray, crop: Crop) -> Box | None:
    """Box of the largest face of a picture (or of its mouth), with some air around it and inside of the picture."""
    from faces.faces import FaceFinder

    with FaceFinder() as finder:
        faces = finder.find(image)
    if not faces:
        return None
    left, top, right, bottom = max(faces, key=lambda face: (face.box[2] - face.box[0]) * (face.box[3] - face.box[1])).box
    width, height = right - left, bottom - top
    if crop == "mouth":
        left, right = left + 0.15 * width, right - 0.15 * width
        top, bottom = top + 0.5 * height, bottom + 0.1 * height
    else:
        sides, above, below = FACE_MARGIN
        left, right = left - sides * width, right + sides * width
        top, bottom = top - above * height, bottom + below * height
    limit_y, limit_x = image.shape[:2]
    return (max(0, int(left)), max(0, int(top)), min(limit_x, round(right)), min(limit_y, round(bottom)))


def write_png(image: ByteArray, path: Path) -> None:
    """Write a picture (H, W, 3) uint8 as PNG, under a temporary name until it is whole."""
    if path.suffix.lower() != ".png":
        raise InputError("metrics.sheet_is_no_png", path=path)
    with whole_file(path, "The sheet") as file:
        Image.fromarray(image).save(file, format="PNG")
