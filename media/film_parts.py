"""Films that are encoded in parts, wherever that is done, and joined without encoding again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from core.contracts import ByteArray
from core.errors import InputError
from core.finishing import FrameMarker
from media.ffmpeg_args import FilmSettings
from media.ffmpeg_args_parts import joined_arguments, part_arguments
from media.ffmpeg_run import Ffmpeg, FfmpegError, ffmpeg_path, last_line
from media.film_writer import FilmWriter, widen

#: Bytes that are read at a time.
PIECE_BYTES = 1 << 20


def write_part(
    frames: Iterator[ByteArray],
    target: Path,
    size: tuple[int, int],
    fps: float,
    first: int,
    marker: FrameMarker | None = None,
    settings: FilmSettings | None = None,
) -> int:
    """Encode the frames (H, W, 3) uint8 RGB of one part, which begins with the film's frame `first`; says how many they were.

    size: (width, height) in pixels, even numbers. marker: what marks them. Raises `InputError` where the part can't be written.
    """
    from media.film_colours import planes_of, to_film_colours

    width, height = size
    planes, count = planes_of(height, width), 0
    with Ffmpeg(part_arguments(ffmpeg_path(), target, size, fps, first, settings or FilmSettings()), feeds=True) as run:
        widen(run.stdin.fileno())
        try:
            for frame in frames:
                to_film_colours(np.ascontiguousarray(frame), planes)
                if marker is not None:
                    marker.mark(planes[: height * width].reshape(height, width))
                feed(run, planes.data)
                count += 1
            run.stdin.close()
            run.wait()
        except (BrokenPipeError, FfmpegError) as error:
            raise unwritable(run, target) from error
    return count


def feed(run: Ffmpeg, data: memoryview) -> None:
    """Write all of it to ffmpeg's stdin. Raises BrokenPipeError where it has ended."""
    while data:
        data = data[run.stdin.write(data) :]


def unwritable(run: Ffmpeg, path: Path) -> InputError:
    """What to say when ffmpeg gave up."""
    try:
        run.wait()
        reason = "the encoder ended too early"
    except FfmpegError as error:
        reason = "the disk is full" if error.no_space else last_line(error.log)
    return InputError("media.film_unwritable", path=path, reason=reason)


class JoinedFilm(FilmWriter):
    """A `FilmWriter` that is given parts by `join`, not frames; all else about the film is the same."""

    def _arguments(self, target: Path) -> list[str]:
        return joined_arguments(ffmpeg_path(), target, self._job, self._settings)

    def join(self, parts: Iterable[tuple[Path, int]]) -> None:
        """Append the parts in their order, each with the number of its frames. Raises InputError where that can't be written."""
        if self._run is None:
            raise RuntimeError("Parts are joined inside the film's with block.")
        try:
            for path, frames in parts:
                with path.open("rb") as part:
                    while piece := part.read(PIECE_BYTES):
                        feed(self._run, memoryview(piece))
                self.written += frames
        except BrokenPipeError as error:
            raise self._failure() from error
