"""A picture that moves for three seconds, shown as soon as it is chosen: made once, kept for a while as previews are."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import writing
from app.errors import NotFound
from app.models import ACTIVE_STATES, Job
from app.services.engines import check_engine
from app.services.jobs import queue_job, request_cancel
from app.services.library import file_of, lock_person
from app.services.options import options_json
from app.services.pictures import get_picture
from app.services.previews import check_waiting, is_quick
from app.services.questions import find_question, is_to_be_tried_again
from app.services.quotas import check_disk
from app.services.releasing import drop_jobs
from app.services.works import question_key
from app.settings import AppSettings
from pipeline.film_settings import SongToVideoSettings
from pipeline.works.picture_greeting import PICTURE_GREETING

#: The role of its file, and the file's type.
ROLE, MIME = "greeting", "video/mp4"
#: A picture moves where a processor draws that in about so many seconds: a drawing too, whose poses are kept for its film.
MOST_S = 60.0


def ask_greeting(
    session: Session, settings: AppSettings, person_id: str, picture_id: str, options: SongToVideoSettings
) -> Job | None:
    """The job that makes the picture move: done, failed, or from now on waiting; None where that would take long.

    Raises NotFound; InputError and Refused for options that don't fit; LimitReached where too many of the address are being made;
    StorageFull.
    """
    check_engine(session, options)
    picture = get_picture(session, person_id, picture_id)
    file_of(settings, picture)
    if not is_quick(options, picture.drawing, MOST_S):
        return None
    kept = PICTURE_GREETING.settled(options_json(options))
    key = question_key(PICTURE_GREETING.name, {"portrait": picture.id}, kept)
    with writing(session):
        lock_person(session, person_id)
        job = find_question(session, key)
        if job is not None and not is_to_be_made_again(settings, job):
            return job
        if job is not None:
            drop_jobs(session, Job.id == job.id)
            session.expunge(job)
        let_go_of_others(session, person_id)
        job = queue_job(session, PICTURE_GREETING, {"portrait": picture}, kept, key=key)
        check_waiting(session, settings, PICTURE_GREETING.turn, PICTURE_GREETING.name)
        check_disk(settings)
    return job


def let_go_of_others(session: Session, person_id: str) -> None:
    """Cancel what the person looks at no longer, as another picture or face was chosen; inside a transaction that writes."""
    query = select(Job).where(Job.person_id == person_id, Job.kind == PICTURE_GREETING.name, Job.state.in_(ACTIVE_STATES))
    for job in session.scalars(query):
        request_cancel(session, job)


def is_to_be_made_again(settings: AppSettings, job: Job) -> bool:
    """Whether it ended without a film that is still there."""
    return is_to_be_tried_again(job) or (job.state == "done" and not settings.results.has(job.files.get(ROLE)))


def get_greeting(session: Session, person_id: str, greeting_id: str) -> Job:
    """The greeting as the database has it now. Raises NotFound."""
    job = session.get(Job, greeting_id, populate_existing=True)
    if job is None or job.kind != PICTURE_GREETING.name or job.person_id != person_id or job.cancel_requested:
        raise NotFound("app.no_such_preview")
    if any(each.asset.deleted_at is not None for each in job.inputs.values()):
        raise NotFound("app.no_such_preview")
    return job


def greeting_file(settings: AppSettings, job: Job) -> Path:
    """The film of three seconds. Raises NotFound where it is not there, or not yet."""
    name = job.files.get(ROLE)
    if name is None or not settings.results.has(name):
        raise NotFound("app.preview_not_there_yet")
    return settings.results.path(name)
