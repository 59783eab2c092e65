"""What is made of a finished film when somebody asks for it: other shapes, loops, its motion, its stems. Kept for a while."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.database import writing
from app.errors import LimitReached, NotFound, Refused
from app.models import ACTIVE_STATES, Asset, Job, Song, Work, now
from app.services.jobs import queue_job
from app.services.library import file_of, lock_person
from app.services.previews import forget, remove
from app.services.quotas import check_disk
from app.services.releasing import drop_jobs
from app.services.works import get_work
from app.settings import AppSettings
from core.work import WorkKind
from pipeline.works.film_looks import FILM_LOOKS
from pipeline.works.film_loop import FILM_LOOP
from pipeline.works.film_motion import FILM_MOTION
from pipeline.works.film_shape import FILM_SHAPE
from pipeline.works.film_stems import FILM_STEMS
from pipeline.works.film_words import FILM_WORDS
from pipeline.works.song_to_film import SONG_TO_FILM

logger = logging.getLogger(__name__)

#: What can be made of a film, by name.
EXPORTS: Mapping[str, WorkKind] = {
    kind.name: kind for kind in (FILM_SHAPE, FILM_LOOP, FILM_MOTION, FILM_STEMS, FILM_LOOKS, FILM_WORDS)
}
#: The role of a film that was made, among its work's files.
FILM = "film"
#: The style of words under a film that shows none.
NO_WORDS = "none"
#: How long it is kept after it was made; asked for again, it is made anew.
KEPT = timedelta(days=1)
#: So many may be on their way for one person, and after so many seconds whoever was refused may ask again.
MOST_AT_ONCE, RETRY_AFTER_S = 6, 10


def exports_of(work: Work) -> list[WorkKind]:
    """What can be made of the work; nothing where it holds no film, or not yet."""
    if FILM not in work.files:
        return []
    left_out = set() if sings(work) else {FILM_STEMS.name}
    left_out |= set() if has_words(work) else {FILM_WORDS.name}
    return [kind for name, kind in EXPORTS.items() if name not in left_out]


def sings(work: Work) -> bool:
    """Whether it is the film of a song, from which the voice can be taken."""
    return work.kind == SONG_TO_FILM.name


def has_words(work: Work) -> bool:
    """Whether it is the film of a song that shows its words."""
    shown = work.options.get("lyrics_style", NO_WORDS) != NO_WORDS or bool(work.options.get("lyrics_track"))
    return sings(work) and shown


def ask_export(
    session: Session, settings: AppSettings, person_id: str, work_id: str, name: str, options: Mapping[str, Any]
) -> Job:
    """The job that makes it: done, or from now on waiting; the same again is the same job, one that failed is tried again.

    Raises NotFound; Refused for what can't be made of this film, while it is being made, or where what it needs was deleted or
    is not on this machine; InputError for options that don't fit; LimitReached, StorageFull.
    """
    kind = EXPORTS.get(name)
    if kind is None:
        raise NotFound("app.export_unknown")
    with writing(session):
        lock_person(session, person_id)
        work = get_work(session, person_id, work_id)
        if work.job.state in ACTIVE_STATES or FILM not in work.files:
            raise Refused("app.film_not_there_yet")
        if kind not in exports_of(work):
            raise Refused("app.export_not_of_this")
        settled = kind.settled({**told_by(work, kind), **options})
        if (lack := kind.lacking(settled)) is not None:
            logger.warning("what is asked of a film can't be made here: %s", lack)  # visitors are not told which setting helps
            raise Refused(lack)
        job = next((each for each in work.jobs if each.kind == kind.name and each.options == settled), None)
        if job is not None and is_standing(settings, job):
            return job
        if job is not None:
            work.jobs.remove(job)
            drop_jobs(session, Job.id == job.id)
            session.expunge(job)
        check_at_once(session, person_id)
        job = queue_job(session, kind, inputs_of(settings, work, kind), settled, work)
        check_disk(settings)
    return job


def told_by(work: Work, kind: WorkKind) -> dict[str, Any]:
    """What the film's own options say of it."""
    if not sings(work):
        return {}
    if kind is FILM_MOTION:
        return dict(work.options)
    if kind is FILM_WORDS and work.options.get("lyrics"):
        return {"words": work.options["lyrics"], **part_of(work)}
    if kind in (FILM_STEMS, FILM_WORDS):
        return part_of(work)
    face = work.options.get("face")
    return {"face": face} if kind is FILM_SHAPE and face else {}


def part_of(work: Work) -> dict[str, Any]:
    """Which part of its song the film takes."""
    names = ("start_s", "duration_s")
    return {name: work.options[name] for name in names if work.options.get(name) is not None}


def inputs_of(settings: AppSettings, work: Work, kind: WorkKind) -> dict[str, Asset]:
    """The assets that it needs beside the film, which is the work's. Raises NotFound where one was deleted."""
    roles = [role for role in kind.inputs if role != FILM and role in work.inputs]
    assets = {role: work.inputs[role].asset for role in roles if isinstance(work.inputs[role].asset, Song)}
    for asset in assets.values():
        file_of(settings, asset)
    return assets or {}


def check_at_once(session: Session, person_id: str) -> None:
    """Raises LimitReached where the person has as many under way as one may."""
    query = select(func.count()).select_from(Job).where(Job.person_id == person_id, Job.kind.in_(EXPORTS))
    if session.scalars(query.where(Job.state.in_(ACTIVE_STATES))).one() >= MOST_AT_ONCE:
        error = LimitReached("app.most_exports", count=MOST_AT_ONCE)
        error.retry_after_s = RETRY_AFTER_S
        raise error


def get_export(session: Session, person_id: str, work_id: str, export_id: str) -> Job:
    """The job as the database has it now. Raises NotFound."""
    work = get_work(session, person_id, work_id)
    job = next((each for each in work.jobs if each.id == export_id and each.kind in EXPORTS), None)
    if job is None:
        raise NotFound("app.no_such_export")
    return job


def standing_exports(settings: AppSettings, work: Work) -> Sequence[Job]:
    """What was made of the work, or is being made, newest first."""
    return [job for job in work.jobs if job.kind in EXPORTS and is_standing(settings, job)]


def export_file(settings: AppSettings, job: Job, role: str) -> Path:
    """A file that was made. Raises NotFound where it is not there, or not yet."""
    name = job.files.get(role)
    if name is None or not settings.results.has(name):
        raise NotFound("app.no_such_export")
    return settings.results.path(name)


def is_standing(settings: AppSettings, job: Job) -> bool:
    """Whether it is there or on its way."""
    if job.state == "done":
        return bool(job.files) and all(settings.results.has(name) for name in job.files.values())
    return job.state in ACTIVE_STATES and not job.cancel_requested


def drop_old_exports(session: Session, settings: AppSettings) -> int:
    """Let go of what was made of films a while ago. Returns how many files went."""
    with writing(session):
        old = Job.state.not_in(ACTIVE_STATES) & (Job.finished_at < now() - KEPT)
        paths = forget(session, settings, old, tuple(EXPORTS))
    return remove(settings, paths)
