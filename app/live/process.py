"""The live process beside the server: started with a key that only the two know, started again when it dies, ended at the end."""

from __future__ import annotations

import logging
import os
import queue
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from app.live.client import LiveClient
from core.places import ROOT
from jobs.orphan_guard import watch_pipe

KEY_VARIABLE = "BELCANTO_LIVE_KEY"
#: What is run: it prints its port, and ends when its stdin does, which is when this process does, however that ends.
PROGRAM = ("-m", "live", "--with-parent")
#: How long it may take to say its port, and to end after it was told to, in seconds.
START_S, GRACE_S = 60.0, 10.0
#: The pause before it is started again, in seconds: doubled each time, up to the longest; the first again after it has run long.
FIRST_PAUSE_S, LONGEST_PAUSE_S, RAN_LONG_S = 1.0, 60.0, 60.0
log = logging.getLogger(__name__)


class LiveProcess:
    """Keeps one live process running from `start` to `stop`, and the client told where it is."""

    def __init__(
        self, client: LiveClient, environment: Mapping[str, str] | None = None, program: Sequence[str] = PROGRAM
    ) -> None:
        """client: gets its key now. environment: more variables for the process. program: arguments of the Python interpreter."""
        self._client, self._program = client, program
        client.key, client.wanted, client.port = secrets.token_urlsafe(32), True, None
        self._environment = {**os.environ, **(environment or {}), KEY_VARIABLE: client.key}
        self._stopping = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="live-process", daemon=True)

    @property
    def pid(self) -> int | None:
        """Of the process that runs now; None where there is none."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else None

    def start(self) -> None:
        """Start it; does not wait until it answers."""
        self._thread.start()

    def _run(self) -> None:
        pause_s = FIRST_PAUSE_S
        while not self._stopping.is_set():
            begun_s = time.monotonic()
            why = self._run_once()
            self._client.port = None
            if self._stopping.is_set():
                return
            pause_s = FIRST_PAUSE_S if time.monotonic() - begun_s > RAN_LONG_S else pause_s
            log.warning("The live process %s; it is started again in %g s.", why, pause_s)
            self._stopping.wait(pause_s)
            pause_s = min(2.0 * pause_s, LONGEST_PAUSE_S)

    def _run_once(self) -> str:
        """Start it and wait for its end; says how it ended, for the log."""
        try:
            self._child = child = subprocess.Popen(
                [sys.executable, *self._program],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=ROOT,
                env=self._environment,
                start_new_session=True,  # Ctrl+C is for the server, which then ends it
            )
        except OSError as error:
            return f"could not be started ({error.strerror})"
        assert child.stdin is not None and child.stdout is not None
        with child, suppress(OSError):
            lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
            watch_pipe(child.stdout, lines.put, lambda: lines.put(b""))  # type: ignore[arg-type]
            try:
                self._client.port = int(lines.get(timeout=START_S))
                log.info("Avatars that answer are ready to be asked for.")
            except (queue.Empty, ValueError):
                end(child)
                return "did not say its port"
            if self._stopping.is_set():  # told to stop while it started
                end(child)
            child.wait()
        return f"has ended with code {child.returncode}"

    def stop(self) -> None:
        """End it; it closes its sessions first."""
        self._stopping.set()
        child = self._child
        if child is not None:
            end(child)
        if self._thread.is_alive():
            self._thread.join(GRACE_S)


def end(child: subprocess.Popen[bytes]) -> None:
    """Have a process end, by force where it does not in time."""
    with suppress(OSError):
        child.terminate()
    try:
        child.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        log.warning("The live process did not end in time and was killed.")
        child.kill()
        child.wait()
