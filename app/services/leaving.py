"""A person takes everything along, or leaves: all that is kept of them, as one zip, or gone at once."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, selectinload

from app.database import writing
from app.models import Asset, Job, Upload, Work, now
from app.services.belongings import BELONGINGS, everything_about
from app.services.bundles import Bundled, paths_of, unique
from app.services.erasure import mark_erased, scrub
from app.services.hiding import erase
from app.services.jobs import request_cancel
from app.services.keeping import remove_uploads
from app.services.library import lock_person
from app.services.releasing import drop_jobs, release
from app.services.retention import forget_people
from app.settings import AppSettings

#: The file of the zip that holds all rows.
ROWS_FILE = "everything.json"
#: Folders of the zip.
GIVEN, MADE, ALONG = "given", "made", "made along the way"


def everything_files(session: Session, settings: AppSettings, person_id: str) -> list[Bundled]:
    """All files of the person, deleted ones that can be brought back too, and all rows as JSON."""
    rows = json.dumps(everything_about(session, person_id), ensure_ascii=False, indent=1, default=str).encode()
    files = [Bundled(partial(io.BytesIO, rows), ROWS_FILE, len(rows), now())]
    taken: set[str] = set()
    given = select(Asset).where(Asset.person_id == person_id).order_by(Asset.created_at, Asset.id)
    made = select(Work).where(Work.person_id == person_id).order_by(Work.created_at, Work.id)
    assets: Sequence[Any] = session.scalars(given).all()
    works: Sequence[Any] = session.scalars(made).all()
    for folder, things in ((GIVEN, assets), (MADE, works)):
        for row in things:
            for path, told in paths_of(settings, row):
                if settings.vault.has(path):
                    name = f"{folder}/{unique(told, path.suffix, taken, folder)}"
                    files.append(Bundled.of_file(settings.vault, path, name, row.created_at))
    for job in session.scalars(select(Job).where(Job.person_id == person_id).order_by(Job.queued_at, Job.id)):
        for file_name in (name for name in job.files.values() if settings.results.has(name)):
            path = settings.results.path(file_name)
            name = f"{ALONG}/{unique(job.kind, path.suffix, taken, ALONG)}"
            files.append(Bundled.of_file(settings.vault, path, name, job.queued_at))
    return files


def erase_everything(session: Session, settings: AppSettings, person_id: str) -> bool:
    """Erase all that is kept of the person: rows, files, what the stages made of them; an account stays, empty.

    What is being made is cancelled; what its worker still holds goes when that has let go of it, which `release_files` sees to.
    Returns whether all of it is gone.
    """
    with writing(session):
        lock_person(session, person_id)
        for job in session.scalars(select(Job).where(Job.person_id == person_id).options(selectinload(Job.inputs))):
            request_cancel(session, job)
        for work in session.scalars(select(Work).where(Work.person_id == person_id)):
            erase(work)
        for asset in session.scalars(select(Asset).where(Asset.person_id == person_id)):
            erase(asset)
        uploads = session.scalars(select(Upload.id).where(Upload.person_id == person_id)).all()
        for belonging in BELONGINGS:
            if belonging.at_once:
                session.execute(
                    delete(belonging.model).where(belonging.of(person_id)).execution_options(synchronize_session=False)
                )
        mark_erased(settings)
    session.expire_all()
    remove_uploads(settings, uploads)
    release(session, settings, person_id)
    forget_jobs(session, settings, person_id)
    with writing(session):
        forget_people(session, person_id)
        mark_erased(settings)
    scrub(session, settings, at_once=True)
    left = [select(model.id).where(model.person_id == person_id).limit(1) for model in (Work, Asset, Job)]
    return all(session.scalars(query).first() is None for query in left)


def forget_jobs(session: Session, settings: AppSettings, person_id: str) -> None:
    """Drop the person's jobs that made no work and have ended, with their files."""
    with writing(session):
        jobs = session.scalars(select(Job).where(Job.person_id == person_id, Job.work_id.is_(None), Job.state != "running")).all()
        paths = [settings.results.path(name) for job in jobs for name in job.files.values()]
        drop_jobs(session, Job.id.in_([job.id for job in jobs]))
        for job in jobs:
            session.expunge(job)
    for path in paths:
        settings.vault.files.remove(path)
