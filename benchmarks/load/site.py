"""The program as it serves many: its pages in one process, its workers in others, on a folder of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from benchmarks.live_server import LiveServer
from benchmarks.programs import ROOT
from core.errors import MissingError
from core.messages import as_written

STOP_LIMIT_S = 60.0
#: Everybody comes from one address here, and one person stands for many.
NO_LIMITS = {
    f"BELCANTO_MAX_{name}": "1000000"
    for name in ("REQUESTS_PER_MINUTE", "WAITING_JOBS", "ADDRESS_WAITING_JOBS", "FILMS", "ADDRESS_UPLOADS")
}


class Site:
    """A server without a worker of its own, and workers beside it; a context manager. workers: how many."""

    def __init__(self, data_dir: Path, workers: int, environment: dict[str, str] | None = None) -> None:
        one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self.environment = {**NO_LIMITS, **one_thread, **(environment or {})}
        self.server = LiveServer(data_dir, self.environment, worker=False)
        self.workers: list[subprocess.Popen[bytes]] = []
        self._wanted = workers
        self._stack = ExitStack()

    def __enter__(self) -> Site:
        self._stack.enter_context(self.server)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for worker in self.workers:
            worker.terminate()
        for worker in self.workers:
            try:
                worker.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
        self._stack.close()

    def start_workers(self) -> None:
        """Begin to make what waits."""
        folder = self.server.data_dir
        places = {"BELCANTO_DATA_DIR": str(folder), "BELCANTO_CACHE_DIR": str(folder / "cache")}
        for number in range(self._wanted):
            with (folder / f"worker-{number}.log").open("ab") as sink:
                command = [sys.executable, "-m", "app.worker"]
                environment = {**os.environ, **self.environment, **places}
                self.workers.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=sink, stderr=sink))

    def check_workers(self) -> None:
        """Raises `MissingError` where one has ended."""
        if ended := [worker.pid for worker in self.workers if worker.poll() is not None]:
            raise MissingError(as_written(f"Workers have ended: {ended}; their words lie in {self.server.data_dir}."))
