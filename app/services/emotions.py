"""The emotion of a person's songs: known from films and earlier requests, or found by the worker while nobody waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.database import queue_announcement, writing
from app.errors import LimitReached
from app.models import Film, Song, SongEmotion, new_id, now
from app.services.library import file_of, lock_person
from app.services.options import film_options
from app.services.orders import settle_part
from app.services.songs import get_song
from app.settings import AppSettings
from pipeline.film_settings import SongToVideoSettings

WAITING_STATES = ("queued", "running")
#: Songs of one person whose emotion may be asked for at the same time.
MOST_WAITING = 5
#: After how long a search that failed is begun again when somebody asks.
TRY_AGAIN = timedelta(minutes=10)


def part_of(song: Song, start_s: float, duration_s: float | None) -> tuple[float, float]:
    """The part as it is kept: start and length in seconds, to the thousandth. Raises Refused where it does not fit the song."""
    start_s, settled_s = settle_part(song.duration_s, SongToVideoSettings(start_s=start_s, duration_s=duration_s))
    return start_s, round(song.duration_s - start_s if settled_s is None else settled_s, 3)


def known_emotion(session: Session, song: Song, start_s: float, duration_s: float | None) -> dict[str, Any] | None:
    """The emotion of that part of the song, the pipeline's `Emotion` of the style `auto`; None where nobody has found it yet."""
    part = part_of(song, start_s, duration_s)
    row = find_row(session, song, part)
    return row.emotion if row is not None and row.state == "done" else emotion_of_films(session, song, part)


def ask_emotion(
    session: Session, settings: AppSettings, person_id: str, song_id: str, start_s: float, duration_s: float | None
) -> SongEmotion:
    """The emotion of that part of the song: done, failed, or from now on in the making, which a worker is told of.

    Raises NotFound; Refused for a part that does not fit; LimitReached where too many are in the making.
    """
    song = get_song(session, person_id, song_id)
    file_of(settings, song)
    part = part_of(song, start_s, duration_s)
    row = find_row(session, song, part)
    if row is not None and not is_to_be_tried_again(row):
        return row
    with writing(session):
        lock_person(session, person_id)
        row = find_row(session, song, part)  # another request may have been quicker
        if row is not None and not is_to_be_tried_again(row):
            return row
        if row is None:
            row = SongEmotion(id=new_id(), song_id=song.id, start_s=part[0], duration_s=part[1])
            session.add(row)
        row.emotion, row.asked_at = emotion_of_films(session, song, part), now()
        row.state, row.failure, row.owner, row.finished_at = "done" if row.emotion else "queued", None, None, None
        session.flush()
        if row.state == "queued":
            check_waiting(session, person_id)
            queue_announcement(session, row.id)
    return row


def find_row(session: Session, song: Song, part: tuple[float, float]) -> SongEmotion | None:
    """What was asked before, as the database has it now."""
    query = select(SongEmotion).where(SongEmotion.song_id == song.id)
    query = query.where(SongEmotion.start_s == part[0], SongEmotion.duration_s == part[1])
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def is_to_be_tried_again(row: SongEmotion) -> bool:
    """Whether the search has failed, and that is some time ago."""
    return row.state == "failed" and (row.finished_at is None or row.finished_at < now() - TRY_AGAIN)


def check_waiting(session: Session, person_id: str) -> None:
    """Raises LimitReached where more of the person's songs wait for their emotion than may."""
    query = select(func.count()).select_from(SongEmotion).join(SongEmotion.song)
    query = query.where(Song.person_id == person_id, SongEmotion.state.in_(WAITING_STATES))
    if session.scalars(query).one() > MOST_WAITING:
        raise LimitReached("app.songs_listened_to", count=MOST_WAITING)


def emotion_of_films(session: Session, song: Song, part: tuple[float, float]) -> dict[str, Any] | None:
    """The automatic emotion that stands in the newest film of that part of the song, if there is one whose style is automatic."""
    query = select(Film).where(Film.song_id == song.id, Film.emotion.is_not(None)).order_by(Film.created_at.desc())
    for film in session.scalars(query):
        options = film_options(film.settings)
        if options.style == "auto" and part_of(song, options.start_s, options.duration_s) == part:
            return automatic(film.emotion or {})
    return None


def automatic(emotion: Mapping[str, Any]) -> dict[str, Any]:
    """The emotion as it would be without key points of anybody's own."""
    return {**emotion, "intensity": emotion["automatic"], "points": []}
