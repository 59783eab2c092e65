"""The jobs in the database, as the worker wants them: `jobs.contracts.JobStore`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from app.database import writing
from app.models import Asset, Job, JobEvent, JobInput, JobState, Work, now
from app.services.events import append_event, forget_progress
from app.services.jobs import queue_job
from app.services.keeping import sweep_if_due
from app.services.library import not_found
from app.services.queue_order import place
from app.services.releasing import release_files
from app.services.spoken import folded_words
from app.settings import AppSettings
from app.store_access import StoreAccess
from app.watching.living import can_do
from core.errors import BelcantoError
from core.messages import NOTHING, Message, message
from core.work import Turn, WorkInput, WorkKind, WorkOrder
from jobs.abilities import Abilities
from jobs.contracts import JobProgress
from pipeline.work_kinds import kind_named, kinds_of_films

#: A job that was begun so often is given up: something in it ends its workers.
MOST_ATTEMPTS = 50
#: A job that somebody looks on for is not done for what was deleted meanwhile; it may be brought back.
UNWANTED = exists().where(JobInput.job_id == Job.id, JobInput.asset_id == Asset.id, Asset.deleted_at.is_not(None))
#: What is found out about a work waits while that is deleted.
HIDDEN = exists().where(Work.id == Job.work_id, Work.deleted_at.is_not(None))


class DatabaseJobStore(StoreAccess):
    """See `JobStore`. on_ready: called with the id of a work whose film was made and is kept, where it is set."""

    on_ready: Callable[[str], object] | None = None
    #: what the worker that asks can do; None: it takes whatever comes.
    abilities: Callable[[], Abilities | None] = staticmethod(lambda: None)

    def waiting(self, turn: Turn) -> int:
        """See `JobStore`."""
        with self._reading() as session:
            return session.scalar(select(func.count()).select_from(Job).where(*waits(turn), *can_do(self.abilities()))) or 0

    def claim(self, worker: str, turn: Turn) -> WorkOrder | None:
        """See `JobStore`."""
        if turn != "fair" and not self.waiting(turn):  # without the lock of a writer
            return None
        with self._writing() as session:
            while (job := next_in_turn(session, turn, self.abilities())) is not None:
                if job.cancel_requested or (job.work is not None and job.work.deleted_at is not None):
                    conclude(session, job, "cancelled")
                    continue
                try:
                    order = order_of(self._settings, job)
                except BelcantoError as error:
                    conclude(session, job, "failed", error.message)
                    continue
                job.state, job.owner = "running", worker
                job.started_at = job.heartbeat_at = now()
                job.attempts += 1
                job.stage, job.done, job.total, job.eta_s, job.share, job.overdue = "", 0, 0, None, None, False
                append_event(session, job.id, "state", {"state": "running", "attempt": job.attempts})
                return order
        return None

    def beat(self, job_id: str, worker: str) -> bool:
        """See `JobStore`."""
        with self._writing() as session:
            job = session.get(Job, job_id)
            if job is None or job.owner != worker:
                return True
            job.heartbeat_at = now()
            return is_unwanted(session, job)

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

    def finish(self, job_id: str, worker: str, figures: Mapping[str, Any], files: Mapping[str, str]) -> None:
        """See `JobStore`. What was made for an order that was deleted meanwhile is removed."""

        def end(session: Session, job: Job) -> None:
            if job.work is not None and job.work.deleted_at is not None:
                self._remove(files)
                drop(session, job)
                return
            if job.work is None and job.cancel_requested:  # a preview in whose place a newer one is wanted by now
                self._remove(files)
                conclude(session, job, "cancelled")
                return
            job.notes = list(figures.get("notes", ()))
            if job.work is not None and job.work.kind == job.kind:
                self._keep(session, job, job.work, figures, files)
            else:
                job.result = {name: value for name, value in figures.items() if name != "notes"}
                job.files = dict(files)
            conclude(session, job, "done")

        if not self._end(job_id, worker, end):
            self._remove_unwanted(job_id, files)
        elif self.on_ready is not None and (work_id := self._work_made(job_id)):
            self.on_ready(work_id)

    def _work_made(self, job_id: str) -> str | None:
        """The film that the job has made; None where it made something else, or came to another end."""
        with self._reading() as session:
            job = session.get(Job, job_id)
            made = job is not None and job.state == "done" and job.kind in kinds_of_films()
            return job.work_id if job is not None and made else None

    def _keep(self, session: Session, job: Job, work: Work, figures: Mapping[str, Any], files: Mapping[str, str]) -> None:
        """What was made becomes the work's; what its kind wants to be found out about it then waits for an idle hour."""
        work.files, work.figures = dict(files), dict(figures)
        work.words_text = folded_words(work.options, figures)
        work.size_bytes = sum(self._settings.results.size_bytes(name) for name in files.values())
        kind = kind_named(work.kind)
        after = kind_named(kind.measured_by) if kind is not None and kind.measured_by else None
        if after is not None:
            options = {name: value for name, value in work.options.items() if name in after.option_names}
            assets = {role: work.inputs[role].asset for role in after.inputs if role in work.inputs}
            queue_job(session, after, assets, after.settled(options), work)

    def _remove(self, files: Mapping[str, str]) -> None:
        for name in files.values():
            self._settings.results.remove(name)

    def _remove_unwanted(self, job_id: str, files: Mapping[str, str]) -> None:
        """Remove what a job made that was taken from its worker, where nobody is at it any more or will be."""
        with self._reading() as session:
            job = session.get(Job, job_id)
            if job is None or job.state in ("cancelled", "failed"):
                self._remove(files)

    def fail(self, job_id: str, worker: str, failure: Message, retry_helps: bool) -> None:
        """See `JobStore`. Only what people take turns for is tried again."""

        def end(session: Session, job: Job) -> None:
            if retry_helps and job.turn == "fair" and not job.cancel_requested and not was_retried(session, job):
                append_event(session, job_id, "note", {"retry": True})
                queue_again(session, job)
            else:
                conclude(session, job, "failed", failure)

        self._end(job_id, worker, end)

    def cancelled(self, job_id: str, worker: str) -> None:
        """See `JobStore`. A job that only was taken from this worker goes on elsewhere."""

        def end(session: Session, job: Job) -> None:
            if is_unwanted(session, job):
                drop(session, job)

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
            owned = session.scalars(select(Job).where(Job.owner.is_not(None))).all()
            self._forget_beats({(row.id, row.owner) for row in owned if row.owner is not None})
            stale = [row.id for row in owned if self._is_stale(row, worker, idle)]
        if not stale:
            return 0
        count = 0
        with self._writing() as session:
            for job in session.scalars(select(Job).where(Job.id.in_(stale))):
                if not self._is_stale(job, worker, idle):
                    continue
                if is_unwanted(session, job):
                    drop(session, job)
                elif job.attempts >= MOST_ATTEMPTS:
                    conclude(session, job, "failed", message("app.job_given_up"))
                else:
                    queue_again(session, job)
                    count += 1
        return count


