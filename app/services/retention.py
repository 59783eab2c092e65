"""How long things are kept that nobody deletes, where the server sets a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from app.database import writing
from app.key_models import DataKeyRow
from app.models import ACTIVE_STATES, Asset, Job, JobInput, Person, Upload, Work, WorkInput, now
from app.services.belongings import BELONGINGS
from app.services.hiding import erase
from app.settings import AppSettings

#: A person of whom nothing is kept is forgotten after so long.
FORGOTTEN = timedelta(days=1)


def erase_expired(session: Session, settings: AppSettings) -> int:
    """Erase what is kept for longer than `keep_days`: how many. `release_files` then destroys them.

    Works count from when they were made, and what people gave from when it was given or something was made of it last.
    """
    if not settings.keep_days:
        return 0
    since, count = now() - timedelta(days=settings.keep_days), 0
    with writing(session):
        for row in expired(session, since):
            erase(row)
            count += 1
    return count


def expired(session: Session, since: datetime) -> Iterator[Asset | Work]:
    """What nobody has made, given or used since then, and nobody is at work on."""
    active = Job.state.in_(ACTIVE_STATES)
    made = select(Work).where(Work.deleted_at.is_(None), Work.created_at < since)
    yield from session.scalars(made.where(~exists().where(Job.work_id == Work.id, active))).all()
    used = exists().where(WorkInput.asset_id == Asset.id, WorkInput.work_id == Work.id, Work.created_at >= since)
    worked_on = exists().where(JobInput.asset_id == Asset.id, JobInput.job_id == Job.id, active)
    given = select(Asset).where(Asset.deleted_at.is_(None), Asset.has_file, Asset.created_at < since)
    yield from session.scalars(given.where(~used, ~worked_on)).all()


def forget_keys(session: Session, person_id: str | None = None) -> None:
    """Destroy the keys of those who keep nothing any more: copies of their files, wherever they lie, can be read by nobody then.

    person_id: of that one alone, at once; else of visitors who are forgotten. Inside a transaction that writes.
    """
    if person_id is None:
        which = [~exists().where(Person.id == DataKeyRow.person_id), DataKeyRow.created_at < now() - FORGOTTEN]
    else:
        which = [~exists().where(model.person_id == DataKeyRow.person_id) for model in (Asset, Work, Job, Upload)]
        which.append(DataKeyRow.person_id == person_id)
    session.execute(delete(DataKeyRow).where(*which).execution_options(synchronize_session=False))


def forget_people(session: Session, person_id: str | None = None) -> int:
    """Drop people's rows on which nothing hangs any more; how many. Inside a transaction that writes.

    person_id: that one alone, at once; else those that are older than `FORGOTTEN`.
    """
    forget_keys(session, person_id)
    apart = (Person, DataKeyRow)
    hanging = [each.model for each in BELONGINGS if each.model not in apart and hasattr(each.model, "person_id")]
    which = [~exists().where(model.person_id == Person.id) for model in hanging]
    which.append(Person.created_at < now() - FORGOTTEN if person_id is None else Person.id == person_id)
    gone = session.execute(delete(Person).where(*which).execution_options(synchronize_session=False))
    return int(gone.rowcount)  # type: ignore[attr-defined]
