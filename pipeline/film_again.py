"""A finished film written again with other frames and its own sound: for `belcanto look` and `belcanto caption`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from core.contracts import ByteArray
from core.film_stages import DECODE, FRAMES, MUX
from core.frame_stream import FrameCount, closing_frames
from core.output_files import check_free_space
from media.film_source import Damage, FilmSource
from media.film_writer import FilmWriter
from pipeline.dub_inputs import open_part, own_sound, part_digest
from pipeline.film_report import film_bytes
from pipeline.run import Run
from pipeline.stages import Stages
from pipeline.steps import Film, write_frames

Size = tuple[int, int]
Kept = Callable[[Iterator[ByteArray]], Iterator[ByteArray]]
#: Makes the frames that are written of those that were read. It gets these, whom to tell of each step, and what closes a stream
#: of frames with the film.
Redrawn = Callable[[Iterator[ByteArray], FrameCount, Kept], Iterator[ByteArray]]


def open_again(
    run: Run,
    film: Path,
    video: Path,
    part: tuple[float, float | None],
    stages: Stages,
    size_of: Callable[[Size], Size] = lambda size: size,
) -> tuple[FilmSource, Path | None, Size]:
    """The part (start, seconds) of a film, its own sound where it has one, and the size of what will be written.

    size_of: that size, by the film's. Raises `InputError` where the film can't be used or there is no room for `video`.
    """
    with run.stage(DECODE):
        source, digest = open_part(film, *part)
        sound = own_sound(run, source, part_digest(digest, source), stages) if source.has_sound else None
    run.note(*source.notes)
    size = size_of((source.width, source.height))
    check_free_space(video.parent, film_bytes(size, source.count, source.duration_s))
    return source, sound, size


def write_film_again(
    run: Run, source: FilmSource, sound: Path | None, video: Path, size: Size, redrawn: Redrawn, **told: Any
) -> Film:
    """Write the film of `source` with its frames as `redrawn` makes them, of that `size`. told: for `FilmWriter`."""
    damage = Damage()
    with ExitStack() as film:

        def kept(frames: Iterator[ByteArray]) -> Iterator[ByteArray]:
            film.enter_context(closing_frames(frames))
            return frames

        with run.stage(FRAMES) as progress:
            count = FrameCount(progress, FRAMES, source.count)
            frames = kept(count.counted(redrawn(kept(source.frames(damage=damage)), count, kept)))
            writer = FilmWriter(video, size, source.fps, sound, duration_s=source.duration_s, **told)
            write_frames(frames, film.enter_context(writer), source.count, lambda *_: None)
        with run.stage(MUX):
            film.close()
    run.note(*damage.notes())
    return Film(source.count, source.fps, *size)
