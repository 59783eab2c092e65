"""A worker in trouble: processes that die or can't be started, films that take too long, jobs that can't be reached."""

from __future__ import annotations

import os
import signal
import time
from types import SimpleNamespace

import pytest

from jobs.process import Child
from pipeline.film_settings import SongToVideoSettings
from tests.jobs.memory_store import MemoryStore, children, left_in, processes_with, wait_for

pytestmark = pytest.mark.long


def test_a_process_that_is_ended_by_force_takes_its_encoder_with_it(tmp_path):
    """ffmpeg opens its output after the first frame: one that outlives its job would leave a film behind the cleaning up."""
    part = tmp_path / "film.part"
    arguments = ["-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "64x64", "-r", "25", "-i", "pipe:0", "-f", "mp4", str(part)]
    script = "\n".join(
        [
            "import time",
            "from media.ffmpeg_run import Ffmpeg, ffmpeg_path",
            f"run = Ffmpeg([ffmpeg_path(), *{arguments}], feeds=True)",
            "print('{}', flush=True)",
            "time.sleep(600)",
        ]
    )
    with Child(["-c", script], {}) as child:
        assert wait_for(lambda: child._lines.get(timeout=60)) == b"{}\n"
        wait_for(lambda: len(processes_with("film.part")) == 2)  # the script and ffmpeg
    wait_for(lambda: not processes_with("film.part"))
    assert not part.exists()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL])
def test_a_film_whose_process_dies_may_be_tried_again(make_order, start, tmp_path, number):
    store = MemoryStore([make_order(settings=SongToVideoSettings(height=512, start_s=4.0, duration_s=8.0))])
    start(store)
    wait_for(lambda: any(told.stage == "frames" and told.done > 2 for _, _, told in store.told))
    assert any(name.endswith(".part") for name in left_in(tmp_path)), "there is something that could be left"
    os.kill(wait_for(lambda: next(iter(children()), None)), number)
    state, sentence, retry_helps = wait_for(lambda: store.ended.get("a"))
    assert state == "failed" and retry_helps
    assert ("memory" if number == signal.SIGKILL else "error in the program") in str(sentence)
    assert left_in(tmp_path) == []


@pytest.mark.slow
def test_a_film_that_takes_too_long_is_ended_with_a_sentence(make_order, start, tmp_path, monkeypatch):
    """The worker's clock jumps while frames are drawn, so that no machine is too quick or too slow for the limit."""
    ahead_s = [0.0]
    monkeypatch.setattr("jobs.under_way.time", SimpleNamespace(monotonic=lambda: time.monotonic() + ahead_s[0]))
    store = MemoryStore([make_order(settings=SongToVideoSettings(height=512, fps=50, start_s=4.0, duration_s=8.0))])
    start(store, limits_s={"fair": 3600.0})
    wait_for(lambda: any(told.stage == "frames" for _, _, told in store.told))
    assert not store.ended
    ahead_s[0] = 3600.0
    state, sentence, retry_helps = wait_for(lambda: store.ended.get("a"))
    assert state == "failed" and not retry_helps and "took longer than 60 minutes" in sentence
    assert left_in(tmp_path) == []


@pytest.mark.slow
def test_jobs_that_cannot_be_reached_for_a_while_are_made_later(make_order, start):
    store = MemoryStore([make_order()])
    store.away = True
    worker = start(store)
    wait_for(lambda: store.refused >= 3, 60)  # it has come in vain, and again
    assert worker.alive and not store.ended
    store.away = False
    wait_for(lambda: not store.queues["fair"], 60)
    assert wait_for(lambda: store.ended.get("a"))[0] == "done"


def test_a_film_whose_process_cannot_be_started_comes_to_an_end(make_order, start, no_processes, tmp_path):
    store = MemoryStore([make_order()])
    worker = start(store)
    state, sentence, retry_helps = wait_for(lambda: store.ended.get("a"), 20)
    assert state == "failed" and retry_helps and "error in the program" in sentence
    assert worker.alive and left_in(tmp_path) == []


def test_reports_and_emotions_whose_process_cannot_be_started_come_to_an_end(
    make_order, make_report, make_emotion, start, no_processes
):
    store = MemoryStore(soon=[make_emotion("b")], idle=[make_report(make_order("a"))])
    start(store)
    wait_for(lambda: len(store.ended) == 2, 20)
    assert "quality report could not be made because of an error" in store.ended["a report"][1]
    assert "emotion could not be found because of an error" in store.ended["b"][1]


def test_a_film_that_meets_an_error_of_ours_comes_to_an_end(make_order, start, monkeypatch):
    """Not even one that nobody foresaw leaves the job running, to be begun anew again and again."""

    def break_down(*arguments):
        raise ZeroDivisionError

    monkeypatch.setattr("jobs.queueing.run_work", break_down)
    store = MemoryStore([make_order()])
    start(store)
    assert wait_for(lambda: store.ended.get("a"), 20)[::2] == ("failed", True)


def test_a_process_that_ended_before_it_heard_a_word_keeps_its_outcome():
    with Child(["-c", "import sys; sys.stdin.close(); print('{}')"], {}) as child:
        assert wait_for(lambda: child._lines.get(timeout=60)) == b"{}\n"
        child.process.wait()
        child.say(b"cancel" * 100_000)
    assert child.process.returncode == 0


@pytest.mark.slow
def test_the_thread_that_looks_after_jobs_outlives_any_error(make_order, start):
    store = MemoryStore([make_order()])
    failures = []

    def break_down(turn):
        failures.append(1)
        raise ZeroDivisionError

    store.waiting = break_down
    worker = start(store, silence_s=2.0)
    wait_for(lambda: len(failures) >= 3, 20)
    wait_for(lambda: not worker.alive, 20)  # it says that it is not well
    del store.waiting
    assert wait_for(lambda: store.ended.get("a"))[0] == "done"
    assert worker.alive
