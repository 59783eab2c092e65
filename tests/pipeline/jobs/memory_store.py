"""Jobs that lie in memory, and what the tests of the worker see of its processes."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from jobs.contracts import StoreUnavailable
from pipeline.film_settings import SongToVideoSettings

SHORT = SongToVideoSettings(height=128, start_s=4.0, duration_s=1.5)


class MemoryStore:
    """Jobs in a list: enough to see what the worker does with them."""

    def __init__(self, orders=()):
        self.waiting, self.running, self.ended = list(orders), {}, {}
        self.told, self.unwanted, self.away, self.refused = [], set(), False, 0
        self.reports, self.figures, self.put_off = [], {}, []
        self.emotions, self.felt = [], []

    def claim(self, worker):
        if self.away:
            self.refused += 1
            raise StoreUnavailable("away")
        if not self.waiting:
            return None
        order = self.waiting.pop(0)
        self.running[order.job_id] = (worker, order)
        return order

    def beat(self, job_id, worker):
        return job_id in self.unwanted

    def progress(self, job_id, worker, progress):
        self.told.append((time.monotonic(), job_id, progress))

    def _end(self, job_id, *how):
        self.running.pop(job_id)
        self.ended[job_id] = how

    def finish(self, job_id, worker, report):
        self._end(job_id, "done", report)

    def fail(self, job_id, worker, failure, retry_helps):
        self._end(job_id, "failed", str(failure), retry_helps)

    def cancelled(self, job_id, worker):
        self._end(job_id, "cancelled")

    def give_back(self, job_id, worker):
        self.waiting.insert(0, self.running.pop(job_id)[1])

    def requeue_stale(self, worker, idle):
        mine = [job_id for job_id, (owner, _) in self.running.items() if owner == worker and idle]
        for job_id in mine:
            self.give_back(job_id, worker)
        return len(mine)

    def queued(self):
        return len(self.waiting)

    def emotions_waiting(self):
        return len(self.emotions)

    def claim_emotion(self, worker):
        return self.emotions.pop(0) if self.emotions else None

    def beat_emotion(self, request_id, worker):
        return request_id in self.unwanted

    def finish_emotion(self, request_id, worker, emotion):
        self.felt.append((request_id, emotion))

    def fail_emotion(self, request_id, worker, failure):
        self.felt.append((request_id, str(failure)))

    def give_back_emotion(self, request_id, worker):
        self.put_off.append(request_id)

    def reports_waiting(self):
        return len(self.reports)

    def claim_report(self, worker):
        return self.reports.pop(0) if self.reports else None

    def finish_report(self, job_id, worker, figures, page):
        self.figures[job_id] = (figures, page)

    def fail_report(self, job_id, worker, failure):
        self.figures[job_id] = str(failure)

    def give_back_report(self, job_id, worker):
        self.put_off.append(job_id)


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
    return {
        pid: words
        for pid, (parent, words) in found.items()
        if parent == os.getpid() and any(room in words for room in ("jobs.child", "pipeline", "metrics"))
    }


def left_in(folder):
    return sorted(path.name for path in folder.iterdir() if path.suffix in (".mp4", ".part", ".html"))


def processes_with(word):
    """Living processes that have a word in their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found += [path.parent.name] if word.encode() in path.read_bytes() else []
    return found
