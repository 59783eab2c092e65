"""Whether work moves: jobs that a worker could take are not left lying, and what is under way goes on."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import Job, JobEvent
from app.watching.living import database_time, is_able, living_workers


def stuck_because(session: Session, stuck_s: float) -> str:
    """Why work does not move, as a sentence for the operator; empty where it does, or there is none.

    It does not move where a job has waited for `stuck_s` that a living worker could take, or that none could, while in all that
    time no job was begun, ended or told progress.
    """
    since = database_time(session) - timedelta(seconds=stuck_s)
    waiting = select(Job).where(Job.state == "queued", Job.turn == "fair", Job.queued_at < since, Job.cancel_requested.is_(False))
    jobs = session.scalars(waiting.order_by(Job.queued_at).limit(200)).all()
    if not jobs or has_moved(session, since):
        return ""
    workers = living_workers(session)
    wait = f"have waited for over {stuck_s / 60:g} minutes, and"
    if not workers:
        return f"{len(jobs)} jobs {wait} no worker lives"
    able = sum(any(is_able(worker, job) for worker in workers) for job in jobs)
    if able:
        return f"{able} jobs {wait} none of the {len(workers)} workers that live has taken any"
    return f"{len(jobs)} jobs {wait} none of the {len(workers)} workers that live can do them"


def has_moved(session: Session, since: datetime) -> bool:
    """Whether a job was begun or ended since then, or one under way told progress."""
    begun = session.scalar(select(func.count()).where(Job.started_at >= since))
    ended = session.scalar(select(func.count()).where(Job.finished_at >= since, Job.state.in_(("done", "failed"))))
    running = select(Job.id).where(Job.state == "running")
    told = select(func.count()).where(JobEvent.job_id.in_(running), JobEvent.kind == "progress", JobEvent.at >= since)
    return bool(begun or ended or session.scalar(told))
