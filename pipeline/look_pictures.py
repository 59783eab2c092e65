"""A moment of a film in every look, small: what each would make of this very film."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from PIL import Image

from core.contracts import ByteArray, Progress, silent
from core.film_stages import FRAMES
from core.frame_stream import closing_frames
from core.output_files import check_output, whole_file
from media.film_opening import open_film
from pipeline.input_files import check_input
from pipeline.lone_filters import with_lone_filters
from pipeline.look_settings import LookFilmSettings

#: Where in the film the moment lies, as a part of its length; and frames before it by which a drawing is steadied.
MOMENT, BEFORE = 0.4, 3
#: The longer side of what is drawn, and of the picture, in pixels: drawn larger, lines are as fine as in the film.
DRAWN_PX, SHOWN_PX = 480, 240
PICTURE_SUFFIX = ".jpg"


def write_look_pictures(film: Path, pictures: Mapping[str, Path], progress: Progress = silent) -> int:
    """Write one JPEG for each look, by its name; the first is the film as it is. Returns how many there are.

    progress: frames, by looks. Raises `InputError` where the film can't be read or a picture can't be written, `MissingError`.
    """
    check_input(film, "film")
    for path in pictures.values():
        check_output(path, PICTURE_SUFFIX, (film,))
    frames = moment_of(film)
    for number, (look, path) in enumerate(pictures.items()):
        progress(FRAMES, number, len(pictures))
        drawn = Image.fromarray(in_look(frames, look))
        drawn.thumbnail((SHOWN_PX, SHOWN_PX), Image.Resampling.LANCZOS)
        with whole_file(path, "The picture") as file:
            drawn.save(file, format="JPEG", quality=85)
    progress(FRAMES, len(pictures), len(pictures))
    return len(pictures)


def moment_of(film: Path) -> list[ByteArray]:
    """The frames up to the moment, (H, W, 3) uint8, none larger than is drawn."""
    source = open_film(film)
    last = min(source.count - 1, round(MOMENT * source.count))
    first = max(0, last - BEFORE)
    scale = min(1.0, DRAWN_PX / max(source.width, source.height))
    size = max(2, round(source.width * scale)), max(2, round(source.height * scale))
    with closing_frames(frames := source.frames(first, last - first + 1)):
        return [np.asarray(Image.fromarray(frame).resize(size, Image.Resampling.LANCZOS)) for frame in frames]


def in_look(frames: list[ByteArray], look: str) -> ByteArray:
    """The last of the frames as the look draws it."""
    settings = LookFilmSettings.from_json({"look": look})
    if settings == LookFilmSettings.from_json({}):
        return frames[-1]
    with ExitStack() as streams:

        def kept(stream: Iterator[ByteArray]) -> Iterator[ByteArray]:
            streams.enter_context(closing_frames(stream))
            return stream

        return list(with_lone_filters(iter(frames), settings, silent, kept))[-1]
