"""Three seconds of a film before it is ordered. A person has one preview at a time, the newest; it is kept for a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from app.database import queue_announcement, writing
from app.errors import LimitReached, NotFound
from app.models import ACTIVE_STATES, Job, Person, now
from app.services.engines import check_engine
from app.services.jobs import queue_job, request_cancel
from app.services.library import lock_person
from app.services.options import options_json
from app.services.orders import check_order
from app.services.origins import origin_of
from app.services.quotas import check_disk
from app.services.releasing import drop_jobs
from app.services.works import question_key
from app.settings import AppSettings
from core.work import Turn
from pipeline.engine_list import engine_named
from pipeline.film_settings import PREVIEW_HEIGHT, PREVIEW_S, SongToVideoSettings
from pipeline.filter_chain import frames_cost
from pipeline.works.film_preview import FILM_PREVIEW
from pipeline.works.picture_greeting import PICTURE_GREETING
from pipeline.works.song_to_film import expected_engine

#: The role of its file, and the file's type.
ROLE, MIME = "preview", "video/mp4"
#: How long a preview is kept after it was made, or waits for somebody who does not ask for it any more.
KEPT = timedelta(minutes=30)
#: Begun ahead, before anybody asks, is only what a processor draws in about so many seconds.
QUICK_S = 20.0
#: When whoever was refused may try again, in seconds.
RETRY_AFTER_S = 10


def ask_preview(
    session: Session,
    settings: AppSettings,
    person_id: str,
    song_id: str,
    picture_id: str,
    options: SongToVideoSettings,
    turn: Turn = "soon",
) -> Job:
    """The job that makes the preview of that film: done, failed, or from now on waiting, of which a worker is told.

    It takes the place of the person's other previews: those that wait or are being made are cancelled, files go. turn: `idle`
    where nobody asked yet, but soon may: it is made while nothing else waits, and leaves those alone that somebody asked for.
    Raises NotFound; InputError and Refused for options that don't fit, as an order of the film would; LimitReached where too many
    of the address are being made; StorageFull.
    """
    check_engine(session, options)  # first: it may take a second, in which nobody else should have to wait
    with writing(session):
        lock_person(session, person_id)
        order = check_order(session, settings, person_id, song_id, picture_id, options)
        kept = FILM_PREVIEW.settled(options_json(order.options))
        key = question_key(FILM_PREVIEW.name, {"song": song_id, "portrait": picture_id}, kept)
        query = select(Job).where(Job.question_key == key)
        job = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
        asked = asked_for(session, person_id) if turn == "idle" else None
        if asked is not None:
            job, paths = asked, []
        elif job is not None and is_standing(settings, job):
            hurry(session, job, turn)
            paths = forget(session, settings, and_(Job.person_id == person_id, Job.id != job.id))
        else:
            paths = forget(session, settings, Job.person_id == person_id)
            assets = {"song": order.song, "portrait": order.picture}
            job = queue_job(session, FILM_PREVIEW, assets, kept, key=key)
            job.turn = turn
            check_waiting(session, settings, turn)
            check_disk(settings)
    remove(settings, paths)
    return job


def is_quick(options: SongToVideoSettings, drawing: bool, most_s: float = QUICK_S) -> bool:
    """Whether a preview with those options is drawn within about `most_s` seconds, and may be begun before anybody has asked."""
    engine = engine_named(expected_engine(options, drawing))
    return frames_cost(engine, options, card=False).seconds(PREVIEW_S, PREVIEW_HEIGHT**2) <= most_s


def asked_for(session: Session, person_id: str) -> Job | None:
    """The person's preview that somebody asked for and that is on its way, if there is one."""
    query = select(Job).where(Job.person_id == person_id, Job.kind == FILM_PREVIEW.name, Job.turn == "soon")
    return session.scalars(query.where(Job.state.in_(ACTIVE_STATES), Job.cancel_requested.is_(False))).first()


