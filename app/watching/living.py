"""Which workers live, which jobs each of them can do, and which jobs nobody can do.

Only a worker that has announced itself is bound by it: one whose abilities are not known takes whatever comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, object_session

from app.model_base import now
from app.models import Job
from app.watching.models import WorkerRow
from core.messages import Message, message
from jobs.abilities import Abilities
from jobs.workers import host_name
from pipeline.needs import Needs

#: A worker that has said nothing for so long is taken for gone.
GONE_S = 45.0
#: Where a session keeps who lives, for the time of one request.
KNOWN = "living_workers"
KNOWN_S = 1.0


def database_time(session: Session) -> datetime:
    """The database's own time: workers' clocks may be minutes apart."""
    if session.get_bind().dialect.name != "postgresql":
        return now()  # one machine
    found: datetime = session.execute(select(func.timezone("UTC", func.clock_timestamp()))).scalar_one()
    return found.replace(tzinfo=UTC)


def living_workers(session: Session) -> Sequence[WorkerRow]:
    """Who has announced itself within `GONE_S`, the oldest first; asked at most once a second in a session."""
    known: tuple[datetime, Sequence[WorkerRow]] | None = session.info.get(KNOWN)
    at = now()
    if known is None or not timedelta() <= at - known[0] < timedelta(seconds=KNOWN_S):
        since = database_time(session) - timedelta(seconds=GONE_S)
        query = select(WorkerRow).where(WorkerRow.seen_at >= since).order_by(WorkerRow.since, WorkerRow.name)
        known = session.info[KNOWN] = at, session.scalars(query.execution_options(populate_existing=True)).all()
    return known[1]


def can_do(abilities: Abilities | None) -> tuple[ColumnElement[bool], ...]:
    """That a job can be done with these abilities."""
    if abilities is None:
        return ()
    engines = or_(Job.engine == "", Job.engine.in_(sorted(abilities.engines)))
    card = () if abilities.cards else (Job.needs_card.is_(False),)
    memory = (Job.needs_memory_mb <= abilities.memory_mb,) if abilities.memory_mb else ()
    return Job.kind.in_(sorted(abilities.kinds)), engines, *card, *memory


def is_able(worker: WorkerRow, job: Job) -> bool:
    """Whether the worker can do the job: as `can_do` says to the database."""
    engine = not job.engine or job.engine in worker.engines
    card = bool(worker.cards) or not job.needs_card
    return job.kind in worker.kinds and engine and card and has_memory(worker, job)


def has_memory(worker: WorkerRow, job: Job) -> bool:
    """Whether the worker has the memory that the job needs, as far as it knows how much it has."""
    return not worker.memory_mb or job.needs_memory_mb <= worker.memory_mb


def why_nobody(job: Job) -> Message | None:
    """Why a job that waits is done by nobody who lives; None where somebody can do it, or it does not wait."""
    session = object_session(job)
    if job.state != "queued" or session is None:
        return None
    workers = living_workers(session)
    if not workers:
        return message("app.no_worker_lives")
    if any(is_able(worker, job) for worker in workers):
        return None
    if job.needs_card and not any(worker.cards for worker in workers):
        return message("app.no_worker_has_card")
    if job.engine and not any(job.engine in worker.engines for worker in workers):
        return message("app.no_worker_has_engine", engine=job.engine)
    if not any(has_memory(worker, job) for worker in workers):
        return message("app.no_worker_has_memory", memory=job.needs_memory_mb)
    return message("app.no_worker_can")


def undoable(session: Session) -> int:
    """How many jobs wait that people take turns for and that nobody who lives can do."""
    needs = (Job.kind, Job.engine, Job.needs_card, Job.needs_memory_mb)  # jobs that need the same are looked at once
    rows = session.execute(select(*needs, func.count()).where(Job.state == "queued", Job.turn == "fair").group_by(*needs)).all()
    workers, count = living_workers(session), 0
    for kind, engine, card, memory_mb, jobs in rows:
        job = Job(kind=kind, engine=engine, needs_card=card, needs_memory_mb=memory_mb)
        count += 0 if any(is_able(worker, job) for worker in workers) else jobs
    return count


def somebody_has(session: Session, engine: str) -> bool:
    """Whether a living worker has the engine, wherever."""
    return any(engine in worker.engines for worker in living_workers(session))


def somebody_does(session: Session, kind: str, needs: Needs) -> bool:
    """Whether a living worker on another machine than this, which lacks something, can do work of that kind with those needs."""
    job = Job(kind=kind, engine=needs.engine, needs_card=needs.card, needs_memory_mb=needs.memory_mb)
    here = host_name()
    return any(worker.machine != here and is_able(worker, job) for worker in living_workers(session))
