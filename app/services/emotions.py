"""The emotion of a person's songs: known from films and earlier requests, or found by the worker while nobody waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import writing
from app.models import Job, Song, Work, WorkInput, now
from app.services.jobs import queue_job
from app.services.library import file_of, lock_person
from app.services.options import film_options
from app.services.orders import settle_part
from app.services.questions import ROUNDING_S, check_questions, find_question, is_to_be_tried_again
from app.services.releasing import drop_jobs
from app.services.songs import get_song
from app.services.works import question_key
from app.settings import AppSettings
from pipeline.film_settings import SongToVideoSettings
from pipeline.works.song_to_emotion import SONG_TO_EMOTION, network_name
from pipeline.works.song_to_film import SONG_TO_FILM


def part_of(song: Song, start_s: float, duration_s: float | None) -> tuple[float, float]:
    """The part as it is kept: start and length in seconds, to the thousandth. Raises Refused where it does not fit the song."""
    start_s, settled_s = settle_part(song.duration_s, SongToVideoSettings(start_s=start_s, duration_s=duration_s))
    return start_s, round(song.duration_s - start_s if settled_s is None else settled_s, 3)


def known_emotion(session: Session, song: Song, start_s: float, duration_s: float | None) -> dict[str, Any] | None:
    """The emotion of that part of the song, the pipeline's `Emotion` of the style `auto`; None where nobody has found it yet."""
    part = part_of(song, start_s, duration_s)
    job = find_job(session, song, part)
    return emotion_found(job) if job is not None and job.state == "done" else emotion_of_films(session, song, part)


def ask_emotion(
    session: Session, settings: AppSettings, person_id: str, song_id: str, start_s: float, duration_s: float | None
) -> Job:
    """The job that finds the emotion of that part of the song: done, failed, or from now on waiting, of which a worker is told.

    Raises NotFound; Refused for a part that does not fit; LimitReached where too many are in the making.
    """
    song = get_song(session, person_id, song_id)
    file_of(settings, song)
    part = part_of(song, start_s, duration_s)
    job = find_job(session, song, part)
    if job is not None and not is_asked_anew(job):
        return job
    with writing(session):
        lock_person(session, person_id)
        job = find_job(session, song, part)  # another request may have been quicker
        if job is not None and not is_asked_anew(job):
            return job
        if job is not None:
            drop_jobs(session, Job.id == job.id)
            session.expunge(job)
        options = options_of(song, part)
        job = queue_job(session, SONG_TO_EMOTION, {"song": song}, options, key=key_of(song, part))
        if (known := emotion_of_films(session, song, part)) is not None and tells_all(known):
            job.state, job.result, job.finished_at = "done", {"emotion": known, "network": network_name()}, now()
        else:
            check_questions(session, person_id, SONG_TO_EMOTION, "app.songs_listened_to")
    return job


def options_of(song: Song, part: tuple[float, float]) -> dict[str, Any]:
    """The part as the job's options; one that reaches the song's end has no length, as the film of it has none."""
    start_s, length_s = float(part[0]), float(part[1])
    to_the_end = start_s + length_s >= song.duration_s - ROUNDING_S
    return {"start_s": start_s, "duration_s": None if to_the_end else length_s}


def part_of_job(job: Job) -> tuple[float, float]:
    """Start and length in seconds of the part that it listens to."""
    song = cast(Song, job.inputs["song"].asset)
    start_s, length_s = float(job.options["start_s"]), job.options["duration_s"]
    return start_s, round(song.duration_s - start_s, 3) if length_s is None else float(length_s)


def key_of(song: Song, part: tuple[float, float]) -> str:
    """The key of the question."""
    return question_key(SONG_TO_EMOTION.name, {"song": song.id}, options_of(song, part))


def find_job(session: Session, song: Song, part: tuple[float, float]) -> Job | None:
    """What was asked before, as the database has it now."""
    return find_question(session, key_of(song, part))


def is_asked_anew(job: Job) -> bool:
    """Whether the song is listened to again: where that failed, or a trained network is there that had not been."""
    return is_to_be_tried_again(job) or (job.state == "done" and (job.result or {}).get("network") != network_name())


def tells_all(emotion: Mapping[str, Any]) -> bool:
    """Whether a film's emotion tells a trained network's too, where there is one."""
    return network_name() is None or bool(emotion.get("learned"))


def emotion_found(job: Job) -> dict[str, Any]:
    """What a job that is done has found."""
    return dict((job.result or {})["emotion"])


def emotion_of_films(session: Session, song: Song, part: tuple[float, float]) -> dict[str, Any] | None:
    """The automatic emotion that stands in the newest film of that part of the song, if there is one whose style is automatic."""
    query = select(Work).join(WorkInput, WorkInput.work_id == Work.id).where(Work.kind == SONG_TO_FILM.name)
    query = query.where(WorkInput.role == "song", WorkInput.asset_id == song.id, Work.figures.is_not(None))
    for film in session.scalars(query.order_by(Work.created_at.desc())):
        options = film_options(film.options)
        if film.emotion and options.style == "auto" and part_of(song, options.start_s, options.duration_s) == part:
            return automatic(film.emotion or {})
    return None


def automatic(emotion: Mapping[str, Any]) -> dict[str, Any]:
    """The emotion as it would be without key points of anybody's own."""
    return {**emotion, "intensity": emotion["automatic"], "points": []}
