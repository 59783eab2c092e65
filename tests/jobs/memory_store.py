"""Jobs that lie in memory, and what the tests of the worker see of its processes."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from jobs.contracts import StoreUnavailable
from pipeline.film_settings import SongToVideoSettings

#: The program that does a piece of work.
PROGRAM = "belcanto.work_child"
SHORT = SongToVideoSettings(height=128, start_s=4.0, duration_s=1.5)


class MemoryStore:
    """Jobs in lists, by their turn: enough to see what the worker does with them."""

    def __init__(self, orders=(), soon=(), idle=()):
        self.queues = {"soon": list(soon), "fair": list(orders), "idle": list(idle)}
        self.running, self.ended = {}, {}
        self.told, self.unwanted, self.put_off, self.away, self.refused = [], set(), [], False, 0

    def waiting(self, turn):
        return len(self.queues[turn])

    def claim(self, worker, turn):
        if self.away:
            self.refused += 1
            raise StoreUnavailable("away")
        if not self.queues[turn]:
            return None
        order = self.queues[turn].pop(0)
        self.running[order.job_id] = (worker, turn, order)
        return order

    def beat(self, job_id, worker):
        return job_id in self.unwanted

    def progress(self, job_id, worker, progress):
        self.told.append((time.monotonic(), job_id, progress))

    def _end(self, job_id, *how):
        self.running.pop(job_id)
        self.ended[job_id] = how

    def finish(self, job_id, worker, figures, files):
        self._end(job_id, "done", figures)

    def fail(self, job_id, worker, failure, retry_helps):
        self._end(job_id, "failed", str(failure), retry_helps)

    def cancelled(self, job_id, worker):
        self._end(job_id, "cancelled")

    def give_back(self, job_id, worker):
        _, turn, order = self.running.pop(job_id)
        self.put_off.append(job_id)
        self.queues[turn].insert(0, order)

    def requeue_stale(self, worker, idle):
        mine = [job_id for job_id, (owner, *_) in self.running.items() if owner == worker and idle]
        for job_id in mine:
            self.give_back(job_id, worker)
        return len(mine)


def wait_for(condition, limit_s=300.0):
    end_s = time.monotonic() + limit_s
    while not (found := condition()):
        assert time.monotonic() < end_s, "it took too long"
        time.sleep(0.05)
    return found


def children():
    """Process ids of the living children of this process, with their command lines."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(path.joinpath("stat").read_text().rpartition(")")[2].split()[1])
            words = path.joinpath("cmdline").read_bytes().decode().replace("\0", " ")
        except (OSError, ValueError):
            continue
        found[int(path.name)] = (parent, words)
    return {pid: words for pid, (parent, words) in found.items() if parent == os.getpid() and PROGRAM in words}


def left_in(folder):
    return sorted(path.name for path in folder.iterdir() if path.suffix in (".mp4", ".part", ".html"))


def processes_with(word):
    """Living processes that have a word in their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found += [path.parent.name] if word.encode() in path.read_bytes() else []
    return found
