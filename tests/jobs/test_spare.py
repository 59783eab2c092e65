"""A process that stands ready: it does one piece of work like any other, ends when its time is over, and with its worker."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from core.messages import as_written
from core.work import WorkInput, WorkOrder
from jobs.process import ProcessSettings, run_work
from jobs.spare import Spare
from media.media import probe_video
from tests.jobs.memory_store import PROGRAM, MemoryStore, children, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture
def spare():
    made = Spare(ProcessSettings(PROGRAM), 60.0)
    yield made
    made.close()


def hopeless(job_id="a", kind="film_preview"):
    """An order that is refused at once, in the process that looks at it."""
    nothing = {"song": WorkInput(Path("/none/song.mp3")), "portrait": WorkInput(Path("/none/portrait.jpg"))}
    return WorkOrder(job_id, kind, nothing, {}, {"preview": Path("/none/preview.mp4")})


def test_it_does_one_piece_of_work(spare):
    assert spare.take() is None
    spare.renew()
    spare.renew()
    ready = spare.take()
    assert ready is not None and ready.process.poll() is None and spare.take() is None
    outcome = run_work(hopeless(), lambda progress: "go on", ProcessSettings(PROGRAM), as_written("It broke."), None, ready)
    assert outcome.kind == "refused" and ready.process.returncode == 2
    assert outcome.message.values["path"] == "/none/portrait.jpg"


def test_its_time_is_over_and_one_that_died_is_not_taken(spare):
    spare.renew()
    first = spare._child
    spare.look()
    assert first.process.poll() is None
    first.kill()
    first.process.wait()
    assert spare.take() is None
    spare._kept_s = 0.0
    spare.renew()
    assert spare.take() is None, "none is wanted"
    spare._kept_s = 0.01
    spare.renew()
    second = spare._child
    time.sleep(0.05)
    spare.look()
    assert second.process.returncode is not None and spare.take() is None


def test_a_worker_has_one_ready_after_such_work_and_ends_it(make_order, start, tmp_path):
    def preview(job_id):
        film = make_order(job_id)
        return replace(film, kind="film_preview", outputs={"preview": tmp_path / f"preview-{job_id}.mp4"})

    store = MemoryStore(soon=[preview("a")])
    worker = start(store)
    assert wait_for(lambda: store.ended.get("a"))[0] == "done"
    (ready,) = wait_for(children)
    store.queues["soon"].append(preview("b"))
    wait_for(lambda: "b" in store.running)
    assert set(children()) == {ready}, "the one that stood ready does it"
    state, figures = wait_for(lambda: store.ended.get("b"))
    assert state == "done" and "film" not in figures and probe_video(tmp_path / "preview-b.mp4").frames == figures["frames"]
    wait_for(lambda: children() and ready not in children())
    worker.stop()
    assert children() == {}


def test_a_worker_has_one_ready_where_such_work_is_expected(start, tmp_path):
    word = tmp_path / "expected"
    word.touch()
    worker = start(MemoryStore(), expected=word)
    time.sleep(0.6)
    assert children() == {}, "that was said before it began"
    word.touch()
    assert len(wait_for(children)) == 1
    worker.stop()
    assert children() == {}
