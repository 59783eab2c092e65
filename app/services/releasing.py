"""Destroys what was deleted, once no film in the making needs it: rows, files, and what the stages made from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from sqlalchemy import ColumnElement, Row, Text, cast, delete, exists, or_, select
from sqlalchemy.orm import Session

from app.database import writing
from app.models import ACTIVE_STATES, Film, IdempotencyKey, Job, JobEvent, Picture, Song, SongEmotion, Upload
from app.services.erasure import forget_stages, mark_erased, scrub
from app.services.hiding import is_due
from app.settings import AppSettings

Kept = TypeVar("Kept", Song, Picture)


@dataclass
class Released:
    """What goes. paths: of files. owners: row id -> person, for what else tells of the rows."""

    paths: list[Path] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)


def release_files(session: Session, settings: AppSettings, person_id: str | None = None) -> int:
    """Destroy what was deleted and no active job needs; films keep a row of what they were made of.

    To be called whenever a job has ended. person_id: only that person's. Returns how many files went. What the stages made goes
    before the rows by which it is found, and files after their rows say so: what a crash leaves between the two, a sweep finds.
    """
    held = forget_contents(session, settings, Song, person_id) | forget_contents(session, settings, Picture, person_id)
    released = Released()
    with writing(session):
        release_films(session, settings, person_id, released)
        release_kept(session, settings, Song, person_id, held, released)
        release_kept(session, settings, Picture, person_id, held, released)
        forget_mentions(session, released)
        if released.owners:
            mark_erased(settings)
    for path in released.paths:
        path.unlink(missing_ok=True)
    if released.owners:
        scrub(session, settings, at_once=True)
    return len(released.paths)


def forget_contents(session: Session, settings: AppSettings, model: type[Kept], person_id: str | None) -> set[str]:
    """Remove what the stages made from deleted songs or pictures, unless somebody else has the same content.

    Returns the ids of those of which something is still in use: they wait for another time.
    """
    going = {row.id: row.sha256 for row, _ in deleted(session, model, person_id) if row.has_file}
    contents = set(going.values())
    others = select(model.sha256).where(model.sha256.in_(contents), model.has_file, model.id.not_in(going))
    contents -= set(session.scalars(others).all())
    session.commit()
    if forget_stages(settings, contents):
        return set()
    return {row_id for row_id, content in going.items() if content in contents}


def deleted(session: Session, model: type[Kept], person_id: str | None) -> Sequence[Row[Kept, bool]]:
    """Erased songs or pictures with something to let go of, that nobody is at work on; each with whether a film names it."""
    mine: ColumnElement[bool] = Film.song_id == Song.id if model is Song else Film.picture_id == Picture.id
    active = exists().where(mine, Job.film_id == Film.id, Job.state.in_(ACTIVE_STATES))
    named = exists().where(mine)
    query = select(model, named).where(is_due(model), ~active, or_(model.has_file, ~named))
    if model is Song:
        query = query.where(~exists().where(SongEmotion.song_id == Song.id, SongEmotion.state == "running"))
    return session.execute(query if person_id is None else query.where(model.person_id == person_id)).all()


def release_films(session: Session, settings: AppSettings, person_id: str | None, released: Released) -> None:
    """Drop the deleted films that are not being made, with their jobs."""
    active = exists().where(Job.film_id == Film.id, Job.state.in_(ACTIVE_STATES))
    query = select(Film).where(is_due(Film), ~active)
    for film in session.scalars(query if person_id is None else query.where(Film.person_id == person_id)).all():
        released.owners[film.id] = film.person_id
        released.paths += [settings.results_dir / name for name in (film.file_name, film.metrics_html_name) if name]
        jobs = select(Job.id).where(Job.film_id == film.id)
        session.execute(delete(JobEvent).where(JobEvent.job_id.in_(jobs)).execution_options(synchronize_session=False))
        session.execute(delete(Job).where(Job.film_id == film.id).execution_options(synchronize_session=False))
        session.execute(delete(Film).where(Film.id == film.id).execution_options(synchronize_session=False))
        for row in (*film.__dict__.get("jobs", ()), film):
            session.expunge(row)


def release_kept(
    session: Session,
    settings: AppSettings,
    model: type[Kept],
    person_id: str | None,
    held: set[str],
    released: Released,
) -> None:
    """Let go of deleted songs or pictures, but for those `held`."""
    for row, is_named in deleted(session, model, person_id):
        if row.id in held:
            continue
        released.owners[row.id] = row.person_id
        if row.has_file:
            released.paths.append(settings.uploads_dir / row.file_name)
            row.has_file = False
        if isinstance(row, Picture) and not is_named:
            released.paths.append(settings.uploads_dir / row.thumb_name)
        if isinstance(row, Song):
            session.execute(delete(SongEmotion).where(SongEmotion.song_id == row.id))
        if not is_named:
            session.delete(row)


def forget_mentions(session: Session, released: Released) -> None:
    """Drop what else tells of the rows: the uploads that they were, and answers that are kept for requests that come again."""
    session.execute(delete(Upload).where(Upload.result_id.in_(released.owners)))
    answer = cast(IdempotencyKey.response_json, Text)
    for row_id, person_id in released.owners.items():
        session.execute(delete(IdempotencyKey).where(IdempotencyKey.person_id == person_id, answer.contains(row_id)))
