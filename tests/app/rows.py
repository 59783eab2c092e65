"""Rows as the program makes them, for tests that want them without the way there."""

from __future__ import annotations

from app.models import Job, JobInput, Work, WorkInput, new_id, now
from app.services.titles import fold
from pipeline.works.quality_report import QUALITY_REPORT
from pipeline.works.song_to_emotion import SONG_TO_EMOTION
from pipeline.works.song_to_film import SONG_TO_FILM


def film_row(song, picture, title="A film", **values):
    """A film of the song's owner, without a job."""
    given = {"options": {}, "order_key": new_id(), "files": {}, **values}
    film = Work(id=new_id(), person_id=song.person_id, kind=SONG_TO_FILM.name, title=title, search_text=fold(title), **given)
    film.inputs = {role: WorkInput(role=role, asset=asset) for role, asset in (("song", song), ("portrait", picture))}
    return film


def film_job(film, state="queued", **values):
    """A job that makes the film."""
    return job_of(film, SONG_TO_FILM, state=state, **{"queued_at": now(), "options": film.options, **values})


def report_job(film, state="done", **values):
    """A job that measures the film."""
    return job_of(film, QUALITY_REPORT, state=state, **{"queued_at": now(), "finished_at": now(), **values})


def job_of(film, kind, **values):
    """A job about the film, on what it is made of."""
    job = Job(id=new_id(), person_id=film.person_id, kind=kind.name, turn=kind.turn, work=film, **values)
    job.inputs = {role: JobInput(role=role, asset=each.asset) for role, each in film.inputs.items()}
    return job


def emotion_job(song, state="queued", start_s=0.0, duration_s=None, **values):
    """A job that finds the song's emotion."""
    options = {"start_s": start_s, "duration_s": duration_s}
    job = Job(id=new_id(), person_id=song.person_id, kind=SONG_TO_EMOTION.name, turn=SONG_TO_EMOTION.turn, options=options)
    job.inputs, job.state, job.queued_at = {"song": JobInput(role="song", asset=song)}, state, now()
    for name, value in values.items():
        setattr(job, name, value)
    return job
