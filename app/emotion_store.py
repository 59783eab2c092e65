"""The emotions that were asked for, in the database, as the worker wants them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.database import writing
from app.models import Song, SongEmotion, now
from app.services.releasing import release_files
from app.settings import AppSettings
from app.store_access import StoreAccess
from core.messages import Message
from jobs.contracts import EmotionOrder

#: What waits and can be done: nobody looks at a deleted song any more.
WAITS = (SongEmotion.state == "queued", Song.has_file, Song.deleted_at.is_(None))
#: How much of a song may lie behind a part that is taken to reach its end, in seconds: parts are kept to the thousandth.
ROUNDING_S = 0.001


class EmotionJobs(StoreAccess):
    """What `JobStore` asks about emotions."""

    def emotions_waiting(self) -> int:
        """See `JobStore`."""
        with self._reading() as session:
            return waiting(session)

    def claim_emotion(self, worker: str) -> EmotionOrder | None:
        """See `JobStore`."""
        if not self.emotions_waiting():
            return None
        with self._writing() as session:
            return claim(session, self._settings, worker)

    def beat_emotion(self, request_id: str, worker: str) -> bool:
        """See `JobStore`."""
        with self._writing() as session:
            return beat(session, request_id, worker)

    def finish_emotion(self, request_id: str, worker: str, emotion: Mapping[str, Any]) -> None:
        """See `JobStore`."""
        self._end_emotion(lambda session: finish(session, request_id, worker, emotion))

    def fail_emotion(self, request_id: str, worker: str, failure: Message) -> None:
        """See `JobStore`."""
        self._end_emotion(lambda session: fail(session, request_id, worker, failure))

    def give_back_emotion(self, request_id: str, worker: str) -> None:
        """See `JobStore`."""
        self._end_emotion(lambda session: give_back(session, request_id, worker))

    def _end_emotion(self, end: Callable[[Session], None]) -> None:
        """The end of the work, and of a song that was deleted meanwhile."""
        with self._reading() as session:
            with writing(session):
                end(session)
            release_files(session, self._settings)


def waiting(session: Session) -> int:
    """How many wait."""
    return session.scalar(select(func.count()).select_from(SongEmotion).join(SongEmotion.song).where(*WAITS)) or 0


def claim(session: Session, settings: AppSettings, worker: str) -> EmotionOrder | None:
    """The one that has waited longest, now the worker's; None where none waits."""
    query = select(SongEmotion).join(SongEmotion.song).where(*WAITS)
    query = query.order_by(SongEmotion.asked_at, SongEmotion.id).limit(1)
    row = session.scalars(query.with_for_update(skip_locked=True, of=SongEmotion)).first()
    if row is None:
        return None
    row.state, row.owner, row.heartbeat_at = "running", worker, now()
    song = row.song
    to_the_end = row.start_s + row.duration_s >= song.duration_s - ROUNDING_S
    path = settings.uploads_dir / song.file_name
    return EmotionOrder(row.id, path, song.title, row.start_s, None if to_the_end else row.duration_s)


def beat(session: Session, request_id: str, worker: str) -> bool:
    """The worker lives; whether it shall end: the song was deleted, or the request is another worker's."""
    row = own(session, request_id, worker)
    if row is None or row.song.deleted_at is not None:
        return True
    row.heartbeat_at = now()
    return False


def own(session: Session, request_id: str, worker: str) -> SongEmotion | None:
    """The request, where it is still the worker's."""
    row = session.get(SongEmotion, request_id)
    return row if row is not None and row.owner == worker else None


def finish(session: Session, request_id: str, worker: str, emotion: Mapping[str, Any]) -> None:
    """Keep what was found."""
    if (row := own(session, request_id, worker)) is not None:
        row.state, row.emotion, row.owner, row.finished_at = "done", dict(emotion), None, now()


def fail(session: Session, request_id: str, worker: str, failure: Message) -> None:
    """Keep why it could not be found."""
    if (row := own(session, request_id, worker)) is not None:
        row.state, row.failure, row.owner, row.finished_at = "failed", failure.as_json(), None, now()


def give_back(session: Session, request_id: str, worker: str) -> None:
    """It waits again."""
    if (row := own(session, request_id, worker)) is not None:
        row.state, row.owner = "queued", None


def requeue_stale(session: Session, is_stale: Callable[[SongEmotion], bool]) -> int:
    """Let those of dead workers wait again; says how many."""
    stale = [row for row in session.scalars(select(SongEmotion).where(SongEmotion.state == "running")) if is_stale(row)]
    for row in stale:
        row.state, row.owner = "queued", None
    return len(stale)
