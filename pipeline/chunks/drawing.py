"""The frames of one chunk, the same as those of a film that is drawn in one piece, and the chunk as a part of the film."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from core.contracts import ByteArray, FrameInfo, Motion, Portrait
from core.engine_card import EngineCard
from core.finishing import FrameMarker
from core.frame_stream import closing_frames
from media.film_parts import write_part
from pipeline.chunks.grid import Chunk
from pipeline.film_settings import SongToVideoSettings
from pipeline.filter_chain import chain_of, rates
from pipeline.run import unheard


@dataclass(frozen=True)
class ChunkedFilm:
    """All that a worker must know of a film. view, motion: see `Renderer`. size: of the film, (width, height) in pixels.

    marker: as it marks a film's first frames, copied for each chunk; None: frames stay as they are.
    """

    engine: EngineCard
    settings: SongToVideoSettings
    view: Portrait
    motion: Motion
    size: tuple[int, int]
    marker: FrameMarker | None = None


def indivisible(engine: EngineCard, settings: SongToVideoSettings) -> str | None:
    """What of such a film needs each frame's predecessors, so that it is drawn in one piece; None: nothing does."""
    if engine.any_frame is None:
        return engine.name
    if settings.lips_engine is not None:
        return settings.lips_engine
    if settings.burns_words != "none":
        return "lyrics"
    chain = chain_of(engine, settings)
    if any(rate != settings.fps for rate in rates(chain, engine, settings)):
        return "frame rate"
    return next((card.name for card in chain if not card.frame_by_frame), None)


class ChunkDrawer:
    """Draws a film's chunks, any of them, in any order; what is made once for a portrait is made when it is opened."""

    def __init__(self, film: ChunkedFilm) -> None:
        """Raises `MissingError` where a weight is missing, ValueError for a film that can't be divided."""
        if film.engine.any_frame is None:
            raise ValueError(f"The engine {film.engine.name} draws films from their beginning.")
        self._film = film
        self._draw = film.engine.any_frame(film.view, film.motion)

    def frames(self, chunk: Chunk) -> Iterator[ByteArray]:
        """The chunk's frames as they go to the encoder."""
        film = self._film
        height, width = film.view.image.shape[:2]
        info = FrameInfo(film.view, film.view.face, width, height, film.settings.fps, len(chunk))
        stream: Iterator[ByteArray] = (self._draw(number) for number in chunk.numbers)
        for card in chain_of(film.engine, film.settings):
            stream = card.make(film.settings, info, unheard).apply(stream)
            info = card.after(film.settings, info)
        return stream

    def part(self, chunk: Chunk) -> bytes:
        """The chunk encoded. Raises `InputError` where it can't be written."""
        with TemporaryDirectory(prefix="belcanto-chunk-") as folder, closing_frames(frames := self.frames(chunk)):
            target = Path(folder) / "part.ts"
            write_part(frames, target, self._film.size, self._film.settings.fps, chunk.first, copy.deepcopy(self._film.marker))
            return target.read_bytes()
