"""What a worker can do: announced by every worker, so that work goes to those that can do it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

#: Where the system says how much memory there is, and how much of it a container may take (cgroup v2, v1).
MEMINFO = Path("/proc/meminfo")
CONTAINER_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
#: How long the driver of graphics cards may take to answer, in seconds.
DRIVER_S = 10.0


@dataclass(frozen=True)
class Card:
    """A graphics card. memory_mb: all of its memory, in megabytes (1024 x 1024 bytes)."""

    name: str
    memory_mb: int


@dataclass(frozen=True)
class Abilities:
    """What a worker can do.

    machine: its name. cores: those that it may use. memory_mb: what it may take, in megabytes; 0: unknown, then it takes whatever
    comes. kinds, engines: names of the kinds of work that it can do, and of the engines that lack nothing there.
    """

    machine: str
    cores: int
    memory_mb: int
    cards: tuple[Card, ...] = ()
    kinds: frozenset[str] = frozenset()
    engines: frozenset[str] = frozenset()


class Announcer(Protocol):
    """Where a worker says that it lives, what it can do and at which job it is. Both may raise `StoreUnavailable`."""

    def tell(self, worker: str, job_id: str | None) -> None:
        """The worker lives; job_id: at which it is, None: it waits."""
        ...

    def leave(self, worker: str) -> None:
        """The worker ends in good order."""
        ...


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_mb(meminfo: Path = MEMINFO, limits: tuple[Path, ...] = CONTAINER_LIMITS) -> int:
    """How much memory this machine, or the container, has, in megabytes; 0 where the system does not say."""
    try:
        lines = dict(line.split(":", 1) for line in meminfo.read_text(encoding="ascii").splitlines() if ":" in line)
        found = int(lines["MemTotal"].split()[0]) // 1024
    except (OSError, KeyError, ValueError):
        return 0
    for limit in limits:
        try:
            found = min(found, int(limit.read_text(encoding="ascii")) >> 20)
        except (OSError, ValueError):  # there is none, or it says `max`
            continue
    return found


def cards(run: Callable[..., subprocess.CompletedProcess[str]] = subprocess.run) -> tuple[Card, ...]:
    """NVIDIA's cards, as their driver tells of them; none where there is no driver, or it does not answer."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    command = [program, "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"]
    try:
        told = run(command, capture_output=True, text=True, timeout=DRIVER_S, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    return read_cards(told)


def read_cards(told: str) -> tuple[Card, ...]:
    """The cards of the driver's lines `NAME, MEGABYTES`; a line that says something else is none."""
    rows = (line.rpartition(",") for line in told.splitlines())
    return tuple(Card(name.strip(), int(size)) for name, _, size in rows if size.strip().isdigit())
