"""The worker and its queue with real films in real processes, on jobs that lie in memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from core.work import WorkOrder
from jobs.process import ProcessSettings, run_work
from jobs.queue import JobQueue, JsonMessages
from jobs.queueing import QueueSettings
from jobs.stage_times import StageTimes
from jobs.workers import SUFFIX, WorkerLock, has_died
from media.media import probe_video
from pipeline.film_settings import SongToVideoSettings
from pipeline.works.quality_report import QUALITY_REPORT
from pipeline.works.song_to_film import COSTS
from tests.jobs.memory_store import PROGRAM, MemoryStore, children, left_in, wait_for

pytestmark = pytest.mark.long


@pytest.mark.slow
def test_a_film_is_made_and_its_progress_told_calmly(make_order, start, tmp_path):
    store = MemoryStore([make_order(facts=True)])
    start(store)
    state, report = wait_for(lambda: store.ended.get("a"))
    assert state == "done" and report["video"] == "film-a.mp4"
    assert probe_video(tmp_path / "film-a.mp4").frames == report["frames"]
    assert left_in(tmp_path) == ["film-a.mp4"]
    times = [at_s for at_s, _, _ in store.told]
    assert store.told and all(later - earlier >= 0.2 for earlier, later in pairwise(times))
    stages = [progress.stage for _, _, progress in store.told]
    assert sorted(stages, key=list(COSTS).index) == stages and {"separate", "frames"} & set(stages)
    assert all(progress.eta_s is not None and progress.eta_s >= 0 for _, _, progress in store.told)
    shares = [progress.share for _, _, progress in store.told]
    assert all(later > earlier for earlier, later in pairwise(shares)) and shares[0] >= 0 and shares[-1] < 1
    assert max(later - earlier for earlier, later in pairwise(times)) < 10, "nothing is told for long"


@pytest.mark.slow
def test_what_the_stages_took_is_learned_and_what_lay_in_the_cache_is_not(make_order, start, tmp_path):
    store = MemoryStore([make_order(name, facts=True) for name in "ab"])
    times = StageTimes(tmp_path / "times.json")
    start(store, stage_times=times.path)
    wait_for(lambda: len(store.ended) == 2)
    (_, first), (_, second) = store.ended["a"], store.ended["b"]
    kept = [time.seconds for time in times.of("frames mesh auto 25 fps auto as drawn")]
    assert kept == pytest.approx([first["seconds"]["frames"], second["seconds"]["frames"]], rel=0.5, abs=1.0)
    assert "separate" in second["cached_stages"] and len(times.of("separate mesh")) == ("separate" not in first["cached_stages"])
    assert left_in(tmp_path) == ["film-a.mp4", "film-b.mp4"]


@pytest.mark.slow
def test_a_song_that_cannot_be_used_fails_in_the_persons_words(make_order, start, tmp_path):
    broken = tmp_path / "4711-song"
    broken.write_bytes(b"no sound" * 100)
    store = MemoryStore([make_order(song=broken, song_title="My song")])
    start(store)
    state, sentence, retry_helps = wait_for(lambda: store.ended.get("a"))
    assert state == "failed" and not retry_helps
    assert "“My song”" in sentence and "4711" not in sentence and str(tmp_path) not in sentence
    assert left_in(tmp_path) == []


@pytest.mark.slow
def test_a_film_that_nobody_wants_any_more_ends_soon(make_order, start, tmp_path):
    store = MemoryStore([make_order(settings=SongToVideoSettings(height=512, fps=50, start_s=4.0, duration_s=8.0))])
    start(store)
    wait_for(lambda: any(told.stage == "frames" for _, _, told in store.told))
    store.unwanted.add("a")
    assert wait_for(lambda: store.ended.get("a")) == ("cancelled",)  # and not done, which would take far longer
    assert left_in(tmp_path) == [] and not children()


@pytest.mark.slow
def test_a_worker_that_stops_gives_its_film_back_and_the_next_one_makes_it(make_order, start, tmp_path):
    order = make_order()
    store = MemoryStore([order])
    worker = start(store)
    wait_for(lambda: store.running)
    worker.stop()
    assert store.queues["fair"] == [order] and not children() and not worker.alive
    start(store)
    assert wait_for(lambda: store.ended.get("a"))[0] == "done"


@pytest.mark.slow
def test_one_film_at_a_time_and_none_is_forgotten_without_a_message(make_order, start):
    store = MemoryStore([make_order(name) for name in "ab"])
    most = []
    start(store)
    wait_for(lambda: most.append(len(store.running)) or len(store.ended) == 2)
    assert max(most) == 1 and list(store.ended) == ["a", "b"]


def run(order):
    """The work itself, without a worker."""
    return run_work(order, lambda _: "go on", ProcessSettings(PROGRAM), QUALITY_REPORT.broke)


@pytest.mark.slow
def test_a_report_gives_way_to_films_and_is_made_afterwards(make_order, make_report, start, tmp_path):
    """A film is ordered while a report is being made: the report waits, the film is made, then the report."""
    order, next_order = make_order("a"), make_order("b")
    assert run(order).kind == "finished"
    store = MemoryStore(idle=[make_report(order, start_s=4.0, duration_s=1.5)])
    start(store)
    wait_for(lambda: store.told)
    store.queues["fair"].append(next_order)
    assert wait_for(lambda: store.ended.get("b"))[0] == "done"
    assert store.put_off == ["a report"]
    state, figures = wait_for(lambda: store.ended.get("a report"))
    assert state == "done" and figures["verdicts"] and not {"video", "song", "portrait", "voice"} & set(figures)
    assert left_in(tmp_path) == ["film-a.mp4", "film-b.mp4", "page-a.html"]


@pytest.mark.slow
def test_emotions_and_films_take_turns(make_order, make_emotion, start, tmp_path):
    """A song's emotion comes first, for it is quick; but a film that waits comes between two of them."""
    not_a_song = tmp_path / "server-name.mp3"
    not_a_song.write_text("This is a letter.\n" * 100)
    soon = [make_emotion("song", start_s=4.0, duration_s=1.5), make_emotion("letter", not_a_song, "A letter")]
    store = MemoryStore([make_order("film")], soon)
    start(store)
    wait_for(lambda: len(store.ended) == 3)
    assert list(store.ended) == ["song", "film", "letter"]
    emotion = store.ended["song"][1]["emotion"]
    assert emotion["style"] == "auto" and len(emotion["automatic"]) == 4 and emotion["automatic_points"]
    state, sentence, _ = store.ended["letter"]
    assert state == "failed" and "“A letter”" in sentence
    assert "server-name" not in sentence and str(tmp_path) not in sentence


