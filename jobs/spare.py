"""A process that stands ready for the next work that somebody looks on for: what that needs is loaded before it is asked for.

Loading takes about as long as the work itself, and each piece of work still has a process of its own.
"""

from __future__ import annotations

import logging
import threading
import time

from jobs.child import AHEAD
from jobs.process import Child, ProcessSettings, child_arguments

log = logging.getLogger(__name__)


class Spare:
    """At most one such process, for a while."""

    def __init__(self, settings: ProcessSettings, kept_s: float) -> None:
        """kept_s: how long it stands ready, in seconds; 0: there is none."""
        self._settings, self._kept_s = settings, kept_s
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._until_s = 0.0

    def renew(self) -> None:
        """Have one stand ready from now on; one that does so already stays for as long again."""
        if self._kept_s <= 0:
            return
        with self._lock:
            self._until_s = time.monotonic() + self._kept_s
            if self._child is not None and self._child.process.poll() is None:
                return
            self._end()
            try:
                self._child = Child([*child_arguments(self._settings), AHEAD], self._settings.environment)
            except OSError as error:
                log.warning("No process can stand ready: %s", error)

    def take(self) -> Child | None:
        """The process that stands ready, for one piece of work; None where there is none. Whoever takes it ends it."""
        with self._lock:
            child = self._child
            if child is not None and child.process.poll() is None:
                self._child = None
                return child
            self._end()  # it has died meanwhile
            return None

    def look(self) -> None:
        """End it where its time is over."""
        with self._lock:
            if time.monotonic() > self._until_s:
                self._end()

    def close(self) -> None:
        """End it."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            with child:  # leaving it ends it
                pass
