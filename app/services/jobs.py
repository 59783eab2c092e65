"""Jobs of a person: queued, looked at, cancelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.database import queue_announcement, writing
from app.errors import NotFound
from app.models import ACTIVE_STATES, Asset, Job, JobInput, Work, new_id, now
from app.services.events import append_event
from app.services.library import lock_person
from app.services.releasing import release_files
from app.settings import AppSettings
from core.watching.ids import request_id, trace
from core.work import WorkKind
from pipeline.needs import needs_of


def queue_job(
    session: Session,
    kind: WorkKind,
    assets: Mapping[str, Asset],
    options: Mapping[str, Any],
    work: Work | None = None,
    key: str | None = None,
) -> Job:
    """A job that waits from now on, of which a worker is told. Inside a transaction that writes.

    work: what it makes or finds out about. key: where the same question again shall be this job.
    """
    person_id = work.person_id if work is not None else next(iter(assets.values())).person_id
    job = Job(id=new_id(), person_id=person_id, kind=kind.name, turn=kind.turn, options=dict(options), question_key=key)
    job.state, job.queued_at, job.work, job.files, job.notes = "queued", now(), work, {}, []
    needs = needs_of(options)
    job.engine, job.needs_card, job.needs_memory_mb = needs.engine, needs.card, needs.memory_mb
    job.request_id, job.traceparent = request_id(), trace()
    job.inputs = {role: JobInput(role=role, asset=asset) for role, asset in assets.items()}
    session.add(job)
    session.flush()
    append_event(session, job.id, "state", {"state": "queued"})
    queue_announcement(session, job.id)
    return job


def get_job(session: Session, person_id: str, job_id: str) -> Job:
    """The job as the database has it now. Raises NotFound."""
    job = session.get(Job, job_id, populate_existing=True)
    if job is None or job.person_id != person_id or not makes_a_kept_work(job):
        raise NotFound("app.no_such_job")
    return job


def makes_a_kept_work(job: Job) -> bool:
    """Whether the job makes a work that was not deleted; others are nothing that a person asked for by itself."""
    return job.work is not None and job.work.kind == job.kind and job.work.deleted_at is None


def list_jobs(session: Session, person_id: str, limit: int = 50) -> Sequence[Job]:
    """The person's jobs that wait or run, oldest first."""
    query = select(Job).join(Work).where(Job.person_id == person_id, Job.state.in_(ACTIVE_STATES), Work.deleted_at.is_(None))
    query = query.where(Job.kind == Work.kind).order_by(Job.queued_at, Job.id).limit(limit).options(joinedload(Job.work))
    return session.scalars(query.execution_options(populate_existing=True)).all()


def cancel_job(session: Session, settings: AppSettings, person_id: str, job_id: str) -> Job:
    """Cancel the job: at once where it waits; where it runs, the worker ends it soon. A job that has ended stays as it is.

    Raises NotFound.
    """
    with writing(session):
        lock_person(session, person_id)
        job = get_job(session, person_id, job_id)
        request_cancel(session, job)
    release_files(session, settings, person_id)
    return job


def cancel_jobs(session: Session, work: Work) -> None:
    """Cancel the making of the work; inside a transaction that writes."""
    session.expire(work, ["jobs"])
    for job in work.jobs:
        if job.kind == work.kind:
            request_cancel(session, job)


def request_cancel(session: Session, job: Job) -> None:
    """Mark the job; inside a transaction that writes."""
    session.refresh(job, with_for_update=True)
    if job.state == "queued":
        job.state, job.cancel_requested, job.finished_at = "cancelled", True, now()
        append_event(session, job.id, "state", {"state": "cancelled"})
    elif job.state == "running" and not job.cancel_requested:
        job.cancel_requested = True
        append_event(session, job.id, "state", {"state": "running", "cancel_requested": True})
