"""Lets go of files: of what was deleted, once no film in the making needs it, and of what a killed server left behind."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Session

from app.database import writing
from app.models import ACTIVE_STATES, Film, IdempotencyKey, Job, JobEvent, Picture, Song, SongEmotion, Upload, now
from app.services.incoming import LEFTOVER_S, sweep_leftovers
from app.settings import AppSettings

Kept = TypeVar("Kept", Song, Picture)
#: How long the answer to a request with a key is kept.
IDEMPOTENCY_KEPT = timedelta(days=1)
#: How often a sweep is due.
SWEEP_EVERY_S = 600.0


def release_files(session: Session, settings: AppSettings, person_id: str | None = None) -> int:
    """Remove the files of deleted films, songs and pictures that no active job needs, and rows that nothing names any more.

    To be called whenever a job has ended. person_id: only that person's. Returns how many files went. Files go after their rows
    say so: what a crash leaves between the two, `sweep` finds.
    """
    with writing(session):
        paths = release_films(session, settings, person_id)
        paths += release_kept(session, settings, Song, person_id)
        paths += release_kept(session, settings, Picture, person_id)
    for path in paths:
        path.unlink(missing_ok=True)
    return len(paths)


def release_films(session: Session, settings: AppSettings, person_id: str | None) -> list[Path]:
    """Drop the deleted films that are not being made, with their jobs; the files that they had."""
    active = exists().where(Job.film_id == Film.id, Job.state.in_(ACTIVE_STATES))
    query = select(Film).where(Film.deleted_at.is_not(None), ~active)
    paths: list[Path] = []
    for film in session.scalars(query if person_id is None else query.where(Film.person_id == person_id)).all():
        paths += [settings.results_dir / name for name in (film.file_name, film.metrics_html_name) if name]
        jobs = select(Job.id).where(Job.film_id == film.id)
        session.execute(delete(JobEvent).where(JobEvent.job_id.in_(jobs)).execution_options(synchronize_session=False))
        session.execute(delete(Job).where(Job.film_id == film.id).execution_options(synchronize_session=False))
        session.execute(delete(Film).where(Film.id == film.id).execution_options(synchronize_session=False))
        for row in (*film.__dict__.get("jobs", ()), film):
            session.expunge(row)
    return paths


def release_kept(session: Session, settings: AppSettings, model: type[Kept], person_id: str | None) -> list[Path]:
    """Let go of deleted songs or pictures that no job needs; their rows stay while films tell that they were made of them."""
    mine: ColumnElement[bool] = Film.song_id == Song.id if model is Song else Film.picture_id == Picture.id
    active = exists().where(mine, Job.film_id == Film.id, Job.state.in_(ACTIVE_STATES))
    named = exists().where(mine)
    query = select(model, named).where(model.deleted_at.is_not(None), ~active)
    paths: list[Path] = []
    for row, is_named in session.execute(query if person_id is None else query.where(model.person_id == person_id)).all():
        if row.has_file:
            names = (row.file_name, row.thumb_name) if isinstance(row, Picture) and not is_named else (row.file_name,)
            paths += [settings.uploads_dir / name for name in names]
            row.has_file = False
        elif isinstance(row, Picture) and not is_named:
            paths.append(settings.uploads_dir / row.thumb_name)
        if isinstance(row, Song):
            session.execute(delete(SongEmotion).where(SongEmotion.song_id == row.id))
        if not is_named:
            session.delete(row)
    return paths


def sweep(session: Session, settings: AppSettings, idle_s: float | None = None) -> int:
    """What is to be done at a start, and now and then: forget stale uploads and answers, and remove files that nothing names.

    idle_s: after how long without a piece an upload is forgotten, with its bytes; as the limits say where it is not given.
    Returns how many files went.
    """
    stale = now() - timedelta(seconds=settings.limits.upload_idle_s if idle_s is None else idle_s)
    with writing(session):
        dropped = session.scalars(select(Upload.id).where(Upload.touched_at < stale)).all()
        session.execute(delete(Upload).where(Upload.id.in_(dropped)))
        session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < now() - IDEMPOTENCY_KEPT))
    gone = release_files(session, settings) + remove_uploads(settings, dropped)
    session.commit()
    uploads = set(session.scalars(select(Upload.id)))
    return gone + sweep_leftovers(settings, uploads) + sweep_orphans(session, settings)


def remove_uploads(settings: AppSettings, upload_ids: Sequence[str]) -> int:
    """Remove what came of uploads whose rows are gone. Returns how many files went."""
    paths = [path for upload_id in upload_ids for path in settings.incoming_dir.glob(f"{upload_id}.*")]
    for path in paths:
        path.unlink(missing_ok=True)
    return len(paths)


def sweep_if_due(session: Session, settings: AppSettings) -> None:
    """Sweep unless any process has done so a short while ago."""
    mark = settings.results_dir / "swept"
    if not mark.exists() or mark.stat().st_mtime < time.time() - SWEEP_EVERY_S:
        mark.touch()
        sweep(session, settings)


def sweep_orphans(session: Session, settings: AppSettings) -> int:
    """Remove media files that no row names, an hour after they were written at the earliest."""
    named = set(session.scalars(select(Song.file_name))) | set(session.scalars(select(Picture.thumb_name)))
    named |= set(session.scalars(select(Picture.file_name)))
    films = set(session.scalars(select(Film.file_name))) | set(session.scalars(select(Film.metrics_html_name)))
    session.commit()
    candidates = [path for path in settings.uploads_dir.glob("*-*") if path.name not in named]
    candidates += [path for path in settings.results_dir.glob("film-*") if path.name not in films]
    gone, oldest = 0, time.time() - LEFTOVER_S
    for path in candidates:
        try:
            if path.is_file() and path.stat().st_mtime < oldest:
                path.unlink()
                gone += 1
        except FileNotFoundError:
            continue
    return gone
