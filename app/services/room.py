"""How much a person may keep, and whether there is room for more."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import LimitReached
from app.models import Film, Picture, Song, Upload
from app.settings import MEGABYTE, AppSettings


def check_room(
    session: Session, settings: AppSettings, person_id: str, model: type[Song] | type[Picture], size_bytes: int
) -> None:
    """Raises LimitReached where the person keeps as much as one may."""
    limits = settings.limits
    kept = [
        session.execute(
            select(func.count(), func.coalesce(func.sum(each.size_bytes), 0)).where(
                each.person_id == person_id, each.deleted_at.is_(None)
            )
        ).one()
        for each in (Song, Picture)
    ]
    if model is Song and kept[0][0] >= limits.songs:
        raise LimitReached("You keep %(count)s songs, which is the most; delete one first.", count=limits.songs)
    if model is Picture and kept[1][0] >= limits.pictures:
        raise LimitReached("You keep %(count)s pictures, which is the most; delete one first.", count=limits.pictures)
    if int(kept[0][1]) + int(kept[1][1]) + size_bytes > limits.kept_bytes:
        megabytes = f"{limits.kept_bytes / MEGABYTE:g}"
        raise LimitReached("You may keep %(limit)s MB of songs and pictures; delete some first.", limit=megabytes)


def check_unfinished(session: Session, settings: AppSettings, person_id: str, size_bytes: int) -> None:
    """Raises LimitReached where one more unfinished upload of so many bytes is more than the person may have.

    What was announced counts, whether or not it has come: it will want its room.
    """
    limits = settings.limits
    query = select(func.count(), func.coalesce(func.sum(Upload.size_bytes), 0)).where(Upload.result_id.is_(None))
    count, announced_bytes = session.execute(query.where(Upload.person_id == person_id)).one()
    if count >= limits.uploads:
        raise LimitReached("You have %(count)s unfinished uploads; finish or abandon one first.", count=count)
    if announced_bytes + size_bytes > limits.unfinished_bytes:
        megabytes = f"{limits.unfinished_bytes / MEGABYTE:g}"
        raise LimitReached(
            "Your unfinished uploads may have %(limit)s MB together; finish or abandon one first.", limit=megabytes
        )


def check_films(session: Session, settings: AppSettings, person_id: str) -> None:
    """Raises LimitReached where the person has more films than one may, those that wait among them, or as many bytes of them."""
    limits = settings.limits
    query = select(func.count(), func.coalesce(func.sum(Film.size_bytes), 0))
    count, kept_bytes = session.execute(query.where(Film.person_id == person_id, Film.deleted_at.is_(None))).one()
    if count > limits.films:
        raise LimitReached("You keep %(count)s films, which is the most; delete one first.", count=limits.films)
    if int(kept_bytes or 0) >= limits.film_bytes:
        raise LimitReached("You may keep %(limit)s MB of films; delete some first.", limit=f"{limits.film_bytes / MEGABYTE:g}")
