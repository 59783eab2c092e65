"""The order in which a person's jobs are done: as they were ordered, unless the person put one before another.

Jobs that change places change the times by which they wait: the person's turn among others comes neither sooner nor later.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from app.database import writing
from app.errors import NotFound, Refused
from app.models import Job, Work
from app.services.events import append_event
from app.services.jobs import get_job
from app.services.library import lock_person

#: The least by which two places differ.
STEP = timedelta(microseconds=1)


def place() -> ColumnElement[datetime]:
    """By when a job waits: as it was put, else as it was ordered."""
    found: ColumnElement[datetime] = func.coalesce(Job.place_at, Job.queued_at)
    return found


def waiting_jobs(session: Session, person_id: str) -> Sequence[Job]:
    """The person's jobs that wait for their turn, in their order, with their works."""
    query = select(Job).join(Work, Work.id == Job.work_id).where(Job.person_id == person_id, Work.deleted_at.is_(None))
    query = query.where(Job.state == "queued", Job.turn == "fair", Job.kind == Work.kind).order_by(place(), Job.id)
    return session.scalars(query.options(joinedload(Job.work)).execution_options(populate_existing=True)).unique().all()


def move_job(session: Session, person_id: str, job_id: str, before_id: str | None) -> Sequence[Job]:
    """Put a job that waits before another one of the person's, or behind all of them; gives all that wait in their new order.

    Raises NotFound for a job that is not the person's, Refused for one that does not wait.
    """
    with writing(session):
        lock_person(session, person_id)
        get_job(session, person_id, job_id)
        ids = [job.id for job in waiting_jobs(session, person_id)]
        locked = select(Job).where(Job.id.in_(ids), Job.state == "queued").order_by(place(), Job.id).with_for_update(of=Job)
        waiting = list(session.scalars(locked.execution_options(populate_existing=True)))
        moved = next((job for job in waiting if job.id == job_id), None)
        if moved is None:
            raise Refused("app.job_does_not_wait")
        put(session, waiting, moved, before_id)
    return waiting_jobs(session, person_id)


def put(session: Session, waiting: Sequence[Job], moved: Job, before_id: str | None) -> None:
    """Give the jobs each other's places. Inside a transaction that writes."""
    places = [job.place_at or job.queued_at for job in waiting]
    order = [job for job in waiting if job is not moved]
    index = next((index for index, job in enumerate(order) if job.id == before_id), len(order) if before_id is None else -1)
    if index < 0 and before_id != moved.id:
        raise NotFound("app.no_such_job")
    if before_id == moved.id:
        return
    order.insert(index, moved)
    last: datetime | None = None
    for job, at in zip(order, places, strict=True):
        last = at if last is None or at > last else last + STEP
        if (job.place_at or job.queued_at) != last:
            job.place_at = last
            append_event(session, job.id, "state", {"state": "queued"})
