"""How much a person may keep, how much all visitors of one address, and whether the disk has room for more."""

from __future__ import annotations

import shutil
from datetime import timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.errors import LimitReached, StorageFull
from app.models import ACTIVE_STATES, Asset, Clip, Job, Person, Picture, Song, Upload, Work, now
from app.services.origins import origin_of
from app.settings import MEGABYTE, AppSettings

#: How long a visitor counts as new: one who came so long ago is not another cookie of somebody who throws them away.
NEWCOMER = timedelta(days=7)


def check_quota(
    session: Session, settings: AppSettings, person_id: str, model: type[Song] | type[Picture] | type[Clip], size_bytes: int
) -> None:
    """Raises LimitReached where the person keeps as much as one may."""
    limits = settings.limits
    query = select(Asset.kind, func.count(), func.sum(Asset.size_bytes)).group_by(Asset.kind)
    rows = session.execute(query.where(Asset.person_id == person_id, Asset.deleted_at.is_(None))).all()
    counts = {kind: count for kind, count, _ in rows}
    if model is Song and counts.get("sound", 0) >= limits.songs:
        raise LimitReached("app.most_songs_kept", count=limits.songs)
    if model is Picture and counts.get("picture", 0) >= limits.pictures:
        raise LimitReached("app.most_pictures_kept", count=limits.pictures)
    if model is Clip and counts.get("film", 0) >= limits.clips:
        raise LimitReached("app.most_clips_kept", count=limits.clips)
    if sum(int(kept_bytes) for _, _, kept_bytes in rows) + size_bytes > limits.kept_bytes:
        raise LimitReached("app.most_bytes_kept", limit=limits.kept_bytes / MEGABYTE)
    check_newcomers(session, settings, person_id, size_bytes)


def check_newcomers(session: Session, settings: AppSettings, person_id: str, size_bytes: int) -> None:
    """Raises LimitReached where the person is new, and all new visitors of the same address keep as much as they may together."""
    origin, since = origin_of(session), now() - NEWCOMER
    person = session.get(Person, person_id)
    if origin is None or person is None or person.created_at < since:
        return
    new = select(Person.id).where(Person.origin == origin, Person.created_at >= since)
    assets = select(func.coalesce(func.sum(Asset.size_bytes), 0)).where(Asset.person_id.in_(new), Asset.has_file)
    kept_bytes = size_bytes + int(session.scalars(assets).one())
    works = select(func.coalesce(func.sum(Work.size_bytes), 0)).where(Work.person_id.in_(new))
    if kept_bytes + int(session.scalars(works).one() or 0) > settings.limits.address_kept_bytes:
        raise LimitReached("app.most_bytes_of_address", limit=settings.limits.address_kept_bytes / MEGABYTE)


def check_unfinished(session: Session, settings: AppSettings, person_id: str, size_bytes: int) -> None:
    """Raises LimitReached where one more unfinished upload of so many bytes is more than the person, or the address, may have.

    What was announced counts, whether or not it has come: it will want its room.
    """
    limits = settings.limits
    unfinished = select(func.count(), func.coalesce(func.sum(Upload.size_bytes), 0)).where(Upload.result_id.is_(None))
    count, announced_bytes = totals(session, unfinished.where(Upload.person_id == person_id))
    if count >= limits.uploads:
        raise LimitReached("app.most_uploads", count=count)
    if announced_bytes + size_bytes > limits.unfinished_bytes:
        raise LimitReached("app.most_upload_bytes", limit=limits.unfinished_bytes / MEGABYTE)
    if (origin := origin_of(session)) is None:
        return
    count, announced_bytes = totals(session, unfinished.where(Upload.origin == origin))
    if count >= limits.address_uploads or announced_bytes + size_bytes > limits.address_unfinished_bytes:
        raise LimitReached("app.most_uploads_of_address")


def totals(session: Session, query: Select[int, int]) -> tuple[int, int]:
    """How many, and how many bytes."""
    count, size_bytes = session.execute(query).one()
    return count, int(size_bytes)


def check_waiting(session: Session, settings: AppSettings, person_id: str) -> None:
    """Raises LimitReached where more films wait than may: of the person, or of all visitors of the same address."""
    active = select(func.count()).select_from(Job).where(Job.state.in_(ACTIVE_STATES), Job.turn == "fair")
    limit = settings.limits.waiting_jobs
    if session.scalars(active.where(Job.person_id == person_id)).one() > limit:
        raise LimitReached("app.most_films_waiting", count=limit)
    if (origin := origin_of(session)) is None:
        return
    neighbours = select(Person.id).where(Person.origin == origin)
    if session.scalars(active.where(Job.person_id.in_(neighbours))).one() > settings.limits.address_waiting_jobs:
        raise LimitReached("app.most_films_of_address")


def check_works(session: Session, settings: AppSettings, person_id: str) -> None:
    """Raises LimitReached where the person has more works than one may, those that wait among them, or as many bytes of them."""
    limits = settings.limits
    query = select(func.count(), func.coalesce(func.sum(Work.size_bytes), 0))
    count, kept_bytes = session.execute(query.where(Work.person_id == person_id, Work.deleted_at.is_(None))).one()
    if count > limits.films:
        raise LimitReached("app.most_films_kept", count=limits.films)
    if int(kept_bytes or 0) >= limits.film_bytes:
        raise LimitReached("app.most_film_bytes_kept", limit=limits.film_bytes / MEGABYTE)


def has_room(settings: AppSettings, size_bytes: int) -> bool:
    """Whether so many more bytes leave the disk the room that it must keep free."""
    settings.make_folders()
    free = min(shutil.disk_usage(folder).free for folder in (settings.incoming_dir, settings.results_dir))
    return free - size_bytes >= settings.least_free_bytes


def check_disk(settings: AppSettings, size_bytes: int = 0) -> None:
    """Raises StorageFull where so many more bytes would fill the disk up to the room that it must keep free."""
    if not has_room(settings, size_bytes):
        raise StorageFull("app.disk_nearly_full")


def announced_bytes(session: Session) -> int:
    """How many bytes of all unfinished uploads are still to come."""
    query = select(func.coalesce(func.sum(Upload.size_bytes - Upload.received_bytes), 0)).where(Upload.result_id.is_(None))
    return int(session.scalars(query).one())
