"""Works of any kind: ordered, looked at, deleted. What the kinds are, `pipeline/work_kinds.py` says."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.database import writing
from app.errors import NotFound, Refused
from app.models import ACTIVE_STATES, Asset, Clip, Job, Picture, Work, WorkInput, now
from app.services.consent import check_consent
from app.services.hiding import bring_back, erase, hide, make_way_for_works
from app.services.jobs import cancel_jobs, queue_job
from app.services.library import file_of, get_own, get_unerased, lock_person, rename_row, restore_row
from app.services.listing import Page, Sort, Within, list_page
from app.services.quotas import check_disk, check_waiting, check_works
from app.services.releasing import drop_jobs, release_files
from app.services.spoken import folded_words
from app.services.titles import clean_title, fold
from app.settings import AppSettings
from app.watching.living import somebody_does
from core.work import WorkKind
from pipeline.needs import needs_of

OrderedWork = tuple[Work, bool]
#: The option by which a film bears the visible label.
LABEL = "label"
logger = logging.getLogger(__name__)


def order_work(
    session: Session,
    settings: AppSettings,
    person_id: str,
    kind: WorkKind,
    asset_ids: Mapping[str, str],
    options: Mapping[str, Any] | None = None,
) -> OrderedWork:
    """Order a work of any kind of the person's assets, by role; gives it, and whether a job was queued for it.

    The same order again gives the work that is there. Raises NotFound, InputError for options that don't fit, Refused for roles
    that are not the kind's or what this machine can't do, LimitReached where too much waits.
    """
    settled = kind.settled(options or {})
    if (lack := kind.lacking(settled)) is not None and not somebody_does(session, kind.name, needs_of(settled)):
        logger.warning("an order can't be carried out here: %s", lack)  # visitors are not told which command helps
        raise Refused(lack)
    assets = {role: get_asset(session, settings, person_id, kind, role, asset_id) for role, asset_id in asset_ids.items()}
    if missing := sorted(kind.needed - set(assets)):
        raise Refused("app.role_missing", role=missing[0])
    with writing(session):
        lock_person(session, person_id)
        ordered = place(session, settings, kind, assets, settled, question_key(kind.name, asset_ids, settled))
        check_quotas_for_works(session, settings, person_id, ordered[1])
    release_files(session, settings, person_id)
    return ordered


def get_asset(session: Session, settings: AppSettings, person_id: str, kind: WorkKind, role: str, asset_id: str) -> Asset:
    """The person's asset for that role. Raises NotFound, and Refused where it does not fit the role."""
    asset: Asset = get_own(session, Asset, person_id, asset_id)
    if kind.inputs.get(role) != asset.kind:
        raise Refused("app.role_takes_another_kind", role=role)
    file_of(settings, asset)
    return asset


def check_quotas_for_works(session: Session, settings: AppSettings, person_id: str, created: bool) -> None:
    """Raises LimitReached or StorageFull where a new job is more than may be. Inside a transaction that writes."""
    session.flush()
    if created:
        check_waiting(session, settings, person_id)
        check_works(session, settings, person_id)
        make_way_for_works(session, settings, person_id)
        check_disk(settings)


def question_key(kind: str, asset_ids: Mapping[str, str], options: Mapping[str, Any]) -> str:
    """Hash of what is asked: the same kind, inputs and options give the same."""
    return hashlib.sha256(json.dumps([kind, dict(asset_ids), dict(options)], sort_keys=True).encode()).hexdigest()


def place(
    session: Session, settings: AppSettings, kind: WorkKind, assets: Mapping[str, Asset], options: Mapping[str, Any], key: str
) -> OrderedWork:
    """The work of that order: the one that is there, made anew where it has to be, or a new one. Inside a writing transaction."""
    check_consent(kind, assets)
    if settings.labels_films and LABEL in kind.option_names:
        options = {**options, LABEL: True}
    person_id = next(iter(assets.values())).person_id
    query = select(Work).where(Work.person_id == person_id, Work.order_key == key)
    work = session.scalars(query.options(selectinload(Work.jobs)).execution_options(populate_existing=True)).one_or_none()
    if work is None:
        named = kind.titled(options) or " · ".join(assets[role].title for role in kind.inputs if role in assets)
        title = clean_title(named, settings.limits.title_characters)
        work = Work(person_id=person_id, kind=kind.name, title=title, search_text=fold(title), options=dict(options))
        work.words_text = folded_words(options, None)
        work.order_key, work.files, work.jobs = key, {}, []
        work.inputs = {role: WorkInput(role=role, asset=asset) for role, asset in assets.items()}
        session.add(work)
    elif not is_erased(work) and is_standing(settings, kind, work):
        bring_back(work)  # it may have been deleted a short while ago
        return work, False
    else:
        work.created_at = now()
        bring_back(work)
        forget_findings(session, settings, work)
        work.files, work.size_bytes, work.figures = {}, None, None
    work.jobs.insert(0, queue_job(session, kind, assets, options, work))
    session.flush()
    return work, True