def test_an_emotion_that_nobody_wants_any_more_ends_soon(make_emotion, start):
    store = MemoryStore(soon=[make_emotion("gone")])
    store.unwanted = {"gone"}
    start(store)
    assert wait_for(lambda: store.ended.get("gone")) == ("cancelled",)


@pytest.mark.slow
def test_a_report_that_cannot_be_made_says_why(make_order, make_report):
    order = make_order()
    order.outputs["film"].write_bytes(b"no film" * 100)
    report = make_report(order)
    outcome = run(report)
    assert outcome.kind == "refused" and not report.outputs["page"].exists()
    assert outcome.message.code == "media.film_unreadable" and "film" in str(outcome.message)


def test_an_order_survives_its_way_through_a_pipe(make_order):
    order = make_order(settings=SongToVideoSettings(height=128, motion_csv=Path("/a/b.csv")), facts=True)
    assert WorkOrder.from_json(json.loads(json.dumps(order.as_json()))) == order


def test_a_message_is_json_and_another_process_reads_it(tmp_path):
    queue = JobQueue(QueueSettings("sqlite", tmp_path / "queue.sqlite3"))
    assert queue.announce("a") and queue.waiting() == 1
    data = queue.huey.storage.dequeue()
    assert json.loads(data)["args"] == ["a"]
    assert JsonMessages().deserialize(data).name.endswith("make_film")


def test_a_redis_that_is_not_there_is_no_error_for_who_orders(tmp_path):
    queue = JobQueue(QueueSettings("redis", tmp_path / "unused", "redis://127.0.0.1:9/0"))
    assert queue.announce("a") is False


def test_a_worker_is_known_to_live_and_to_be_dead(tmp_path):
    lock = WorkerLock(tmp_path)
    assert has_died(tmp_path, lock.name) is False
    assert has_died(tmp_path, lock.name.rpartition("@")[0] + "@elsewhere") is None
    program = f"import pathlib, time; from jobs.workers import WorkerLock\nlock = WorkerLock(pathlib.Path({str(tmp_path)!r}))\n"
    program += "print(lock.name, flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as other:
        name = other.stdout.readline().strip()
        assert has_died(tmp_path, name) is False
        other.kill()
        other.wait()
        assert has_died(tmp_path, name) is True
    lock.close()
    assert has_died(tmp_path, lock.name) is True
    assert not list(tmp_path.glob(f"*{SUFFIX}"))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the pipe's end alone tells of the parent's death")
def test_work_dies_with_the_one_who_started_it():
    """Its pipes are held open by us, so that nothing but the parent's death ends it."""
    program = "import os, subprocess, sys, time\n"
    program += f"work = subprocess.Popen([sys.executable, '-m', {PROGRAM!r}, str(os.getpid()), '7'])\n"
    program += "print(work.pid, flush=True)\ntime.sleep(600)"
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        status = Path(f"/proc/{int(parent.stdout.readline())}/stat")
        nice_of = lambda: int(status.read_text().rpartition(")")[2].split()[16])  # noqa: E731
        wait_for(lambda: nice_of() >= min(7 + os.nice(0), 19), 60)
        parent.kill()
        wait_for(lambda: not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z", 60)