def hurry(session: Session, job: Job, turn: Turn) -> None:
    """Somebody asks now for what was begun ahead: it goes on, or is next. Inside a transaction that writes."""
    if turn == "soon" and job.turn != turn:
        job.turn = turn
        queue_announcement(session, job.id)


def get_preview(session: Session, person_id: str, preview_id: str) -> Job:
    """The preview as the database has it now. Raises NotFound, also where a newer one took its place."""
    job = session.get(Job, preview_id, populate_existing=True)
    wanted = job is not None and job.kind == FILM_PREVIEW.name and job.person_id == person_id and not job.cancel_requested
    if job is None or not wanted or any(each.asset.deleted_at is not None for each in job.inputs.values()):
        raise NotFound("app.no_such_preview")
    return job


def preview_file(settings: AppSettings, job: Job) -> Path:
    """The film of three seconds. Raises NotFound where it is not there, or not yet."""
    name = job.files.get(ROLE)
    if name is None or not settings.results.has(name):
        raise NotFound("app.preview_not_there_yet")
    return settings.results.path(name)


def delete_preview(session: Session, settings: AppSettings, person_id: str, preview_id: str) -> None:
    """Nobody looks at it any more: its making is cancelled, its file goes. Raises NotFound."""
    with writing(session):
        lock_person(session, person_id)
        paths = forget(session, settings, Job.id == get_preview(session, person_id, preview_id).id)
    remove(settings, paths)


def drop_old_previews(session: Session, settings: AppSettings) -> int:
    """Let go of previews whose time is over, and of those that still wait though nobody has asked for long. Returns how many."""
    since = now() - KEPT
    waits = and_(Job.state == "queued", Job.queued_at < since)
    with writing(session):
        old = or_(waits, and_(Job.state.not_in(ACTIVE_STATES), Job.finished_at < since))
        paths = forget(session, settings, old, (FILM_PREVIEW.name, PICTURE_GREETING.name))
    return remove(settings, paths)


def forget(
    session: Session, settings: AppSettings, which: ColumnElement[bool], kinds: Sequence[str] = (FILM_PREVIEW.name,)
) -> list[Path]:
    """Drop those previews of the kinds of those names, and have the running ones cancelled; the files that go with them.

    Inside a transaction.
    """
    paths = []
    query = select(Job).where(Job.kind.in_(kinds), which)
    for job in session.scalars(query.execution_options(populate_existing=True)).all():
        if job.state == "running":
            request_cancel(session, job)
            job.question_key = None  # the same question again is a new one
            continue
        paths += [settings.results.path(name) for name in job.files.values()]
        drop_jobs(session, Job.id == job.id)
        session.expunge(job)
    session.flush()
    return paths


def remove(settings: AppSettings, paths: list[Path]) -> int:
    """Remove the files, after the rows that name them."""
    for path in paths:
        settings.vault.files.remove(path)
    return len(paths)


def is_standing(settings: AppSettings, job: Job) -> bool:
    """Whether the preview is there or on its way."""
    if job.state == "done":
        return settings.results.has(job.files.get(ROLE))
    return job.state in ACTIVE_STATES and not job.cancel_requested


def check_waiting(session: Session, settings: AppSettings, turn: Turn, kind: str = FILM_PREVIEW.name) -> None:
    """Raises LimitReached where the visitors of the address have more previews of that kind and turn under way than they may."""
    if (origin := origin_of(session)) is None:
        return
    neighbours = select(Person.id).where(Person.origin == origin)
    query = select(func.count()).select_from(Job).where(Job.kind == kind, Job.turn == turn)
    query = query.where(Job.state.in_(ACTIVE_STATES), Job.person_id.in_(neighbours))
    if session.scalars(query).one() > settings.limits.address_waiting_previews:
        error = LimitReached("app.most_previews_of_address")
        error.retry_after_s = RETRY_AFTER_S
        raise error