def forget_findings(session: Session, settings: AppSettings, work: Work) -> None:
    """Drop what was found out about a work that is made anew. Inside a transaction that writes."""
    for job in [job for job in work.jobs if job.kind != work.kind]:
        if job.state == "running":
            job.cancel_requested = True
            continue
        work.jobs.remove(job)
        for name in job.files.values():
            settings.results.remove(name)
        drop_jobs(session, Job.id == job.id)
        session.expunge(job)


def get_work(session: Session, person_id: str, work_id: str) -> Work:
    """The work as the database has it now. Raises NotFound."""
    session.get(Work, work_id, populate_existing=True, options=[selectinload(Work.jobs)])
    return get_own(session, Work, person_id, work_id)


def list_works(
    session: Session,
    person_id: str,
    search: str = "",
    cursor: str | None = None,
    limit: int = 50,
    kind: WorkKind | None = None,
    among: Collection[str] | None = None,
    but: Collection[str] = (),
    sort: Sort = "newest",
    within: Within = (),
) -> Page[Work]:
    """The person's works that hold every word of `search` in their titles, or in what is said or sung in them.

    kind, among: of that kind alone, or of kinds of those names. but: of no kind of these names.
    Raises Refused for a cursor that is unknown in that order.
    """
    query = select(Work).where(Work.person_id == person_id, Work.deleted_at.is_(None))
    if kind is not None:
        query = query.where(Work.kind == kind.name)
    if among is not None:
        query = query.where(Work.kind.in_(among))
    if but:
        query = query.where(Work.kind.not_in(but))
    loaded = query.options(selectinload(Work.jobs)).execution_options(populate_existing=True)
    return list_page(session, loaded, Work, search, cursor, limit, sort, within)


def rename_work(session: Session, settings: AppSettings, person_id: str, work_id: str, title: str) -> Work:
    """Raises NotFound, and Refused for an empty title."""
    return rename_row(session, settings, Work, person_id, work_id, title)


def hide_work(session: Session, settings: AppSettings, person_id: str, work_id: str) -> Work:
    """Delete the work so that it can be brought back for a day; its making is cancelled. Raises NotFound."""
    with writing(session):
        lock_person(session, person_id)
        work = get_work(session, person_id, work_id)
        hide(work)
        cancel_jobs(session, work)
    release_files(session, settings, person_id)  # what it was made of may only have waited for it
    return work


def restore_work(session: Session, person_id: str, work_id: str) -> Work:
    """Bring it back as far as it was made. Raises NotFound."""
    restore_row(session, Work, person_id, work_id)
    return get_work(session, person_id, work_id)


def delete_work(session: Session, settings: AppSettings, person_id: str, work_id: str) -> None:
    """Destroy the work, hidden or not; its making is cancelled, and what it was made of goes too where that was deleted.

    Raises NotFound.
    """
    with writing(session):
        lock_person(session, person_id)
        work = get_unerased(session, Work, person_id, work_id)
        erase(work)
        cancel_jobs(session, work)
    release_files(session, settings, person_id)


def work_file(settings: AppSettings, work: Work, role: str) -> Path:
    """The file that was made in that role. Raises NotFound where it is not there, or not yet."""
    name = work.files.get(role)
    if name is None or not settings.results.has(name):
        raise NotFound("app.file_not_there_yet")
    return settings.results.path(name)


def thumb_file(settings: AppSettings, work: Work) -> Path:
    """The small JPEG of the picture or film that it was made of, which stays though that was deleted.

    Raises NotFound where it was made of neither, or the JPEG is gone.
    """
    for each in work.inputs.values():
        if isinstance(each.asset, Picture | Clip) and settings.uploads.has(each.asset.thumb_name):
            return settings.uploads.path(each.asset.thumb_name)
    raise NotFound("app.file_not_there_yet")


def is_erased(work: Work) -> bool:
    """Whether the work is about to be destroyed."""
    return work.erase_at is not None and work.erase_at <= now()


def is_standing(settings: AppSettings, kind: WorkKind, work: Work) -> bool:
    """Whether the work is there or on its way."""
    job = work.job
    if job.state == "done":
        complete = bool(work.files) or set(kind.outputs) <= set(kind.as_needed)
        return complete and all(settings.results.has(name) for name in work.files.values())
    return job.state in ACTIVE_STATES and not job.cancel_requested
