"""Tells whether a file is a film by its first bytes, before any decoder sees it."""

from __future__ import annotations

from pathlib import Path

from media.file_kinds import FileKind, KindError, read_kind
from media.media_files import ACCEPTED_FILMS


def check_film_kind(path: Path) -> FileKind:
    """The kind of a film's file. Raises KindError where it is none, InputError where it is empty."""
    kind = read_kind(path, "media.film_is_empty", ACCEPTED_FILMS)
    if kind is None:
        raise KindError("media.film_of_unknown_kind", name=path.name, accepted=ACCEPTED_FILMS)
    if kind.family != "film":
        raise KindError("media.file_is_no_film", name=path.name, kind=kind.called, accepted=ACCEPTED_FILMS)
    return kind
