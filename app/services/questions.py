"""Questions about a person's files that the worker answers while somebody looks on: each once, however often it is asked."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import LimitReached
from app.models import ACTIVE_STATES, Job, now
from core.work import WorkKind

#: Questions of one kind that a person may have waiting at the same time.
MOST_WAITING = 5
#: After how long a search that failed is begun again when somebody asks.
TRY_AGAIN = timedelta(minutes=10)
#: How much may lie behind a part that is taken to reach the end, in seconds: parts are kept to the thousandth.
ROUNDING_S = 0.001


def find_question(session: Session, key: str) -> Job | None:
    """What was asked before under that key, as the database has it now."""
    query = select(Job).where(Job.question_key == key)
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def is_to_be_tried_again(job: Job) -> bool:
    """Whether the search has failed, and that is some time ago, or was given up because nobody wanted it."""
    ended = job.finished_at is None or job.finished_at < now() - TRY_AGAIN
    return job.state == "cancelled" or (job.state == "failed" and ended)


def check_questions(session: Session, person_id: str, kind: WorkKind, code: str) -> None:
    """Raises LimitReached with that code where more of the person's questions of that kind wait than may."""
    query = select(func.count()).select_from(Job).where(Job.kind == kind.name, Job.person_id == person_id)
    if session.scalars(query.where(Job.state.in_(ACTIVE_STATES))).one() > MOST_WAITING:
        raise LimitReached(code, count=MOST_WAITING)
