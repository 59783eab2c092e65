"""Has files looked at by the pipeline, a few at a time, and says what is wrong with them under the name that the person gave."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.errors import Busy
from app.models import Picture, Song
from app.settings import AppSettings
from core.errors import InputError
from pipeline.inspecting.inspection import (
    FilmFacts,
    InspectionLimits,
    PictureFacts,
    ShownPicture,
    SongFacts,
    cut_picture,
    inspect_film,
    inspect_picture,
    inspect_song,
    measure_song,
)
from pipeline.picture_cut import PictureCut

#: Looks at the same time in this process; the others wait for their turn.
_turns = threading.BoundedSemaphore(2)


def look_at_song(settings: AppSettings, path: Path, shown_name: str) -> SongFacts:
    """What the song is. Raises InputError and Busy."""
    with turn(settings) as limits, named(path, shown_name):
        return inspect_song(path, settings.limits.song_s, limits)


def measure(settings: AppSettings, song: Song, path: Path) -> dict[str, Any]:
    """How loud the song is, whose file is `path`, where it clips, and its fine shape. Raises InputError and Busy."""
    with turn(settings) as limits, named(path, song.title):
        return measure_song(path, limits)


def look_at_picture(settings: AppSettings, path: Path, thumbnail: Path, shown_name: str) -> PictureFacts:
    """What the picture is; its small JPEG goes to `thumbnail`. Raises InputError and Busy."""
    with turn(settings) as limits, named(path, shown_name):
        return inspect_picture(path, thumbnail, settings.limits.picture_pixels, limits)


def cut(settings: AppSettings, picture: Picture, path: Path, target: Path, wanted: PictureCut) -> None:
    """Write what `wanted` leaves of the picture, whose file is `path`, to the PNG `target`. Raises InputError and Busy."""
    shown = ShownPicture(picture.width, picture.height, picture.turned or 0)
    with turn(settings) as limits, named(path, picture.title):
        cut_picture(path, target, wanted, shown, settings.limits.picture_pixels, limits)


def look_at_film(settings: AppSettings, path: Path, thumbnail: Path, shown_name: str) -> FilmFacts:
    """What the film is; a small JPEG of one of its frames goes to `thumbnail`. Raises InputError and Busy."""
    with turn(settings) as limits, named(path, shown_name):
        return inspect_film(path, thumbnail, settings.limits.clip_s, limits)


@contextmanager
def turn(settings: AppSettings) -> Iterator[InspectionLimits]:
    """Wait for a turn, at most as long as one look may take. Raises Busy."""
    if not _turns.acquire(timeout=settings.limits.inspection_s):
        raise Busy("app.too_many_looks")
    try:
        yield InspectionLimits(settings.limits.inspection_s, settings.limits.inspection_bytes)
    finally:
        _turns.release()


@contextmanager
def named(path: Path, shown_name: str) -> Iterator[None]:
    """Sentences speak of the person's name of the file, not of ours."""
    try:
        yield
    except InputError as error:
        shown = error.message.with_texts(lambda text: text.replace(str(path), shown_name).replace(path.name, shown_name))
        raise type(error)(shown) from error
