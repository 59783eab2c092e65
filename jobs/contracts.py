"""What passes between the queue's worker and whoever keeps the jobs: progress, and the store that holds jobs of any kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from core.messages import Message
from core.work import Turn, WorkOrder


class StoreUnavailable(Exception):
    """The place where the jobs are kept can't be reached for the moment; trying again later helps."""


@dataclass(frozen=True)
class JobProgress:
    """How far a job is: its stage, units done of a total (0: unknown), seconds left of the whole (None: unknown).

    share: how much of the whole is done by the time it takes, 0 to 1, never less than before. overdue: whether the stage takes
    longer than was foreseen and says nothing.
    """

    stage: str
    done: int
    total: int
    eta_s: float | None
    share: float = 0.0
    overdue: bool = False


class JobStore(Protocol):
    """Where the jobs are kept. Every method is one transaction and may raise `StoreUnavailable`.

    A worker is known by the name that it claims with; `WorkerLock` says whether a worker of that name still lives. What a worker
    says of a piece of work that was taken from it meanwhile changes nothing: it may be the last word of one that slept, while
    another is at the same work.
    """

    def waiting(self, turn: Turn) -> int:
        """How many jobs of that turn wait and can be done."""
        ...

    def claim(self, worker: str, turn: Turn) -> WorkOrder | None:
        """Take the job of that turn that is next, fair between people, and mark it running; None where none waits."""
        ...

    def beat(self, job_id: str, worker: str) -> bool:
        """Say that the job's worker lives; returns whether the work shall end: unwanted, or no longer this worker's."""
        ...

    def progress(self, job_id: str, worker: str, progress: JobProgress) -> None:
        """Keep how far the job is."""
        ...

    def finish(self, job_id: str, worker: str, figures: Mapping[str, Any], files: Mapping[str, str]) -> None:
        """The work is done: `figures` as its kind gives them, and the names of the files that were made, by role."""
        ...

    def fail(self, job_id: str, worker: str, failure: Message, retry_helps: bool) -> None:
        """The work could not be done. Where a second try may help and there was none yet, the job may wait again."""
        ...

    def cancelled(self, job_id: str, worker: str) -> None:
        """The work has ended because it was not wanted any more."""
        ...

    def give_back(self, job_id: str, worker: str) -> None:
        """The work was put off; the job waits again and goes on from its last finished stage."""
        ...

    def requeue_stale(self, worker: str, idle: bool) -> int:
        """Let the running jobs of dead workers wait again, and if `worker` is idle, what stands under its name; says how many."""
        ...
