"""The jobs in the database, as the worker wants them: `jobs.contracts.JobStore`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from app import emotion_store
from app.database import writing
from app.emotion_store import EmotionJobs
from app.models import Film, Job, JobEvent, JobState, Picture, SongEmotion, now
from app.services.events import append_event, forget_progress
from app.services.keeping import sweep_if_due
from app.services.options import film_options
from app.services.releasing import release_files
from core.errors import BelcantoError
from core.messages import NOTHING, Message, message
from jobs.contracts import JobOrder, JobProgress, ReportOrder
from pipeline.engine_list import AUTO, for_drawings, for_photos
from pipeline.film_settings import DEFAULT_MAX_HEIGHT, SongToVideoSettings

#: A job that was begun so often is given up: something in it ends its workers.
MOST_ATTEMPTS = 50


class DatabaseJobStore(EmotionJobs):
    """See `JobStore`."""

    def claim(self, worker: str) -> JobOrder | None:
        """See `JobStore`."""
        with self._writing() as session:
            while (job := next_in_turn(session)) is not None:
                if job.cancel_requested or job.film.deleted_at is not None:
                    conclude(session, job, "cancelled")
                    continue
                try:
                    order = self._order(job)
                except BelcantoError as error:  # options of an older version that this one does not know any more
                    conclude(session, job, "failed", error.message)
                    continue
                job.state, job.owner = "running", worker
                job.started_at = job.heartbeat_at = now()
                job.attempts += 1
                job.stage, job.done, job.total, job.eta_s, job.share, job.overdue = "", 0, 0, None, None, False
                append_event(session, job.id, "state", {"state": "running", "attempt": job.attempts})
                return order
        return None

    def _order(self, job: Job) -> JobOrder:
        film, song, picture = job.film, job.film.song, job.film.picture
        settings = replace(film_options(film.settings), title=film.title)
        height = min(settings.height or min(picture.height, DEFAULT_MAX_HEIGHT), 4 * picture.height)
        rest_s = max(song.duration_s - settings.start_s, 0.0)
        return JobOrder(
            job_id=job.id,
            portrait=self._settings.uploads_dir / picture.file_name,
            song=self._settings.uploads_dir / song.file_name,
            video=self._settings.results_dir / f"film-{film.id}.mp4",
            settings=settings,
            song_title=song.title,
            portrait_title=picture.title,
            film_s=min(settings.duration_s or rest_s, rest_s),
            film_pixels=height * height * picture.width // max(picture.height, 1),
            engine_hint=expected_engine(settings, picture),
        )

    def beat(self, job_id: str, worker: str) -> bool:
        """See `JobStore`."""
        with self._writing() as session:
            job = session.get(Job, job_id)
            if job is None or job.owner != worker:
                return True
            job.heartbeat_at = now()
            return job.film.deleted_at is not None or (job.cancel_requested and job.state == "running")

    def progress(self, job_id: str, worker: str, progress: JobProgress) -> None:
        """See `JobStore`."""
        with self._writing() as session:
            job = session.get(Job, job_id)
            if job is None or not is_own(job, worker):
                return
            job.stage, job.done, job.total = progress.stage, progress.done, progress.total
            job.eta_s = None if progress.eta_s is None else round(progress.eta_s, 1)
            job.share, job.overdue = round(progress.share, 4), progress.overdue
            data = {"stage": job.stage, "done": job.done, "total": job.total, "eta_s": job.eta_s}
            append_event(session, job_id, "progress", data)

    def finish(self, job_id: str, worker: str, report: Mapping[str, Any]) -> None:
        """See `JobStore`. The film of an order that was deleted meanwhile is removed."""
        path = self._settings.results_dir / str(report["video"])

        def end(session: Session, job: Job) -> None:
            if job.film.deleted_at is not None:
                path.unlink(missing_ok=True)
                conclude(session, job, "cancelled")
                return
            job.film.file_name, job.film.size_bytes = path.name, path.stat().st_size
            job.film.report = {name: value for name, value in report.items() if name != "emotion"}
            job.film.emotion = report.get("emotion")
            job.notes = list(report["notes"])
            conclude(session, job, "done")

        if not self._end(job_id, worker, end):
            self._remove_unwanted(job_id, path)

    def _remove_unwanted(self, job_id: str, path: Path) -> None:
        """Remove the film of a job that was taken from its worker, where nobody is at it any more or will be."""
        with self._reading() as session:
            job = session.get(Job, job_id)
            if job is None or job.state in ("cancelled", "failed"):
                path.unlink(missing_ok=True)

    def fail(self, job_id: str, worker: str, failure: Message, retry_helps: bool) -> None:
        """See `JobStore`."""

        def end(session: Session, job: Job) -> None:
            if retry_helps and not job.cancel_requested and not was_retried(session, job):
                append_event(session, job_id, "note", {"retry": True})
                queue_again(session, job)
            else:
                conclude(session, job, "failed", failure)

        self._end(job_id, worker, end)

    def cancelled(self, job_id: str, worker: str) -> None:
        """See `JobStore`. A job that only was taken from this worker goes on elsewhere."""

        def end(session: Session, job: Job) -> None:
            if job.cancel_requested or job.film.deleted_at is not None:
                conclude(session, job, "cancelled")

        self._end(job_id, worker, end)

    def give_back(self, job_id: str, worker: str) -> None:
        """See `JobStore`."""
        self._end(job_id, worker, queue_again)

    def _end(self, job_id: str, worker: str, end: Callable[[Session, Job], None]) -> bool:
        """The end of the worker's work, and of what was deleted but needed for it; says whether the work still was the worker's.

        Where it was not, the job is left alone.
        """
        with self._reading() as session:
            with writing(session):
                job = session.get(Job, job_id)
                if job is None or not is_own(job, worker):
                    return False
                person_id = job.person_id
                end(session, job)
            release_files(session, self._settings, person_id)
        return True

    def requeue_stale(self, worker: str, idle: bool) -> int:
        """See `JobStore`. Now and then what was deleted, and what killed servers left, is swept on the way."""
        count = self._requeue_stale(worker, idle)
        with self._reading() as session:
            if count:  # somebody may have deleted what the dead were at
                release_files(session, self._settings)
            sweep_if_due(session, self._settings)
        return count

    def _requeue_stale(self, worker: str, idle: bool) -> int:
        with self._reading() as session:
            owned: list[Job | SongEmotion] = [
                *session.scalars(select(Job).where(Job.owner.is_not(None))),
                *session.scalars(select(SongEmotion).where(SongEmotion.owner.is_not(None))),
            ]
            held = {(row.id, row.owner) for row in owned}
            self._beats = {key: beat for key, beat in self._beats.items() if key in held}
            stale = [row.id for row in owned if self._is_stale(row, worker, idle)]
        if not stale:
            return 0
        with self._writing() as session:
            count = emotion_store.requeue_stale(session, lambda row: self._is_stale(row, worker, idle))
            for job in session.scalars(select(Job).where(Job.id.in_(stale))):
                if not self._is_stale(job, worker, idle):
                    continue
                if job.state != "running":
                    job.owner = None  # a quality report that was not finished
                elif job.cancel_requested:
                    conclude(session, job, "cancelled")
                elif job.attempts >= MOST_ATTEMPTS:
                    conclude(session, job, "failed", message("app.film_given_up"))
                else:
                    queue_again(session, job)
                    count += 1
        return count

    def queued(self) -> int:
        """See `JobStore`."""
        with self._reading() as session:
            return session.scalar(select(func.count()).select_from(Job).where(Job.state == "queued")) or 0

    def reports_waiting(self) -> int:
        """See `JobStore`."""
        with self._reading() as session:
            return session.scalar(select(func.count()).select_from(Job).join(Job.film).where(*LACKS_REPORT)) or 0

    def claim_report(self, worker: str) -> ReportOrder | None:
        """See `JobStore`."""
        if not self.reports_waiting():
            return None
        with self._writing() as session:
            job = session.scalars(
                select(Job).join(Job.film).where(*LACKS_REPORT).order_by(Job.finished_at, Job.id).limit(1)
            ).first()
            if job is None:
                return None
            job.owner, job.heartbeat_at = worker, now()
            film = job.film
            options = film_options(film.settings)
            return ReportOrder(
                job_id=job.id,
                video=self._settings.results_dir / str(film.file_name),
                song=self._settings.uploads_dir / film.song.file_name,
                portrait=self._settings.uploads_dir / film.picture.file_name,
                page=self._settings.results_dir / f"film-{film.id}.html",
                face=options.face,
                start_s=options.start_s,
                duration_s=options.duration_s,
                film_title=film.title,
                song_title=film.song.title,
                portrait_title=film.picture.title,
            )

    def finish_report(self, job_id: str, worker: str, figures: Mapping[str, Any], page: str) -> None:
        """See `JobStore`. The page of a film that was deleted meanwhile is removed."""
        with self._writing() as session:
            job = session.get(Job, job_id)
            if job is None or job.film.deleted_at is not None:
                (self._settings.results_dir / page).unlink(missing_ok=True)
            elif job.owner == worker:
                job.owner, job.film.metrics, job.film.metrics_html_name = None, without_files(figures), page

    def fail_report(self, job_id: str, worker: str, failure: Message) -> None:
        """See `JobStore`. It stands in the metrics' place, as `error`."""
        with self._writing() as session:
            job = session.get(Job, job_id)
            if job is not None and job.owner == worker:
                job.owner, job.film.metrics = None, {"error": failure.as_json()}

    def give_back_report(self, job_id: str, worker: str) -> None:
        """See `JobStore`."""
        with self._writing() as session:
            job = session.get(Job, job_id)
            if job is not None and job.owner == worker:
                job.owner = None


