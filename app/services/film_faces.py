"""The people in a person's clips: found by the worker before a dub is ordered, so that somebody can say who gets other lips."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import writing
from app.errors import NotFound, Refused
from app.models import ACTIVE_STATES, Clip, Job, JobInput
from app.services.clips import get_clip
from app.services.jobs import queue_job, request_cancel
from app.services.library import file_of, lock_person
from app.services.questions import ROUNDING_S, check_questions, find_question, is_to_be_tried_again
from app.services.releasing import drop_jobs
from app.services.works import question_key
from app.settings import AppSettings
from media.sound_reader import MIN_SONG_S
from pipeline.works.film_faces import FILM_FACES, picture_name

#: The role of the archive of their pictures.
ROLE = "pictures"


def part_of_clip(clip: Clip, start_s: float, duration_s: float | None) -> dict[str, Any]:
    """The part as options keep it; one that reaches the clip's end has no length. Raises Refused where it does not fit."""
    rest_s = clip.duration_s - start_s
    if rest_s < MIN_SONG_S and start_s > 0:
        raise Refused("app.part_behind_the_films_end", length=clip.duration_s, start=start_s)
    if duration_s is not None and duration_s < MIN_SONG_S:
        raise Refused("app.part_of_film_too_short", least=MIN_SONG_S)
    to_the_end = duration_s is None or duration_s >= rest_s - ROUNDING_S
    return {"start_s": float(start_s), "duration_s": None if to_the_end else duration_s}


def ask_faces(
    session: Session,
    settings: AppSettings,
    person_id: str,
    clip_id: str,
    start_s: float = 0.0,
    duration_s: float | None = None,
    instead: bool = False,
) -> Job:
    """The job that finds the people in that part of the clip: done, failed, or from now on waiting, of which a worker is told.

    instead: it takes the place of what is looked for in other parts of the clip, which nobody wants any more.
    Raises NotFound; Refused for a part that does not fit; LimitReached where too many are in the making.
    """
    clip = get_clip(session, person_id, clip_id)
    file_of(settings, clip)
    options = part_of_clip(clip, start_s, duration_s)
    key = question_key(FILM_FACES.name, {"film": clip.id}, options)
    job = find_question(session, key)
    if job is not None and not is_to_be_asked_again(settings, job):
        return job
    with writing(session):
        lock_person(session, person_id)
        job = find_question(session, key)  # another request may have been quicker
        if job is not None and not is_to_be_asked_again(settings, job):
            return job
        if job is not None:
            drop_jobs(session, Job.id == job.id)
            session.expunge(job)
        for other in looked_for(session, clip) if instead else ():
            request_cancel(session, other)
        job = queue_job(session, FILM_FACES, {"film": clip}, options, key=key)
        check_questions(session, person_id, FILM_FACES, "app.films_looked_at")
    return job


def find_faces(
    session: Session, person_id: str, clip_id: str, start_s: float = 0.0, duration_s: float | None = None
) -> Job | None:
    """The job that was asked to find the people in that part of the clip; None where nobody asked. Raises NotFound, Refused."""
    clip = get_clip(session, person_id, clip_id)
    return find_question(session, question_key(FILM_FACES.name, {"film": clip.id}, part_of_clip(clip, start_s, duration_s)))


def is_to_be_asked_again(settings: AppSettings, job: Job) -> bool:
    """Whether it ended without an answer that is still there."""
    return is_to_be_tried_again(job) or (job.state == "done" and not settings.results.has(job.files.get(ROLE)))


def looked_for(session: Session, clip: Clip) -> Sequence[Job]:
    """What is being found, or waits for that, in any part of the clip."""
    query = select(Job).join(JobInput).where(JobInput.asset_id == clip.id, Job.kind == FILM_FACES.name)
    return session.scalars(query.where(Job.state.in_(ACTIVE_STATES), Job.cancel_requested.is_(False))).all()


def clip_of(job: Job) -> Clip:
    """The clip that it looks at."""
    return cast(Clip, job.inputs["film"].asset)


def faces_found(job: Job) -> dict[str, Any]:
    """What a job that is done has found: see `pipeline/works/film_faces.py`."""
    return dict(job.result or {})


def picture_of_face(settings: AppSettings, job: Job | None, number: str) -> bytes:
    """The small JPEG of one person. Raises NotFound where there is no such person, or nobody was looked for yet."""
    name = job.files.get(ROLE) if job is not None and job.state == "done" else None
    if not settings.results.has(name):
        raise NotFound("app.no_picture_of_face", number=number)
    with settings.vault.open(settings.results.path(str(name))) as file, zipfile.ZipFile(file) as archive:
        if picture_name(number) not in archive.namelist():
            raise NotFound("app.no_picture_of_face", number=number)
        return archive.read(picture_name(number))
