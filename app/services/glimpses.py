"""Glimpses of films for the library: made when somebody first looks at one, kept beside the films, gone with them."""

from __future__ import annotations

from pathlib import Path

from app.errors import NotFound
from app.models import Clip, Work
from app.services.inspecting import turn
from app.settings import GLIMPSES, AppSettings
from core.errors import InputError
from media.glimpse import write_glimpse

FOLDER, MIME = GLIMPSES, "video/mp4"
#: Longest making of one, in seconds.
LIMIT_S = 20.0
#: The role of a work's film.
FILM = "film"


def has_glimpse(row: object) -> bool:
    """Whether it is a film of which there can be a glimpse."""
    return isinstance(row, Clip) or (isinstance(row, Work) and FILM in row.files)


def glimpse_file(settings: AppSettings, row: Work | Clip) -> Path:
    """The glimpse of the work's film, or of the clip; made now where it is not there.

    Raises NotFound where there is no film, or none that can be read; Busy where too much is looked at.
    """
    film, duration_s = film_of(settings, row)
    path = settings.results_dir / FOLDER / f"{row.id}-{settings.vault.files.told(film).changed_ns}.mp4"
    if not settings.vault.has(path):
        path.parent.mkdir(exist_ok=True)
        with turn(settings):
            if settings.vault.has(path):  # somebody else had it made while we waited
                return path
            stale = glimpses_of(settings, row.id)
            try:
                write_sealed(settings, film, path, duration_s, row.person_id)
            except InputError as error:
                raise NotFound("app.no_glimpse") from error
            for each in stale:
                settings.vault.files.remove(each)
    return path


def write_sealed(settings: AppSettings, film: Path, path: Path, duration_s: float, person_id: str) -> None:
    """Make the glimpse of the person's film as their file. Raises InputError."""
    vault = settings.vault
    with vault.plain(film) as opened, vault.workspace.folder() as folder:
        write_glimpse(opened, folder / path.name, duration_s, LIMIT_S)
        vault.keep(folder / path.name, path, person_id)


def film_of(settings: AppSettings, row: Work | Clip) -> tuple[Path, float]:
    """The film, and its length in seconds; 0 where nobody knows that. Raises NotFound."""
    if isinstance(row, Clip):
        if not (row.has_file and settings.uploads.has(row.file_name)):
            raise NotFound("app.no_such_clip")
        return settings.uploads.path(row.file_name), row.duration_s
    name = row.files.get(FILM)
    if name is None or not settings.results.has(name):
        raise NotFound("app.file_not_there_yet")
    return settings.results.path(name), float((row.figures or {}).get("duration_s") or 0.0)


def glimpses_of(settings: AppSettings, row_id: str) -> list[Path]:
    """What there is of the row's glimpses."""
    return [path for path, _ in settings.vault.files.found(settings.results_dir / FOLDER, f"{row_id}-*.mp4")]
