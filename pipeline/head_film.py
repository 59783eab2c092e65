"""A film of the whole picture out of an engine that draws the head's square alone, and the picture of that square alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from PIL import Image

from core.contracts import ByteArray, Face, HeadFilm, HeadRenderer, Motion, Portrait, Progress, Renderer, silent
from core.frame_stream import FrameCount, closing_frames, read_ahead
from core.messages import Message
from filters.paste_back import STAGE, PasteBack, PasteBackSettings, Placement
from neural.device import choose_device
from pipeline.film_settings import SongToVideoSettings
from pipeline.restored_renderer import Scale, face_restorer, restored_frames

#: A square that is stretched by more than this on its way into the picture holds a face that no restorer knows.
MOST_STRETCH = 1.02
#: How many times GFPGAN's frames may grow.
SCALES: tuple[Scale, ...] = (1, 2, 4)
#: Frames that a stage may be ahead of the next one where they work at once: a batch of the graphics card.
AHEAD_FRAMES = 16

Box = tuple[float, float, float, float]


def make_head_renderer(head: HeadRenderer, settings: SongToVideoSettings, note: Callable[[Message], None]) -> Renderer:
    """A renderer of whole pictures around one of heads, with the face restored where the settings ask for it.

    note: takes what the user is to be told.
    """
    return HeadFilmRenderer(head, settings, note)


class HeadFilmRenderer:
    """A `Renderer`: the head's squares, restored, put back into the portrait."""

    def __init__(self, head: HeadRenderer, settings: SongToVideoSettings, note: Callable[[Message], None]) -> None:
        self.head, self.settings, self.note = head, settings, note

    def frames(self, portrait: Portrait, motion: Motion, progress: Progress = silent) -> Iterator[ByteArray]:
        """See `Renderer`; `progress` counts the film's frames.

        Raises MissingError where a package or a weight is missing, InputError where the device is.
        """
        count = FrameCount(progress, STAGE, len(motion))
        count.alive(STAGE, 0, 0)
        film = self.head.head_film(portrait, motion, count.alive)
        with closing_frames(film.frames):
            pictures = self._pictures(film, portrait, motion, count.alive)
            yield from count.counted(pictures)

    def _pictures(self, film: HeadFilm, portrait: Portrait, motion: Motion, alive: Progress) -> Iterator[ByteArray]:
        """The whole pictures of a film of squares.

        On a graphics card the stages work at once, each in a thread: the processor finds the faces and the flow of some frames
        while the card draws and restores others.
        """
        restores = self.settings.restore > 0
        at_once = stages_at_once(self.settings)
        squares = read_ahead(film.frames, AHEAD_FRAMES) if at_once else film.frames
        if restores and is_square(film.box):
            scale = growth(film)
            face = moved_face(portrait.face, film.box, film.side_px, film.side_px)
            restorer = face_restorer(motion.fps, face, self.settings, scale)
            squares = restored_frames(squares, restorer, len(motion), self.note, alive)
            restores = False
            squares = read_ahead(squares, AHEAD_FRAMES) if at_once else squares
        pasting = PasteBackSettings(device=self.settings.device)
        paste = PasteBack(portrait, Placement.of_box(*film.box, film.side_px), motion.fps, pasting)
        pictures = paste.apply(squares, alive)
        if restores:  # a squeezed face is restored in its own proportions, which it has in the whole picture
            restorer = face_restorer(motion.fps, portrait.face, self.settings)
            pictures = restored_frames(pictures, restorer, len(motion), self.note, alive)
        with closing_frames(squares, pictures):
            yield from pictures


def stages_at_once(settings: SongToVideoSettings) -> bool:
    """Whether each stage works in a thread of its own: on a graphics card. On processors alone they all want the same cores."""
    return choose_device(settings.device).type == "cuda"


def is_square(box: Box) -> bool:
    """Whether the part of the picture has the proportions of the square that is drawn of it."""
    left, top, right, bottom = box
    across, down = right - left, bottom - top
    return max(across, down) <= MOST_STRETCH * min(across, down)


def growth(film: HeadFilm) -> Scale:
    """How many times the squares grow as they are restored, so that the picture gets all the detail it has pixels for."""
    left, _, right, _ = film.box
    return next((scale for scale in SCALES if scale * film.side_px >= right - left), SCALES[-1])


def head_alone(portrait: Portrait, box: Box, height: int | None) -> Portrait:
    """The square `box` (left, top, right, bottom) cut out of a portrait, to be a film of its own.

    box: in pixels, 0 at the picture's outer border; cut at whole pixels; what lies outside repeats the border.
    height: of the new picture in pixels, brought to an even number; None: the box's own.
    """
    left, top = round(box[0]), round(box[1])
    own_px = max(2, 2 * round((box[2] - box[0]) / 2))
    side_px = own_px if height is None else max(2, 2 * round(height / 2))
    square = (float(left), float(top), float(left + own_px), float(top + own_px))
    image = resized(cut(portrait.image, left, top, own_px), side_px)
    alpha = None if portrait.alpha is None else resized(cut(portrait.alpha, left, top, own_px), side_px)
    return Portrait(image, moved_face(portrait.face, square, side_px, side_px), alpha, portrait.turned)


def cut(pixels: ByteArray, left: int, top: int, side_px: int) -> ByteArray:
    """The square of a picture (H, W, 3) or alpha (H, W) whose upper left pixel is (left, top); outside, the border repeats."""
    height, width = pixels.shape[:2]
    rows = np.clip(np.arange(top, top + side_px), 0, height - 1)
    columns = np.clip(np.arange(left, left + side_px), 0, width - 1)
    return np.ascontiguousarray(pixels[rows[:, None], columns])


def resized(pixels: ByteArray, side_px: int) -> ByteArray:
    """A square at another size, by Lanczos' filter."""
    if len(pixels) == side_px:
        return pixels
    return np.asarray(Image.fromarray(pixels).resize((side_px, side_px), Image.Resampling.LANCZOS))


def moved_face(face: Face, box: Box, width: int, height: int) -> Face:
    """The face in the picture of `width` x `height` pixels that shows the part `box` of the face's own."""
    left, top, right, bottom = box
    across, down = width / (right - left), height / (bottom - top)
    landmarks = (face.landmarks - np.array([left, top, 0])) * np.array([across, down, across])
    edges = (face.box[0] - left) * across, (face.box[1] - top) * down, (face.box[2] - left) * across, (face.box[3] - top) * down
    return replace(face, landmarks=landmarks.astype(np.float32), box=edges)
