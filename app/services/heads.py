"""The head of a film in 3D: made when somebody asks for it, kept with the film, gone with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.database import writing
from app.errors import NotFound, Refused
from app.models import ACTIVE_STATES, Job, Picture, Work
from app.services.jobs import queue_job
from app.services.library import file_of, lock_person, not_found
from app.services.quotas import check_disk
from app.services.releasing import drop_jobs
from app.services.works import get_work
from app.settings import AppSettings
from pipeline.works.film_to_head import FILM_TO_HEAD, ROLE
from pipeline.works.song_to_film import SONG_TO_FILM
from pipeline.works.text_to_film import TEXT_TO_FILM
from pipeline.works.transfer import TRANSFER

#: The kinds of work that move a picture, whose head can do the same.
MOVING_A_PICTURE = (SONG_TO_FILM.name, TEXT_TO_FILM.name, TRANSFER.name)


def ask_head(session: Session, settings: AppSettings, person_id: str, film_id: str) -> Job:
    """The job that makes the film's head: done, or from now on waiting; one that failed is tried again.

    Raises NotFound; Refused while the film is being made, for then the head would wait for what the film's own making finds, and
    where what it was made of was deleted; StorageFull.
    """
    with writing(session):
        lock_person(session, person_id)
        film = film_of(session, person_id, film_id)
        if film.job.state in ACTIVE_STATES:
            raise Refused("app.film_not_there_yet")
        job = film.found(FILM_TO_HEAD.name)
        if job is not None and is_standing(settings, job):
            return job
        if job is not None:
            film.jobs.remove(job)
            drop_jobs(session, Job.id == job.id)
            session.expunge(job)
        assets = {role: film.inputs[role].asset for role in FILM_TO_HEAD.inputs if role != "film" and role in film.inputs}
        for asset in assets.values():
            file_of(settings, asset)
        job = queue_job(session, FILM_TO_HEAD, assets, FILM_TO_HEAD.settled(told_by(film)), film)
        check_disk(settings)
    return job


def get_head(session: Session, person_id: str, film_id: str) -> Job:
    """The job as the database has it now. Raises NotFound, also where nobody has asked for it."""
    job = film_of(session, person_id, film_id).found(FILM_TO_HEAD.name)
    if job is None:
        raise NotFound("app.no_such_head")
    return job


def head_file(settings: AppSettings, job: Job) -> Path:
    """The GLB file. Raises NotFound where it is not there, or not yet."""
    name = job.files.get(ROLE)
    if name is None or not settings.results.has(name):
        raise NotFound("app.no_such_head")
    return settings.results.path(name)


def is_standing(settings: AppSettings, job: Job) -> bool:
    """Whether the head is there or on its way."""
    if job.state == "done":
        return settings.results.has(job.files.get(ROLE))
    return job.state in ACTIVE_STATES and not job.cancel_requested


def film_of(session: Session, person_id: str, film_id: str) -> Work:
    """The film of a picture, of whatever kind. Raises NotFound, also for works that are no such film."""
    work = get_work(session, person_id, film_id)
    if work.kind not in MOVING_A_PICTURE:
        raise not_found(Work)
    return work


def told_by(film: Work) -> dict[str, Any]:
    """What the film's options say of its head: all of them where it sings, else which face it is, for the film shows the rest."""
    if film.kind == SONG_TO_FILM.name:
        return dict(film.options)
    return {name: film.options[name] for name in ("face", "allow_animals") if film.options.get(name)}


def has_head(film: Work) -> bool:
    """Whether a head can be made of the film's picture: drawn characters have none, nor has the film of a film."""
    portrait = film.inputs.get("portrait")
    picture = portrait.asset if portrait is not None and film.kind in MOVING_A_PICTURE else None
    return isinstance(picture, Picture) and not picture.drawing and film.options.get("engine") != "anime"
