"""A finished film in another shape and size, or a part of it as a picture that moves; ffmpeg makes them of the film."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np

from core.contracts import ByteArray, Face, Progress, silent
from core.errors import InputError
from core.film_stages import FACES, MUX
from core.finishing import publish
from core.output_files import check_free_space, check_output, new_part
from faces.faces import FaceFinder
from media.ffmpeg_args import FilmSettings
from media.ffmpeg_run import FfmpegError, ffmpeg_path, last_line, read_from
from media.film_opening import open_film
from media.film_source import FilmSource
from media.reshape_args import LoopFormat, loop_arguments, reshape_arguments, small_frames_arguments
from pipeline.film_report import film_bytes
from pipeline.film_settings import VIDEO_SUFFIX
from pipeline.input_files import check_input
from pipeline.reshaping.crop import SeenHead, cut, even, head_of
from pipeline.reshaping.settings import ASPECTS, LoopSettings, ShapeSettings
from provenance.making import accounted

#: The face is looked for so often a second, in frames whose longer side has so many pixels.
LOOKS_PER_S, LOOKED_AT_PX = 2.0, 512
LOOP_SUFFIXES = {".gif": "gif", ".webp": "webp"}
#: What a loop's pixel takes of a file at most, in bytes, counted generously.
LOOP_BYTES_PER_PIXEL = 1.0
#: Faster than the film's own writer, whose frames are made once: here nothing but coding takes time.
CODING = FilmSettings(crf=20)


@dataclass(frozen=True)
class Reshaped:
    """What was written: where, its size in pixels, seconds and bytes; how much of the looks at it showed a face, 0 to 1."""

    file: str
    width: int
    height: int
    duration_s: float
    size_bytes: int
    seen: float = 0.0

    def as_json(self) -> dict[str, object]:
        """The fields as JSON values."""
        return dict(vars(self))


@accounted("reshape", "film")
def reshape_film(film: Path, out: Path, settings: ShapeSettings | None = None, progress: Progress = silent) -> Reshaped:
    """Write the `film` in another shape, cut around its face, its sound as it is. progress: faces, mux.

    Raises `InputError` where the film can't be read or the new one can't be written.
    """
    settings = settings or ShapeSettings()
    check_input(film, "film")
    check_output(out, VIDEO_SUFFIX, (film,))
    source = open_film(film)
    aspect = ASPECTS.get(settings.shape)
    size = (source.width, source.height)
    heads = [] if aspect is None else list(seen_heads(source, settings.face, progress))
    shape = cut(size, aspect, int(settings.size), heads)
    check_free_space(out.parent, film_bytes(shape.size, source.count, source.duration_s))
    written(out, lambda part: reshape_arguments(ffmpeg_path(), film, part, shape, CODING), source.duration_s, progress)
    looks = max(1, round(source.duration_s * LOOKS_PER_S))
    return Reshaped(str(out), *shape.size, source.duration_s, out.stat().st_size, min(1.0, len(heads) / looks))


@accounted("loop", "film")
def make_loop(film: Path, out: Path, settings: LoopSettings | None = None, progress: Progress = silent) -> Reshaped:
    """Write a part of the `film` as a picture that moves and begins again for ever, GIF or WebP as the name ends.

    Raises `InputError` where the film can't be read, is over before the part begins, or the picture can't be written.
    """
    settings = settings or LoopSettings()
    check_input(film, "film")
    check_output(out, tuple(LOOP_SUFFIXES), (film,))
    source = open_film(film)
    if settings.start_s >= source.duration_s - 1 / source.fps:
        raise InputError("pipeline.loop_behind_the_end", start=settings.start_s, length=source.duration_s)
    length_s = min(settings.duration_s, source.duration_s - settings.start_s)
    scale = min(1.0, int(settings.loop_size) / max(source.width, source.height))
    size = even(source.width * scale), even(source.height * scale)
    kind = cast(LoopFormat, LOOP_SUFFIXES[out.suffix.lower()])
    check_free_space(out.parent, int(LOOP_BYTES_PER_PIXEL * size[0] * size[1] * length_s * source.fps))
    written(
        out, lambda part: loop_arguments(ffmpeg_path(), film, part, kind, settings.start_s, length_s, size), length_s, progress
    )
    return Reshaped(str(out), *size, length_s, out.stat().st_size)


def seen_heads(source: FilmSource, face: int | None, progress: Progress) -> Iterator[SeenHead]:
    """The followed head at each look at the film in which it was found.

    face: its number from the left where it is seen first with so many; None: the largest.
    """
    looks = max(1, round(source.duration_s * LOOKS_PER_S))
    scale = min(1.0, LOOKED_AT_PX / max(source.width, source.height))
    small = even(source.width * scale), even(source.height * scale)
    enlarged = np.array([source.width / small[0], source.height / small[1]] * 2)
    before: Face | None = None
    with FaceFinder() as finder:
        for index, frame in enumerate(small_frames(source.path, small)):
            progress(FACES, min(index, looks), looks)
            found = finder.glance(frame) or finder.find(frame)
            if before is None and face is not None and len(found) < face:
                found = []
            if found:
                before = followed(found, before, face)
                left, top, right, bottom = (float(edge) for edge in np.array(before.box) * enlarged)
                yield SeenHead(index / LOOKS_PER_S, head_of((left, top, right, bottom), (source.width, source.height)))
    progress(FACES, looks, looks)


def followed(found: list[Face], before: Face | None, number: int | None) -> Face:
    """The face among those found that is followed."""
    if before is None:
        if number is not None:
            return sorted(found, key=lambda each: each.box[0] + each.box[2])[number - 1]
        return max(found, key=lambda each: each.box[2] - each.box[0])
    middle = np.array([before.box[0] + before.box[2], before.box[1] + before.box[3]])
    return min(
        found, key=lambda each: float(np.hypot(*(np.array([each.box[0] + each.box[2], each.box[1] + each.box[3]]) - middle)))
    )


def small_frames(film: Path, size: tuple[int, int]) -> Iterator[ByteArray]:
    """Some frames of the film, small, (H, W, 3) uint8. Raises `InputError` where they can't be decoded."""
    width, height = size
    try:
        with read_from(small_frames_arguments(ffmpeg_path(), film, LOOKS_PER_S, size)) as run:
            while len(pixels := run.stdout.read(3 * width * height)) == 3 * width * height:
                yield np.frombuffer(pixels, np.uint8).reshape(height, width, 3)
    except FfmpegError as error:
        raise InputError("pipeline.film_not_reshaped", reason=last_line(error.log)) from error


def written(out: Path, arguments: Callable[[Path], list[str]], length_s: float, progress: Progress) -> None:
    """Have ffmpeg write `out`, which is there as a whole or not at all. arguments: of a run that writes a part's path.

    Raises `InputError` where that fails, and what `progress` raises.
    """
    try:
        descriptor, part = new_part(out)
    except OSError as error:
        raise InputError("media.film_unwritable", path=out, reason=error.strerror) from error
    try:
        os.close(descriptor)
        with read_from(arguments(part)) as run:
            for line in run.stdout:
                name, _, value = line.decode("ascii", "replace").strip().partition("=")
                if name == "out_time_us" and value.lstrip("-").isdigit():
                    progress(MUX, min(max(0, round(int(value) / 1000)), round(1000 * length_s)), max(1, round(1000 * length_s)))
        publish(part, out)
    except FfmpegError as error:
        raise InputError("pipeline.film_not_reshaped", reason=last_line(error.log)) from error
    except OSError as error:
        raise InputError("media.film_unwritable", path=out, reason=error.strerror) from error
    finally:
        part.unlink(missing_ok=True)
