"""Orders and workers for the tests of the queue."""

from __future__ import annotations

import errno

import pytest

from jobs.contracts import JobOrder
from jobs.queue import JobQueue
from jobs.queueing import QueueSettings, Worker, WorkerSettings
from tests.pipeline.jobs.memory_store import SHORT


@pytest.fixture(scope="module")
def warm_cache(tmp_path_factory):
    return tmp_path_factory.mktemp("jobs-cache")


@pytest.fixture(autouse=True)
def one_cache(warm_cache, monkeypatch):
    """One cache for this module, so that the separation runs once."""
    monkeypatch.setenv("BELCANTO_CACHE_DIR", str(warm_cache))


@pytest.fixture
def make_order(root_dir, tmp_path):
    def make(job_id="a", settings=SHORT, song=None, **values):
        demo = root_dir / "demo"
        return JobOrder(
            job_id, demo / "portrait.jpg", song or demo / "song.mp3", tmp_path / f"film-{job_id}.mp4", settings, **values
        )

    return make


@pytest.fixture
def start(tmp_path):
    workers = []

    def begin(store, **settings):
        queue = JobQueue(QueueSettings("sqlite", tmp_path / "queue.sqlite3"))
        worker = Worker(
            queue, store, WorkerSettings(tmp_path / "workers", **{"look_s": 0.2, "sweep_s": 0.5, "beat_s": 0.2, **settings})
        )
        worker.start()
        workers.append(worker)
        return worker

    yield begin
    for worker in workers:
        if worker.alive:
            worker.stop()


@pytest.fixture
def no_processes(monkeypatch):
    """A machine that can start no more processes."""

    def refuse(*arguments, **values):
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr("jobs.process.subprocess.Popen", refuse)
