"""Has files looked at by the pipeline, a few at a time, and says what is wrong with them under the name that the person gave."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.errors import Busy
from app.models import Picture, Song
from app.services.erasure import cache_settings
from app.services.incoming import disk_errors_told
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
    with turn(settings) as limits, opened(settings, path, shown_name) as plain:
        return inspect_song(plain, settings.limits.song_s, limits)


def measure(settings: AppSettings, song: Song, path: Path) -> dict[str, Any]:
    """How loud the song is, whose file is `path`, where it clips, and its fine shape. Raises InputError and Busy."""
    with turn(settings) as limits, opened(settings, path, song.title) as plain:
        return measure_song(plain, limits, cache_settings(settings, song.person_id))


def look_at_picture(settings: AppSettings, path: Path, thumbnail: Path, shown_name: str, person_id: str) -> PictureFacts:
    """What the person's picture is; its small JPEG goes to `thumbnail`. Raises InputError and Busy."""
    with turn(settings) as limits, opened(settings, path, shown_name) as plain, made(settings, thumbnail, person_id) as small:
        return inspect_picture(plain, small, settings.limits.picture_pixels, limits)


def cut(settings: AppSettings, picture: Picture, path: Path, target: Path, wanted: PictureCut) -> None:
    """Write what `wanted` leaves of the picture, whose file is `path`, to the PNG `target`. Raises InputError and Busy."""
    shown = ShownPicture(picture.width, picture.height, picture.turned or 0)
    person_id = picture.person_id
    with turn(settings) as limits, opened(settings, path, picture.title) as plain, made(settings, target, person_id) as part:
        cut_picture(plain, part, wanted, shown, settings.limits.picture_pixels, limits)


def look_at_film(settings: AppSettings, path: Path, thumbnail: Path, shown_name: str, person_id: str) -> FilmFacts:
    """What the person's film is; a small JPEG of one of its frames goes to `thumbnail`. Raises InputError and Busy."""
    with turn(settings) as limits, opened(settings, path, shown_name) as plain, made(settings, thumbnail, person_id) as small:
        return inspect_film(plain, small, settings.limits.clip_s, limits)


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
def opened(settings: AppSettings, path: Path, shown_name: str) -> Iterator[Path]:
    """The file as it lies open meanwhile; sentences speak of the person's name of it. Raises StorageFull."""
    with disk_errors_told(), settings.vault.plain(path) as plain, named(plain, shown_name):
        yield plain


@contextmanager
def made(settings: AppSettings, target: Path, person_id: str) -> Iterator[Path]:
    """Where a small file is made that becomes the person's file `target` at the block's end."""
    with settings.vault.workspace.folder() as folder:
        yield folder / target.name
        settings.vault.keep(folder / target.name, target, person_id)


@contextmanager
def named(path: Path, shown_name: str) -> Iterator[None]:
    """Sentences speak of the person's name of the file, not of ours."""
    try:
        yield
    except InputError as error:
        shown = error.message.with_texts(lambda text: text.replace(str(path), shown_name).replace(path.name, shown_name))
        raise type(error)(shown) from error
