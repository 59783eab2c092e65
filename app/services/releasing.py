"""Destroys what was deleted, once no film in the making needs it: rows, files, and what the stages made from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Row, Text, and_, cast, delete, exists, or_, select
from sqlalchemy.orm import Session

from app.database import writing
from app.link_models import ShareLink
from app.models import ACTIVE_STATES, Asset, Clip, IdempotencyKey, Job, JobEvent, JobInput, Picture, Upload, Work, WorkInput
from app.services.erasure import forget_stages, mark_erased, scrub
from app.services.glimpses import glimpses_of
from app.services.hiding import is_due
from app.settings import AppSettings
from app.shelf_models import AlbumAsset, AlbumWork, AssetTag, WorkTag
from core.errors import BelcantoError
from core.work import SIGNED
from pipeline.work_kinds import kind_named
from provenance.ledger import film_account_path

#: A job that is at work, or will be when its turn comes, and an asset that such a one works on; other jobs hold nothing.
AT_WORK = or_(Job.state == "running", and_(Job.state == "queued", Job.turn == "fair"))
HELD = exists().where(JobInput.asset_id == Asset.id, JobInput.job_id == Job.id, AT_WORK)
#: An asset that a work tells it was made of.
NAMED = exists().where(WorkInput.asset_id == Asset.id)


@dataclass
class Released:
    """What goes. paths: of files. owners: row id -> person, for what else tells of the rows."""

    paths: list[Path] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)


def release_files(session: Session, settings: AppSettings, person_id: str | None = None) -> int:
    """Destroy what was deleted and no active job needs; works keep a row of what they were made of.

    To be called whenever a job has ended. person_id: only that person's. Returns how many files went. What the stages made goes
    before the rows by which it is found, and files after their rows say so: what a crash leaves between the two, a sweep finds.
    """
    released = release(session, settings, person_id)
    if released.owners:
        scrub(session, settings, at_once=True)
    return len(released.paths)


def release(session: Session, settings: AppSettings, person_id: str | None) -> Released:
    """The same for whoever has the databases written anew afterwards (`scrub`). Gives what went."""
    held = forget_contents(session, settings, person_id)
    released = Released()
    with writing(session):
        release_works(session, settings, person_id, held, released)
        release_assets(session, settings, person_id, held, released)
        forget_mentions(session, released)
        if released.owners:
            mark_erased(settings)
    for path in released.paths:
        settings.vault.files.remove(path)
    return released


def forget_contents(session: Session, settings: AppSettings, person_id: str | None) -> set[str]:
    """Remove what the stages made from deleted assets, unless somebody else has the same content, and from deleted works' texts.

    Returns the ids of those of which something is still in use: they wait for another time.
    """
    works = [(work.id, work.person_id, contents_of(work)) for work in deleted_works(session, person_id)]
    going = [(row.id, row.person_id, row.sha256) for row, _ in deleted(session, person_id) if row.has_file]
    query = select(Asset.person_id, Asset.sha256).where(Asset.has_file, Asset.id.not_in([row_id for row_id, _, _ in going]))
    staying = session.execute(query.where(Asset.sha256.in_({content for _, _, content in going}))).all()
    session.commit()
    held = {work_id for work_id, owner, contents in works if not forget_stages(settings, owner, contents)}
    others = {content for _, content in staying}
    for owner in {owner for _, owner, _ in going}:
        kept = {content for staying_owner, content in staying if staying_owner == owner}
        mine = {row_id: content for row_id, row_owner, content in going if row_owner == owner and content not in kept}
        if not forget_stages(settings, owner, set(mine.values()), others):
            held |= set(mine)
    return held


def contents_of(work: Work) -> frozenset[str]:
    """The digests of what its options hold; none where nobody knows its kind any more, or its options."""
    kind = kind_named(work.kind)
    try:
        return frozenset() if kind is None else kind.contents(work.options)
    except (BelcantoError, KeyError):
        return frozenset()


def deleted(session: Session, person_id: str | None) -> Sequence[Row[Asset, bool]]:
    """Erased assets with something to let go of, that nobody is at work on; each with whether a work names it."""
    query = select(Asset, NAMED).where(is_due(Asset), ~HELD, or_(Asset.has_file, ~NAMED))
    return session.execute(query if person_id is None else query.where(Asset.person_id == person_id)).all()


def deleted_works(session: Session, person_id: str | None) -> Sequence[Work]:
    """Erased works that are not being made."""
    active = exists().where(Job.work_id == Work.id, Job.state.in_(ACTIVE_STATES), Job.kind == Work.kind)
    query = select(Work).where(is_due(Work), ~active)
    return session.scalars(query if person_id is None else query.where(Work.person_id == person_id)).all()


def release_works(session: Session, settings: AppSettings, person_id: str | None, held: set[str], released: Released) -> None:
    """Drop the deleted works that are not being made, but for those `held`, with their jobs."""
    for work in [work for work in deleted_works(session, person_id) if work.id not in held]:
        released.owners[work.id] = work.person_id
        jobs = session.scalars(select(Job).where(Job.work_id == work.id)).all()
        files = [work.files, *(job.files for job in jobs)]
        released.paths += [settings.results.path(name) for each in files for name in each.values()]
        released.paths += glimpses_of(settings, work.id)
        released.paths += accounts_of(settings, [work.figures, *(job.result for job in jobs)])
        drop_jobs(session, Job.work_id == work.id)
        for linked in (WorkInput, AlbumWork, WorkTag, ShareLink):
            session.execute(delete(linked).where(linked.work_id == work.id).execution_options(synchronize_session=False))
        session.execute(delete(Work).where(Work.id == work.id).execution_options(synchronize_session=False))
        for row in (*jobs, work):
            session.expunge(row)


def accounts_of(settings: AppSettings, told: Sequence[Mapping[str, Any] | None]) -> list[Path]:
    """What was kept of the signed films that works' figures and jobs' results tell of: it goes with the films."""
    numbers = [number for each in told if each for number in each.get(SIGNED, ())]
    return [film_account_path(number, settings.signing_dir) for number in numbers]


def drop_jobs(session: Session, which: ColumnElement[bool]) -> None:
    """Delete the rows of jobs, and what hangs on them."""
    jobs = session.scalars(select(Job.id).where(which)).all()
    for column in (JobEvent.job_id, JobInput.job_id, Job.id):
        session.execute(delete(column.class_).where(column.in_(jobs)).execution_options(synchronize_session=False))


def release_assets(session: Session, settings: AppSettings, person_id: str | None, held: set[str], released: Released) -> None:
    """Let go of deleted assets, but for those `held`."""
    for row, is_named in deleted(session, person_id):
        if row.id in held:
            continue
        released.owners[row.id] = row.person_id
        if row.has_file:
            released.paths += [settings.uploads.path(row.file_name), *glimpses_of(settings, row.id)]
            row.has_file = False
        if isinstance(row, Picture | Clip) and not is_named:
            released.paths.append(settings.uploads.path(row.thumb_name))
        heard = select(JobInput.job_id).where(JobInput.asset_id == row.id)
        about = and_(Job.work_id.is_(None), Job.id.in_(heard))
        files = session.scalars(select(Job.files).where(about)).all()
        released.paths += [settings.results.path(name) for each in files for name in each.values()]
        drop_jobs(session, about)
        for linked in (AlbumAsset, AssetTag):
            session.execute(delete(linked).where(linked.asset_id == row.id).execution_options(synchronize_session=False))
        if not is_named:
            session.delete(row)


def forget_mentions(session: Session, released: Released) -> None:
    """Drop what else tells of the rows: the uploads that they were, and answers that are kept for requests that come again."""
    session.execute(delete(Upload).where(Upload.result_id.in_(released.owners)))
    answer = cast(IdempotencyKey.response_json, Text)
    for row_id, person_id in released.owners.items():
        session.execute(delete(IdempotencyKey).where(IdempotencyKey.person_id == person_id, answer.contains(row_id)))
