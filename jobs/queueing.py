"""The worker: takes one job after the other from the store, has it made in a process of its own, and says how it went.

Knows neither the web nor the database: orders come from a `JobStore`, the wake-up calls from a `JobQueue`. After a kill, at any
moment, the next worker takes the job up again and the stages' cache gives back what was finished.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.errors import BelcantoError
from core.film_stages import FRAMES
from core.stores.failures import StoreFailed
from core.watching.ids import working_for
from core.watching.traces import begin_span, span
from core.work import TURNS, Turn, WorkKind, WorkOrder
from jobs.abilities import Announcer
from jobs.contracts import JobProgress, JobStore, StoreUnavailable
from jobs.figures import FIGURES
from jobs.life_signs import LifeSigns
from jobs.process import Outcome, ProcessSettings, run_work
from jobs.queue import QUEUE_ERRORS, JobQueue, QueueSettings
from jobs.spare import Spare
from jobs.stage_times import StageTimes
from jobs.under_way import Watch, files_of, in_words, kept, looking
from jobs.workers import WorkerLock, has_died
from jobs.workplace import Workplace, open_place

__all__ = [
    "JobProgress",
    "JobQueue",
    "JobStore",
    "QueueSettings",
    "StoreUnavailable",
    "WorkOrder",
    "Worker",
    "WorkerSettings",
    "has_died",
]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WorkerSettings:
    """How a worker works."""

    #: folder of the workers' locks, shared by all workers of one store.
    locks: Path
    #: where it shows workers on other machines that it lives; None: they go by how long it has said nothing of its work.
    signs: LifeSigns | None = field(default=None, kw_only=True)
    #: the program that does a piece of work, as `python -m` takes it; it calls `jobs.child.main`.
    program: str
    #: longest work on one job, in seconds, by its turn.
    limits_s: Mapping[Turn, float] = field(default_factory=lambda: {"soon": 1800.0, "fair": 7200.0, "idle": 3600.0})
    #: how much a job's process lets others go first, 0 to 19, by its turn.
    niceness: Mapping[Turn, int] = field(default_factory=lambda: {"soon": 10, "fair": 10, "idle": 19})
    #: how often a worker says that it lives and looks whether its work is still wanted, in seconds.
    beat_s: float = 0.5
    #: how often a worker looks for jobs that nobody was woken for, in seconds.
    look_s: float = 1.0
    #: how often a worker looks for jobs whose worker has died, in seconds.
    sweep_s: float = 5.0
    #: a worker whose looks all failed for so long says that it is not well, in seconds.
    silence_s: float = 60.0
    #: how long a process stands ready after work that is often asked for again at once, in seconds; 0: none does.
    spare_s: float = 120.0
    #: file that is touched where such work is likely to be asked for soon, so that a process stands ready; None: nobody says so.
    expected: Path | None = None
    #: environment of the work's processes, for example where the stages' cache lies.
    environment: Mapping[str, str] = field(default_factory=dict)
    #: file in which it is kept what the stages of work took here, shared by all workers of one store; None: nothing is learned.
    stage_times: Path | None = None
    #: where a piece of work is done, for the time of the block.
    workplace: Callable[[WorkOrder], AbstractContextManager[Workplace]] = open_place
    #: where the worker says that it lives and what it can do; None: nowhere.
    announcer: Announcer | None = None
    #: how often it says so at least, in seconds.
    tell_s: float = 10.0


class Worker:
    """One worker: does one piece of work at a time. `start` it, and `stop` it in the end.

    What somebody waits for takes seconds, so it comes before what takes its turn, but never twice while that waits; what is
    `idle` is done while neither waits, and put off as soon as one does.
    """

    def __init__(self, queue: JobQueue, store: JobStore, settings: WorkerSettings, kinds: Iterable[WorkKind]) -> None:
        """kinds: those that `settings.program` can do."""
        self.queue, self.store, self.settings = queue, store, settings
        self._kinds = {kind.name: kind for kind in kinds}
        self._lock = WorkerLock(settings.locks, settings.signs)
        self.name = self._lock.name
        self._stopping = threading.Event()
        self._busy = threading.Lock()
        self._fair_is_due = False
        self._spare = Spare(ProcessSettings(settings.program, settings.niceness["soon"], settings.environment), settings.spare_s)
        self._consumer = queue.consumer(self.serve)
        self._expected_ns = self._expected_at_ns()
        self._times = None if settings.stage_times is None else StageTimes(settings.stage_times)
        self._looked_s = self._swept_s = time.monotonic()
        self._job_id: str | None = None
        self._told: tuple[str | None, float] | None = None
        self._own = ThreadPoolExecutor(1, "own-look")
        self._watch = threading.Thread(target=self._look_after, daemon=True, name="look-after-jobs")

    def start(self) -> None:
        """Take up what a killed worker has left, then work in threads of its own."""
        self._announce()
        self.sweep()
        self._looked_s = self._swept_s = time.monotonic()
        self._consumer.start()
        self._watch.start()

    def stop(self) -> None:
        """End in good order: the work under way goes back to the queue; returns when its process has ended."""
        self._stopping.set()
        self._consumer.stop(graceful=True)
        self._own.shutdown()
        self._spare.close()
        if self._watch.is_alive():
            self._watch.join()
        self._leave()
        self._lock.close()

    @property
    def alive(self) -> bool:
        """Whether the worker's threads run, and the one that looks after the jobs gets its work done."""
        threads = [self._watch, *(thread for _, thread in self._consumer.worker_threads)]
        looked = time.monotonic() - self._looked_s < self.settings.silence_s
        return looked and all(thread.is_alive() for thread in threads)

    def serve(self) -> None:
        """Do what is next."""
        if self._stopping.is_set():
            return
        turns: tuple[Turn, ...] = ("fair", "soon", "idle") if self._fair_is_due else ("soon", "fair", "idle")
        with self._busy:
            try:
                for turn in turns:
                    if (order := self.store.claim(self.name, turn)) is not None:
                        self._fair_is_due, self._job_id = turn == "soon", order.job_id
                        self._traced(order, turn)
                        return
            except StoreUnavailable as error:
                log.warning("The jobs can't be reached: %s", error)  # the sweep puts right what is left half told
            finally:
                self._job_id = None

    def _traced(self, order: WorkOrder, turn: Turn) -> None:
        """The job with its ids in all lines of the log, its spans, and what it took among the figures."""
        now_s, begun_s = time.time(), time.monotonic()
        if order.queued_s:
            FIGURES.waited(order.kind, now_s - order.queued_s)
            begin_span("queue", order.traceparent, order.queued_s, kind=order.kind).end()
        with span("job", order.traceparent, kind=order.kind, job=order.job_id) as job:
            order = replace(order, traceparent=job.traceparent)
            with working_for(order.request_id, order.job_id, job.traceparent):
                outcome = self._work(order, turn)
            job.set(outcome=outcome.kind)
        FIGURES.ended(order.kind, outcome.kind, time.monotonic() - begun_s)
        if outcome.kind == "finished":
            FIGURES.made(order.kind, outcome.spent_s, outcome.values.get("cached_stages", ()), outcome.frames, FRAMES)
        elif outcome.kind in ("refused", "broken", "late"):
            FIGURES.failed(order.kind, outcome.message.code or outcome.kind)

    def _work(self, order: WorkOrder, turn: Turn) -> Outcome:
        """One job from its order to its outcome."""
        log.info("Job %s (%s) begins.", order.job_id, order.kind)
        kind, settings = self._kinds[order.kind], self.settings
        watch = Watch(self, order.job_id, settings.limits_s[turn], gives_way=turn == "idle")
        process = ProcessSettings(settings.program, settings.niceness[turn], settings.environment)
        outcome = Outcome("broken", message=kind.broke)  # whatever happens, the job comes to an end: else it would begin anew
        ready = self._spare.take() if turn == "soon" and kind.load is not None else None
        shown, files = order, dict[str, str]()
        try:
            with settings.workplace(order) as place:
                shown, look = place.order, looking(place, watch)
                outcome = run_work(shown, look, process, kind.broke, self._times, ready)
                if outcome.kind == "finished":
                    outcome = kept(place, outcome, kind)
                if outcome.kind == "finished":
                    files = files_of(place, order, kind)
        except StoreFailed as error:  # for a time: the work itself is right
            outcome = Outcome("broken", message=error.message)
        except BelcantoError as error:  # a file that it works on can't be opened
            outcome = Outcome("refused", message=error.message)
        except OSError as error:
            outcome = Outcome("broken", message=kind.broke, log=f"Its files could not be laid out: {error}")
        finally:
            log.info("Job %s ends: %s", order.job_id, outcome.kind)
            self._conclude(order, shown, kind, outcome, settings.limits_s[turn], files)
            if kind.load is not None and outcome.kind in ("finished", "cancel") and not self.stopping:
                self._spare.renew()  # the next is asked for soon
        return outcome

    def _conclude(
        self, order: WorkOrder, shown: WorkOrder, kind: WorkKind, outcome: Outcome, limit_s: float, files: dict[str, str]
    ) -> None:
        """Tell the store how the work went. shown: the order with the paths at which it was done, of which its messages speak.

        files: names of what was made, by role.
        """
        job_id, failure = order.job_id, shown.in_words_of_the_person(outcome.message)
        if outcome.kind == "finished":
            self.store.finish(job_id, self.name, in_words(shown, outcome.values), files)
        elif outcome.kind == "cancel":
            self.store.cancelled(job_id, self.name)
        elif outcome.kind == "stop":
            self.store.give_back(job_id, self.name)
        elif outcome.kind == "late":
            self.store.fail(job_id, self.name, kind.late(round(limit_s / 60)), False)
        else:
            if outcome.log:
                log.error("Job %s broke:\n%s", job_id, outcome.log)
            if outcome.kind == "refused":
                log.warning("Job %s was refused: %s", job_id, outcome.message)  # with the command that helps, where there is one
            self.store.fail(job_id, self.name, failure, outcome.kind == "broken")

    @property
    def stopping(self) -> bool:
        """Whether the worker was told to end."""
        return self._stopping.is_set()

    def sweep(self) -> None:
        """Let the jobs of dead workers wait again, and a job that this worker could not conclude."""
        idle = self._busy.acquire(blocking=False)  # held, so that no job is taken meanwhile
        try:
            count = self.store.requeue_stale(self.name, idle)
        except StoreUnavailable as error:
            log.warning("The jobs can't be reached: %s", error)
        else:
            if count:
                log.info("%d unfinished jobs wait again.", count)
        finally:
            if idle:
                self._busy.release()

    def _look_after(self) -> None:
        """Until the end: look. An error that nobody foresaw must not end this: without it, jobs would lie for ever."""
        with ThreadPoolExecutor(1, "look-after-jobs") as looks:
            while not self._stopping.wait(self.settings.look_s):
                if (error := looks.submit(self._look).exception()) is None:
                    self._looked_s = time.monotonic()
                else:
                    log.error("Looking after the jobs went wrong; it is tried again.", exc_info=error)

    def _announce(self) -> None:
        """Say that the worker lives, at once where it has begun or ended a job."""
        now_s, job_id, announcer = time.monotonic(), self._job_id, self.settings.announcer
        told = self._told
        if announcer is None or (told is not None and told[0] == job_id and now_s - told[1] < self.settings.tell_s):
            return
        try:
            announcer.tell(self.name, job_id)
            self._told = job_id, now_s
        except StoreUnavailable as error:
            log.warning("The worker can't be announced: %s", error)  # the next look tries again

    def _leave(self) -> None:
        try:
            if self.settings.announcer is not None:
                self.settings.announcer.leave(self.name)
        except StoreUnavailable as error:
            log.warning("The worker's end can't be announced, its silence will tell: %s", error)

    def _look(self) -> None:
        """Do jobs that no message speaks of, sweep, announce, mend a dead thread, end what stood ready in vain."""
        if (expected_ns := self._expected_at_ns()) > self._expected_ns:
            self._expected_ns = expected_ns
            self._spare.renew()
        self._spare.look()
        self._announce()
        self._consumer.check_worker_health()
        if time.monotonic() - self._swept_s >= self.settings.sweep_s:
            self._swept_s = time.monotonic()
            self.sweep()
        if self._busy.locked():
            return
        try:
            if not self._heard() and self._something_waits():
                self._own.submit(self.serve).add_done_callback(
                    tell_error
                )  # a message might wake another worker, which can't do it
        except StoreUnavailable as error:
            log.warning("The jobs can't be reached: %s", error)

    def _heard(self) -> bool:
        """Whether messages wait that will wake a worker; without the queue, workers go by what the store says."""
        try:
            return self.queue.waiting() > 0
        except QUEUE_ERRORS as error:
            log.warning("The queue can't be reached: %s", error)
            return False

    def _expected_at_ns(self) -> int:
        """When somebody last said that work will be asked for soon; 0 where nobody has."""
        try:
            return 0 if self.settings.expected is None else self.settings.expected.stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def _something_waits(self) -> bool:
        return any(self.store.waiting(turn) for turn in TURNS)


def tell_error(done: Future[None]) -> None:
    """An error that nobody foresaw stands in the log."""
    if (error := done.exception()) is not None:
        log.error("A job could not be done.", exc_info=error)
