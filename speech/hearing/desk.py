"""One thread that listens for all who speak at the moment: whoever waits for an answer first, partial results after."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from functools import cache
from itertools import count

#: The thread ends where nothing was to be done for so long; it is not left amid its work when the program ends.
IDLE_S = 0.5


class HearingDesk:
    """Does one job after another in a thread of its own, the urgent ones first."""

    def __init__(self) -> None:
        self._jobs: list[tuple[bool, int, Callable[[], None]]] = []
        self._changed = threading.Condition()
        self._numbers, self._running = count(), False

    def ask(self, job: Callable[[], None], urgent: bool = False) -> None:
        """Have it done; it must raise nothing."""
        with self._changed:
            heapq.heappush(self._jobs, (not urgent, next(self._numbers), job))
            if not self._running:
                self._running = True
                threading.Thread(target=self._work, name="hearing").start()
            self._changed.notify()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._jobs), IDLE_S)
                if not self._jobs:
                    self._running = False
                    return
                job = heapq.heappop(self._jobs)[2]
            job()


@cache
def hearing_desk() -> HearingDesk:
    """The one of this process."""
    return HearingDesk()
