"""What songs, pictures and clips have in common: one row for one content, room, owner, renaming, deleting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import writing
from app.errors import NotFound, Refused
from app.models import Asset, Clip, Person, Picture, Song, Work
from app.services.hiding import bring_back, erase, get_hidden, hide
from app.services.origins import lock_origin
from app.services.releasing import release_files
from app.services.titles import clean_title, fold
from app.settings import AppSettings

Kept = TypeVar("Kept", Song, Picture, Clip)
Owned = TypeVar("Owned", Asset, Song, Picture, Clip, Work)
#: Is told of a new row inside the transaction that keeps it.
Became: TypeAlias = Callable[[Kept], object]


def nothing_more(row: Song | Picture | Clip) -> None:
    """Where nothing else belongs into the transaction."""


def get_own(session: Session, model: type[Owned], person_id: str, row_id: str) -> Owned:
    """The person's row that is not deleted. Raises NotFound, also where it is somebody else's."""
    row = session.get(model, row_id)
    if row is None or row.person_id != person_id or row.deleted_at is not None:
        raise not_found(model)
    return row


def not_found(model: type[Asset] | type[Work]) -> NotFound:
    """The error for a row that is not there."""
    if model is Song:
        return NotFound("app.no_such_song")
    if model is Picture:
        return NotFound("app.no_such_picture")
    if model is Clip:
        return NotFound("app.no_such_clip")
    return NotFound("app.no_such_film") if model is Work else NotFound("app.no_such_asset")


def lock_person(session: Session, person_id: str) -> None:
    """One transaction at a time writes for a person, and for where the person acts from; on SQLite that is so anyway."""
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update()).all()
    lock_origin(session)


def list_assets(session: Session, person_id: str, kind: str, limit: int) -> Sequence[Asset]:
    """The person's files of a kind, newest first, that are not deleted."""
    query = select(Asset).where(Asset.person_id == person_id, Asset.kind == kind, Asset.deleted_at.is_(None), Asset.has_file)
    return session.scalars(query.order_by(Asset.created_at.desc(), Asset.id).limit(limit)).all()


def find_content(session: Session, model: type[Kept], person_id: str, sha256: str) -> Kept | None:
    """The person's row of that content, deleted or not."""
    return session.scalars(select(model).where(model.person_id == person_id, model.sha256 == sha256)).one_or_none()


def rename_row(session: Session, settings: AppSettings, model: type[Owned], person_id: str, row_id: str, title: str) -> Owned:
    """Give the row another title. Raises NotFound and Refused."""
    cleaned = clean_title(title, settings.limits.title_characters)
    if not cleaned:
        raise Refused("app.title_empty")
    with writing(session):
        row = get_own(session, model, person_id, row_id)
        row.title, row.search_text = cleaned, fold(cleaned)
    return row


def hide_row(session: Session, model: type[Kept], person_id: str, row_id: str) -> Kept:
    """Delete a song, picture or clip so that it can be brought back for a day. Raises NotFound."""
    with writing(session):
        lock_person(session, person_id)
        row = get_own(session, model, person_id, row_id)
        hide(row)
    return row


def restore_row(session: Session, model: type[Owned], person_id: str, row_id: str) -> Owned:
    """Bring back what was deleted. Raises NotFound."""
    with writing(session):
        lock_person(session, person_id)
        row = get_hidden(session, model, person_id, row_id)
        bring_back(row)
    return row


def delete_row(session: Session, settings: AppSettings, model: type[Kept], person_id: str, row_id: str) -> None:
    """Delete a song, picture or clip for good, hidden or not. Its file goes at once, or with the last film in the making of it.

    Raises NotFound.
    """
    with writing(session):
        lock_person(session, person_id)
        erase(get_unerased(session, model, person_id, row_id))
    release_files(session, settings, person_id)


def get_unerased(session: Session, model: type[Owned], person_id: str, row_id: str) -> Owned:
    """The person's row, hidden or not. Raises NotFound."""
    try:
        return get_own(session, model, person_id, row_id)
    except NotFound as error:
        try:
            return get_hidden(session, model, person_id, row_id)
        except NotFound:
            raise error from None


def has_its_file(settings: AppSettings, row: Asset) -> bool:
    """Whether the row's file is there; somebody may have removed it by hand."""
    return row.has_file and settings.uploads.has(row.file_name)


def is_kept(settings: AppSettings, row: Asset) -> bool:
    """Whether the row is not deleted and has its file."""
    return row.deleted_at is None and has_its_file(settings, row)


def file_of(settings: AppSettings, row: Asset) -> Path:
    """Where the row's file lies. Raises NotFound where it is gone."""
    if not has_its_file(settings, row):
        raise not_found(type(row))
    return settings.uploads.path(row.file_name)
