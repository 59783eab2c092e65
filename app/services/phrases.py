"""The phrases of a person's songs: found once by the worker, while somebody chooses a part."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.database import writing
from app.models import Job
from app.services.jobs import queue_job
from app.services.library import file_of, lock_person
from app.services.questions import check_questions, find_question, is_to_be_tried_again
from app.services.releasing import drop_jobs
from app.services.songs import get_song
from app.services.works import question_key
from app.settings import AppSettings
from pipeline.works.song_to_phrases import SONG_TO_PHRASES


def ask_phrases(session: Session, settings: AppSettings, person_id: str, song_id: str) -> Job:
    """The job that finds where the song's singer begins and rests: done, failed, or from now on waiting.

    Raises NotFound; LimitReached where too many are in the making.
    """
    song = get_song(session, person_id, song_id)
    file_of(settings, song)
    key = question_key(SONG_TO_PHRASES.name, {"song": song.id}, {})
    with writing(session):
        lock_person(session, person_id)
        job = find_question(session, key)
        if job is not None and not is_to_be_tried_again(job):
            return job
        if job is not None:
            drop_jobs(session, Job.id == job.id)
            session.expunge(job)
        job = queue_job(session, SONG_TO_PHRASES, {"song": song}, {}, key=key)
        check_questions(session, person_id, SONG_TO_PHRASES, "app.songs_listened_to")
    return job
