"""What happened to a job, in order. The numbers rise, so that a listener who was away asks for what came since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.database import queue_news, writing
from app.models import JobEvent


def append_event(session: Session, job_id: str, kind: str, data: Mapping[str, Any]) -> JobEvent:
    """Write down an event; a part of the transaction that is open, or one of its own."""
    with writing(session):
        event = JobEvent(job_id=job_id, kind=kind, data=dict(data))
        session.add(event)
        session.flush()
        queue_news(session, job_id)
    return event


def events_since(session: Session, job_id: str, last_id: int = 0, limit: int = 200) -> Sequence[JobEvent]:
    """The events after `last_id`, oldest first, at most `limit`."""
    query = select(JobEvent).where(JobEvent.job_id == job_id, JobEvent.id > last_id)
    return session.scalars(query.order_by(JobEvent.id).limit(limit)).all()


def forget_progress(session: Session, job_id: str) -> None:
    """Drop the job's progress events: once it has ended nobody needs them."""
    with writing(session):
        session.execute(delete(JobEvent).where(JobEvent.job_id == job_id, JobEvent.kind == "progress"))
