"""Runs a program and measures it from outside: wall time, processor time, and memory with all programs that it starts."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAMPLE_EVERY_S = 0.2


@dataclass(frozen=True)
class Run:
    """How a program ran.

    code: its exit code. seconds: wall time. processor_seconds: of it and its children. tree_mb: the most memory (resident, 10^6
    bytes) that it and its children held together, sampled five times a second; pages that they share count for each. None
    where the system does not tell.
    """

    code: int
    seconds: float
    processor_seconds: float
    tree_mb: float | None
    stdout: str
    stderr: str


def run_measured(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Run:
    """Run a program from the checkout's folder to its end. It is ended where the caller is interrupted."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as log:
        begin_s = time.perf_counter()
        process = subprocess.Popen(arguments, cwd=ROOT, stdout=out, stderr=log, env={**os.environ, **(environment or {})})
        sampler = TreeMemory(process.pid)
        try:
            sampler.start()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            sampler.stop()
            if process.returncode is None:
                process.terminate()
                process.wait()
        seconds = time.perf_counter() - begin_s
        texts = []
        for file in (out, log):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
    return Run(process.returncode, seconds, usage.ru_utime + usage.ru_stime, sampler.peak_mb, *texts)


def last_line(text: str) -> str:
    """The last line with something in it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing."


class TreeMemory:
    """Watches the memory of a process and its descendants from a thread of its own."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.peak_mb: float | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Begin; does nothing where the system has no /proc."""
        if sys.platform == "linux":
            self._thread.start()

    def stop(self) -> None:
        """End; `peak_mb` then holds the highest sample."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(SAMPLE_EVERY_S):
            self.peak_mb = max(self.peak_mb or 0.0, tree_mb(self.pid))


def tree_mb(pid: int) -> float:
    """Resident memory in 10^6 bytes of a process and its descendants that live now (Linux)."""
    page = os.sysconf("SC_PAGE_SIZE")
    total, open_pids = 0, [pid]
    while open_pids:
        current = open_pids.pop()
        folder = Path(f"/proc/{current}")
        try:
            total += int((folder / "statm").read_text().split()[1]) * page
            for task in (folder / "task").iterdir():
                open_pids += [int(child) for child in (task / "children").read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended between two looks
    return total / 1e6


def tree_processor_s(pid: int) -> float:
    """Seconds of processor that a process, its living descendants and those that have ended have taken so far (Linux)."""
    ticks, open_pids = 0, [pid]
    while open_pids:
        folder = Path(f"/proc/{open_pids.pop()}")
        try:
            # user and system, then both of the children that were waited for (proc(5), stat)
            ticks += sum(map(int, (folder / "stat").read_text().rpartition(")")[2].split()[11:15]))
            for task in (folder / "task").iterdir():
                open_pids += [int(child) for child in (task / "children").read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended between two looks
    return ticks / os.sysconf("SC_CLK_TCK")