def is_own(job: Job, worker: str) -> bool:
    """Whether the worker is the one that makes the job's film."""
    return job.state == "running" and job.owner == worker


def expected_engine(settings: SongToVideoSettings, picture: Picture) -> str:
    """The engine that will probably draw the film."""
    if settings.engine != AUTO:
        return settings.engine
    return (for_drawings() if picture.drawing or settings.face_frame is not None else for_photos()).name


#: A film that is done, lacks its quality report, and nobody is at it.
LACKS_REPORT: tuple[ColumnElement[bool], ...] = (
    Job.state == "done",
    Job.owner.is_(None),
    Film.metrics.is_(None),
    Film.file_name.is_not(None),
    Film.deleted_at.is_(None),
)


def without_files(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The report's figures without its files: visitors know titles, and nothing of where and how the server keeps things."""
    return {name: value for name, value in figures.items() if name not in ("video", "song", "portrait", "voice")}


def next_in_turn(session: Session) -> Job | None:
    """The queued job whose turn it is, round robin.

    Of the person with the fewest films in the making, then of the one who was served longest ago, then the oldest.
    """
    other = aliased(Job)
    same_person = other.person_id == Job.person_id
    running = select(func.count()).select_from(other).where(same_person, other.state == "running").scalar_subquery()
    served = select(func.max(other.started_at)).where(same_person).scalar_subquery()
    turn = (running, served.asc().nulls_first(), Job.queued_at, Job.id)
    query = select(Job).where(Job.state == "queued").order_by(*turn).limit(1)
    return session.scalars(query.with_for_update(skip_locked=True, of=Job)).first()


def queue_again(session: Session, job: Job) -> None:
    """The job waits again, in the place that it had."""
    job.state, job.owner, job.started_at, job.eta_s, job.share, job.overdue = "queued", None, None, None, None, False
    append_event(session, job.id, "state", {"state": "queued"})


def conclude(session: Session, job: Job, state: JobState, failure: Message = NOTHING) -> None:
    """The job has come to its end."""
    job.state, job.owner, job.eta_s, job.finished_at = state, None, None, now()
    job.failure = failure.as_json() if failure else None
    append_event(session, job.id, "state", {"state": state})
    session.flush()
    forget_progress(session, job.id)


def was_retried(session: Session, job: Job) -> bool:
    """Whether the job has had its second try."""
    notes = session.scalars(select(JobEvent.data).where(JobEvent.job_id == job.id, JobEvent.kind == "note"))
    return any(data.get("retry") for data in notes)
