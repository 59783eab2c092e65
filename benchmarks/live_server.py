"""Starts the real application on a free loopback port with a folder of its own, and stops it again: for load tests and looks."""

from __future__ import annotations

import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from benchmarks.programs import ROOT
from core.errors import MissingError
from core.messages import as_written

START_LIMIT_S = 120.0
STOP_LIMIT_S = 60.0
HOST = "127.0.0.1"
#: Below those that systems lend to outgoing connections: one of these could take the port before the server has it, or while
#: it is down between two starts.
PORTS = range(20_000, 32_000)


def free_port() -> int:
    """A port of the loopback that nobody listens on now."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port


class LiveServer:
    """`python -m app` as a process of its own; a context manager.

    data_dir: folder of its database, uploads and films; it is kept, so that a second server can go on where this one was killed.
    environment: more settings, over those of this process. worker: whether it makes films.
    """

    def __init__(
        self, data_dir: Path, environment: dict[str, str] | None = None, port: int | None = None, worker: bool = True
    ) -> None:
        self.data_dir = data_dir
        self.port = port or free_port()
        self.log = data_dir / "server.log"
        settings = {"BELCANTO_DATA_DIR": str(data_dir), "BELCANTO_CACHE_DIR": str(data_dir / "cache")}
        self._more = () if worker else ("--no-worker",)
        self._environment = {**os.environ, **settings, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://{HOST}:{self.port}"

    @property
    def pid(self) -> int:
        """Of the running process. Raises `MissingError` where none runs."""
        if self._process is None:
            raise MissingError(as_written("The server was not started."))
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it is ready. Raises `MissingError` with its last words where it is not."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "app", "--host", HOST, "--port", str(self.port), *self._more]
        with self.log.open("ab") as sink:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + START_LIMIT_S
        while not self.is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                words = "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:])
                raise MissingError(as_written(f"The application did not start. Its last words:\n{words}"))
            time.sleep(0.1)

    def is_ready(self) -> bool:
        """Whether it answers that it can work."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as a person does; at once where it does not listen."""
        if self._process is not None and self._process.poll() is None:
            self._end(signal.SIGTERM)

    def _end(self, signal_number: int) -> None:
        """Send the signal to our own process and wait for its end."""
        if self._process is None:
            return
        self._process.send_signal(signal_number)
        try:
            self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def __enter__(self) -> LiveServer:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
