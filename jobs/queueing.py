"""The worker: takes one job after the other from the store, has it made in a process of its own, and says how it went.

Knows neither the web nor the database: orders come from a `JobStore`, the wake-up calls from a `JobQueue`. After a kill, at any
moment, the next worker takes the job up again and the stages' cache gives back what was finished.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from core.messages import message, message_from_json
from jobs.contracts import EmotionOrder, JobOrder, JobProgress, JobStore, ReportOrder, StoreUnavailable
from jobs.process import EMOTION_BROKE, FILM_BROKE, REPORT_BROKE, Outcome, Wish, run_emotion, run_film, run_report
from jobs.queue import QUEUE_ERRORS, JobQueue, QueueSettings
from jobs.stage_times import StageTimes
from jobs.workers import WorkerLock, has_died

__all__ = [
    "EmotionOrder",
    "JobOrder",
    "JobProgress",
    "JobQueue",
    "JobStore",
    "QueueSettings",
    "ReportOrder",
    "StoreUnavailable",
    "Worker",
    "WorkerSettings",
    "has_died",
]

log = logging.getLogger(__name__)

#: Says that a worker of that name is at a piece of work of that id; returns whether the work shall end.
Beat = Callable[[str, str], bool]


@dataclass(frozen=True)
class WorkerSettings:
    """How a worker works."""

    #: folder of the workers' locks, shared by all workers of one store.
    locks: Path
    #: longest making of one film, in seconds.
    time_limit_s: float = 7200.0
    #: longest making of one quality report, in seconds.
    report_limit_s: float = 3600.0
    #: longest search for one song's emotion, in seconds.
    emotion_limit_s: float = 1800.0
    #: how much a film's process lets others go first, 0 to 19.
    niceness: int = 10
    #: the same for a quality report's process.
    report_niceness: int = 19
    #: how often a worker says that it lives and looks whether its film is still wanted, in seconds.
    beat_s: float = 0.5
    #: how often a worker looks for jobs that nobody was woken for, in seconds.
    look_s: float = 1.0
    #: how often a worker looks for jobs whose worker has died, in seconds.
    sweep_s: float = 5.0
    #: a worker whose looks all failed for so long says that it is not well, in seconds.
    silence_s: float = 60.0
    #: environment of the films' processes, for example where the stages' cache lies.
    environment: Mapping[str, str] = field(default_factory=dict)
    #: file in which it is kept what the stages of films took here, shared by all workers of one store; None: nothing is learned.
    stage_times: Path | None = None


class Worker:
    """One worker: makes one film at a time, and quality reports while no film waits. `start` it, and `stop` it in the end.

    Finding a song's emotion takes seconds and somebody looks on, so it comes before films, but never twice while one waits.
    """

    def __init__(self, queue: JobQueue, store: JobStore, settings: WorkerSettings) -> None:
        self.queue, self.store, self.settings = queue, store, settings
        self._lock = WorkerLock(settings.locks)
        self.name = self._lock.name
        self._stopping = threading.Event()
        self._busy = threading.Lock()
        self._film_is_due = False
        self._consumer = queue.consumer(self.serve)
        self._times = None if settings.stage_times is None else StageTimes(settings.stage_times)
        self._looked_s = self._swept_s = time.monotonic()
        self._watch = threading.Thread(target=self._look_after, daemon=True, name="look-after-jobs")

    def start(self) -> None:
        """Take up what a killed worker has left, then work in threads of its own."""
        self.sweep()
        self._looked_s = self._swept_s = time.monotonic()
        self._consumer.start()
        self._watch.start()

    def stop(self) -> None:
        """End in good order: the film in the making goes back to the queue; returns when its process has ended."""
        self._stopping.set()
        self._consumer.stop(graceful=True)
        if self._watch.is_alive():
            self._watch.join()
        self._lock.close()

    @property
    def alive(self) -> bool:
        """Whether the worker's threads run, and the one that looks after the jobs gets its work done."""
        threads = [self._watch, *(thread for _, thread in self._consumer.worker_threads)]
        looked = time.monotonic() - self._looked_s < self.settings.silence_s
        return looked and all(thread.is_alive() for thread in threads)

    def serve(self) -> None:
        """Do what is next: a song's emotion, the film whose turn it is; where neither waits, a quality report."""
        if self._stopping.is_set():
            return
        first, second = self._serve_emotion, self._serve_film
        with self._busy:
            try:
                for serve in (second, first) if self._film_is_due else (first, second):
                    if serve():
                        return
                if (report := self.store.claim_report(self.name)) is not None:
                    self._measure(report)
            except StoreUnavailable as error:
                log.warning("The jobs can't be reached: %s", error)  # the sweep puts right what is left half told

    def _serve_film(self) -> bool:
        """Make the film whose turn it is; says whether there was one."""
        if (order := self.store.claim(self.name)) is None:
            return False
        self._film_is_due = False
        self._make(order)
        return True

    def _serve_emotion(self) -> bool:
        """Find the emotion that was asked for first; says whether there was one."""
        if (order := self.store.claim_emotion(self.name)) is None:
            return False
        self._film_is_due = True
        self._feel(order)
        return True

    def _make(self, order: JobOrder) -> None:
        """One film from its order to its outcome."""
        log.info("Job %s begins.", order.job_id)
        watch = Lookout(self, order.job_id, self.settings.time_limit_s)
        outcome = Outcome("broken", message=FILM_BROKE)  # whatever happens, the job comes to an end: else it would begin anew
        try:
            outcome = run_film(order, watch, self.settings.niceness, self.settings.environment, self._times)
        finally:
            log.info("Job %s ends: %s", order.job_id, outcome.kind)
            self._conclude(order, outcome)

    def _conclude(self, order: JobOrder, outcome: Outcome) -> None:
        """Tell the store how the film's making went."""
        job_id, failure = order.job_id, order.in_words_of_the_person(outcome.message)
        if outcome.kind == "finished":
            notes = [order.in_words_of_the_person(message_from_json(note)).as_json() for note in outcome.values["notes"]]
            self.store.finish(job_id, self.name, {**outcome.values, "video": order.video.name, "notes": notes})
        elif outcome.kind == "cancel":
            self.store.cancelled(job_id, self.name)
        elif outcome.kind == "stop":
            self.store.give_back(job_id, self.name)
        elif outcome.kind == "late":
            minutes = round(self.settings.time_limit_s / 60)
            self.store.fail(job_id, self.name, message("jobs.film_took_too_long", count=minutes), False)
        else:
            if outcome.log:
                log.error("Job %s broke:\n%s", job_id, outcome.log)
            if outcome.kind == "refused":
                log.warning("Job %s was refused: %s", job_id, outcome.message)  # with the command that helps, where there is one
            self.store.fail(job_id, self.name, failure, outcome.kind == "broken")

    def _measure(self, order: ReportOrder) -> None:
        """One quality report; it is put off as soon as a film waits."""
        watch = Lookout(self, order.job_id, self.settings.report_limit_s, gives_way=True)
        outcome = Outcome("broken", message=REPORT_BROKE)
        try:
            outcome = run_report(order, watch, self.settings.report_niceness, self.settings.environment)
        finally:
            self._conclude_report(order, outcome)

    def _conclude_report(self, order: ReportOrder, outcome: Outcome) -> None:
        """Tell the store how the report's making went."""
        if outcome.kind == "finished":
            self.store.finish_report(order.job_id, self.name, outcome.values, order.page.name)
        elif outcome.kind in ("stop", "cancel"):
            self.store.give_back_report(order.job_id, self.name)
        else:
            if outcome.log:
                log.error("The report of job %s broke:\n%s", order.job_id, outcome.log)
            self.store.fail_report(order.job_id, self.name, outcome.message or message("jobs.report_late"))

    def _feel(self, order: EmotionOrder) -> None:
        """One song's emotion."""
        watch = Lookout(self, order.request_id, self.settings.emotion_limit_s, beat=self.store.beat_emotion)
        outcome = Outcome("broken", message=EMOTION_BROKE)
        try:
            outcome = run_emotion(order, watch, self.settings.niceness, self.settings.environment)
        finally:
            self._conclude_emotion(order, outcome)

    def _conclude_emotion(self, order: EmotionOrder, outcome: Outcome) -> None:
        """Tell the store how the search for the emotion went."""
        if outcome.kind == "finished":
            self.store.finish_emotion(order.request_id, self.name, outcome.values["emotion"])
        elif outcome.kind == "stop":
            self.store.give_back_emotion(order.request_id, self.name)
        elif outcome.kind != "cancel":
            if outcome.log:
                log.error("The emotion of request %s broke:\n%s", order.request_id, outcome.log)
            failure = outcome.message or message("jobs.emotion_took_too_long")
            self.store.fail_emotion(order.request_id, self.name, order.in_words_of_the_person(failure))

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

    def _look(self) -> None:
        """Wake the worker for jobs that no message speaks of, sweep, and mend a thread that has died."""
        self._consumer.check_worker_health()
        if time.monotonic() - self._swept_s >= self.settings.sweep_s:
            self._swept_s = time.monotonic()
            self.sweep()
        if self._busy.locked():
            return
        try:
            if self.queue.waiting() == 0 and self._something_waits():
                self.queue.announce("")
        except (StoreUnavailable, *QUEUE_ERRORS) as error:
            log.warning("The jobs or their queue can't be reached: %s", error)

    def _something_waits(self) -> bool:
        return bool(self.store.queued() or self.store.emotions_waiting() or self.store.reports_waiting())


class Lookout:
    """What a film's or report's process is asked for several times a second: keeps its progress and says whether to go on."""

    def __init__(self, worker: Worker, job_id: str, limit_s: float, gives_way: bool = False, beat: Beat | None = None) -> None:
        """gives_way: whether the work is put off when a film or an emotion waits. beat: the store's, where not that of films."""
        self.worker, self.job_id, self.gives_way = worker, job_id, gives_way
        self._beat = beat or worker.store.beat
        self._late_s = time.monotonic() + limit_s
        self._beat_s = 0.0

    def __call__(self, progress: JobProgress | None) -> Wish:
        if self.worker.stopping:
            return "stop"
        now_s = time.monotonic()
        if now_s > self._late_s:
            return "late"
        store = self.worker.store
        try:
            if progress is not None:
                store.progress(self.job_id, self.worker.name, progress)
            if now_s - self._beat_s >= self.worker.settings.beat_s:
                self._beat_s = now_s
                if self._beat(self.job_id, self.worker.name):
                    return "cancel"
                if self.gives_way and (store.queued() or store.emotions_waiting()):
                    return "stop"
        except StoreUnavailable as error:
            log.warning("The progress of job %s can't be kept: %s", self.job_id, error)  # the next one may
        return "go on"
