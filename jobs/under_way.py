"""What goes with a piece of work under way: whether it is still wanted, how far it is, and what was made of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.errors import BelcantoError
from core.messages import message_from_json
from core.stores.failures import StoreFailed
from core.work import WorkKind, WorkOrder
from jobs.contracts import JobProgress, StoreUnavailable
from jobs.process import Outcome, Tick, Wish
from jobs.workplace import Workplace

if TYPE_CHECKING:  # whose work it is
    from jobs.queueing import Worker

log = logging.getLogger(__name__)


def in_words(order: WorkOrder, figures: Mapping[str, Any]) -> dict[str, Any]:
    """The figures, their notes with the person's titles in place of the server's file names."""
    if "notes" not in figures:
        return dict(figures)
    notes = [order.in_words_of_the_person(message_from_json(note)).as_json() for note in figures["notes"]]
    return {**figures, "notes": notes}


def looking(place: Workplace, watch: Watch) -> Tick:
    """Look after the place with every tick."""

    def look(progress: JobProgress | None) -> Wish:
        place.look()
        return watch(progress)

    return look


def kept(place: Workplace, outcome: Outcome, kind: WorkKind) -> Outcome:
    """The outcome, once what was made is taken over."""
    try:
        place.keep()
    except StoreFailed as error:
        return Outcome("broken", message=error.message, log=f"What it made could not be kept: {error}")
    except (OSError, BelcantoError) as error:
        return Outcome("broken", message=kind.broke, log=f"What it made could not be kept: {error}")
    return outcome


def files_of(place: Workplace, order: WorkOrder, kind: WorkKind) -> dict[str, str]:
    """The names of what was made, by role. Raises StoreFailed."""
    made = ((role, path) for role, path in order.outputs.items() if role not in kind.as_needed or place.has(role))
    return {role: path.name for role, path in made}


class Watch:
    """What a job's process is asked for several times a second: keeps its progress and says whether to go on."""

    def __init__(self, worker: Worker, job_id: str, limit_s: float, gives_way: bool = False) -> None:
        """gives_way: whether the work is put off when any other waits."""
        self.worker, self.job_id, self.gives_way = worker, job_id, gives_way
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
                if store.beat(self.job_id, self.worker.name):
                    return "cancel"
                if self.gives_way and (store.waiting("soon") or store.waiting("fair")):
                    return "stop"
        except StoreUnavailable as error:
            log.warning("The progress of job %s can't be kept: %s", self.job_id, error)  # the next one may
        return "go on"
