"""Orders and workers for the tests of the queue."""

from __future__ import annotations

import errno

import pytest

from core.work import WorkInput, WorkOrder
from jobs.queue import JobQueue
from jobs.queueing import QueueSettings, Worker, WorkerSettings
from pipeline.work_kinds import KINDS
from tests.jobs.memory_store import PROGRAM, SHORT


@pytest.fixture(autouse=True)
def one_cache(film_cache, monkeypatch):
    """One cache for all, so that the separation runs once."""
    monkeypatch.setenv("BELCANTO_CACHE_DIR", str(film_cache))


@pytest.fixture
def make_order(root_dir, tmp_path):
    """A film of the demo's picture and song; facts: what is known of both."""

    def make(job_id="a", settings=SHORT, song=None, song_title="", facts=None):
        demo = root_dir / "demo"
        inputs = {
            "song": WorkInput(song or demo / "song.mp3", song_title, {"duration_s": 22.8} if facts else {}),
            "portrait": WorkInput(demo / "portrait.jpg", "", {"width": 1024, "height": 1024} if facts else {}),
        }
        return WorkOrder(job_id, "song_to_film", inputs, settings.as_json(), {"film": tmp_path / f"film-{job_id}.mp4"})

    return make


@pytest.fixture
def make_emotion(root_dir):
    """The search for a song's emotion, the demo's where no other is given."""

    def make(job_id, song=None, title="", **part):
        return WorkOrder(job_id, "song_to_emotion", {"song": WorkInput(song or root_dir / "demo" / "song.mp3", title)}, part)

    return make


@pytest.fixture
def make_report(tmp_path):
    """The measuring of an order's film."""

    def make(order, **part):
        inputs = {**order.inputs, "film": WorkInput(order.outputs["film"])}
        return WorkOrder(
            f"{order.job_id} report", "quality_report", inputs, part, {"page": tmp_path / f"page-{order.job_id}.html"}
        )

    return make


@pytest.fixture
def start(tmp_path):
    workers = []

    def begin(store, **settings):
        queue = JobQueue(QueueSettings("sqlite", tmp_path / "queue.sqlite3"))
        often = {"look_s": 0.2, "sweep_s": 0.5, "beat_s": 0.2, **settings}
        worker = Worker(queue, store, WorkerSettings(tmp_path / "workers", PROGRAM, **often), KINDS)
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