def waits(turn: Turn) -> tuple[ColumnElement[bool], ...]:
    """That a job of that turn waits and can be done."""
    queued = (Job.state == "queued", Job.turn == turn)
    return queued if turn == "fair" else (*queued, ~(UNWANTED if turn == "soon" else HIDDEN))


def order_of(settings: AppSettings, job: Job) -> WorkOrder:
    """What is to be done. Raises NotFound where an input is gone, BelcantoError for a kind or options that nobody knows."""
    kind, work = kind_named(job.kind), job.work
    if kind is None:
        raise BelcantoError("app.kind_unknown", kind=job.kind)
    return WorkOrder(
        job_id=job.id,
        kind=kind.name,
        inputs={role: input_of(settings, job, role) for role in kind.inputs if role in kind.needed or role in job.inputs},
        options=kind.settled(job.options),  # of an older version, it may not know them any more
        outputs=outputs_of(settings, kind, job.id if work is None or kind.turn == "soon" else work.id),
        title=work.title if work is not None else "",
        owner=job.person_id,
        request_id=job.request_id,
        traceparent=job.traceparent,
        queued_s=job.queued_at.timestamp(),
    )


def input_of(settings: AppSettings, job: Job, role: str) -> WorkInput:
    """What it works on in that role: an asset, or what was made for the work that it finds out about. Raises NotFound."""
    if role in job.inputs:
        asset = job.inputs[role].asset
        if not asset.has_file:
            raise not_found(type(asset))
        return WorkInput(settings.uploads.path(asset.file_name), asset.title, asset.facts())
    if job.work is None or role not in job.work.files:
        raise not_found(Work)
    return WorkInput(settings.results.path(job.work.files[role]), job.work.title)


def outputs_of(settings: AppSettings, kind: WorkKind, owner_id: str) -> dict[str, Any]:
    """Where the files that it makes will lie, by role; owner_id: of its work, or of a job that tells of one."""
    return {role: settings.results.path(f"{role}-{owner_id}{suffix}") for role, suffix in kind.outputs.items()}


def is_own(job: Job, worker: str) -> bool:
    """Whether the worker is the one that is at the job."""
    return job.state == "running" and job.owner == worker


def is_unwanted(session: Session, job: Job) -> bool:
    """Whether nobody wants the running job any more."""
    if job.work is not None and job.work.deleted_at is not None:
        return True
    if job.turn == "soon" and session.scalar(select(Job.id).where(Job.id == job.id, UNWANTED)) is not None:
        return True
    return job.cancel_requested and job.state == "running"


def next_in_turn(session: Session, turn: Turn, abilities: Abilities | None = None) -> Job | None:
    """The queued job whose turn it is, round robin, of those that can be done with the abilities (None: with any).

    Of the person with the fewest jobs of that turn under way, then of the one served longest ago, then the first in its place.
    """
    others, waiting = aliased(Job), aliased(Job)
    people = select(waiting.person_id).where(waiting.state == "queued", waiting.turn == turn)
    running = func.sum(case((others.state == "running", 1), else_=0)).label("running")
    # once a person, not once a job: with a thousand that wait the difference is half a second
    served = select(others.person_id, running, func.max(others.started_at).label("last")).group_by(others.person_id)
    person = served.where(others.turn == turn, others.person_id.in_(people)).subquery()
    order = (person.c.running, person.c.last.asc().nulls_first(), place(), Job.id)
    query = (
        select(Job)
        .join(person, person.c.person_id == Job.person_id)
        .where(*waits(turn), *can_do(abilities))
        .order_by(*order)
        .limit(1)
    )
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


def drop(session: Session, job: Job) -> None:
    """The end of a running job that nobody wants now; one that finds out about a deleted work waits for that to come back."""
    if job.turn == "idle" and not job.cancel_requested:
        queue_again(session, job)
    else:
        conclude(session, job, "cancelled")


def was_retried(session: Session, job: Job) -> bool:
    """Whether the job has had its second try."""
    notes = session.scalars(select(JobEvent.data).where(JobEvent.job_id == job.id, JobEvent.kind == "note"))
    return any(data.get("retry") for data in notes)
