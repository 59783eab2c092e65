"""Albums: made, renamed and taken apart; what lies in them stays in the library whatever becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.orm import Session

from app.database import writing
from app.errors import LimitReached, NotFound, Refused
from app.models import Asset, Work
from app.services.chosen import Chosen, Row, chosen_rows
from app.services.library import lock_person
from app.services.people import ensure_person
from app.services.titles import clean_title, fold
from app.settings import AppSettings
from app.shelf_models import Album, AlbumAsset, AlbumWork

MOST_ALBUMS = 500


@dataclass(frozen=True)
class CountedAlbum:
    """An album, and how many things lie in it that are not deleted."""

    album: Album
    count: int


def lies_in(model: Any, album_id: str) -> ColumnElement[bool]:
    """That a row lies in the album."""
    if model is Work:
        return exists().where(AlbumWork.work_id == Work.id, AlbumWork.album_id == album_id)
    return exists().where(AlbumAsset.asset_id == model.id, AlbumAsset.album_id == album_id)


def list_albums(session: Session, person_id: str) -> list[CountedAlbum]:
    """The person's albums, by name."""
    assets = select(func.count()).select_from(AlbumAsset).join(Asset, Asset.id == AlbumAsset.asset_id)
    works = select(func.count()).select_from(AlbumWork).join(Work, Work.id == AlbumWork.work_id)
    counted = [
        each.where(link.album_id == Album.id, model.deleted_at.is_(None)).correlate(Album).scalar_subquery()
        for each, link, model in ((assets, AlbumAsset, Asset), (works, AlbumWork, Work))
    ]
    query = select(Album, counted[0] + counted[1]).where(Album.person_id == person_id).order_by(Album.search_text, Album.id)
    return [CountedAlbum(album, count) for album, count in session.execute(query)]


def get_album(session: Session, person_id: str, album_id: str) -> Album:
    """The person's album. Raises NotFound."""
    album = session.get(Album, album_id)
    if album is None or album.person_id != person_id:
        raise NotFound("app.no_such_album")
    return album


def named(settings: AppSettings, title: str) -> str:
    """The title as it is kept. Raises Refused where nothing is left of it."""
    cleaned = clean_title(title, settings.limits.title_characters)
    if not cleaned:
        raise Refused("app.title_empty")
    return cleaned


def create_album(session: Session, settings: AppSettings, person_id: str, title: str) -> Album:
    """A new album; of one name there is one. Raises Refused for an empty title, LimitReached for too many."""
    cleaned = named(settings, title)
    ensure_person(session, person_id)
    with writing(session):
        lock_person(session, person_id)
        own = session.scalars(select(Album).where(Album.person_id == person_id)).all()
        known = next((album for album in own if album.search_text == fold(cleaned)), None)
        if known is not None:
            return known
        if len(own) >= MOST_ALBUMS:
            raise LimitReached("app.most_albums", count=MOST_ALBUMS)
        album = Album(person_id=person_id, title=cleaned, search_text=fold(cleaned))
        session.add(album)
        session.flush()
    return album


def rename_album(session: Session, settings: AppSettings, person_id: str, album_id: str, title: str) -> Album:
    """Raises NotFound, and Refused for an empty title."""
    cleaned = named(settings, title)
    with writing(session):
        album = get_album(session, person_id, album_id)
        album.title, album.search_text = cleaned, fold(cleaned)
    return album


def delete_album(session: Session, person_id: str, album_id: str) -> str:
    """Take the album apart; gives its title. Raises NotFound."""
    with writing(session):
        lock_person(session, person_id)
        album = get_album(session, person_id, album_id)
        for link in (AlbumAsset, AlbumWork):
            session.execute(delete(link).where(link.album_id == album.id))
        session.delete(album)
    return album.title


def fill_album(session: Session, person_id: str, album_id: str, chosen: Chosen) -> int:
    """Put what was chosen into the album; gives how many things it were. Raises NotFound and LimitReached."""
    with writing(session):
        lock_person(session, person_id)
        album, rows = get_album(session, person_id, album_id), chosen_rows(session, person_id, chosen)
        for link, ids in linked(rows):
            key = AlbumWork.work_id if link is AlbumWork else AlbumAsset.asset_id
            there = set(session.scalars(select(key).where(link.album_id == album.id)))
            session.add_all(link(album_id=album.id, **{key.key: each}) for each in ids if each not in there)
    return len(rows)


def empty_album(session: Session, person_id: str, album_id: str, chosen: Chosen) -> int:
    """Take what was chosen out of the album; gives how many things it were. Raises NotFound and LimitReached."""
    with writing(session):
        lock_person(session, person_id)
        album, rows = get_album(session, person_id, album_id), chosen_rows(session, person_id, chosen)
        for link, ids in linked(rows):
            key = AlbumWork.work_id if link is AlbumWork else AlbumAsset.asset_id
            for begin in range(0, len(ids), 500):
                session.execute(delete(link).where(link.album_id == album.id, key.in_(ids[begin : begin + 500])))
    return len(rows)


def linked(rows: Sequence[Row]) -> list[tuple[Any, list[str]]]:
    """The rows' ids, by the table that links them with albums."""
    works = [row.id for row in rows if isinstance(row, Work)]
    return [(AlbumAsset, [row.id for row in rows if not isinstance(row, Work)]), (AlbumWork, works)]
