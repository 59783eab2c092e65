"""The worker and its queue with real films in real processes, on jobs that lie in memory."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.film_settings import SongToVideoSettings
from pipeline.job_contracts import EmotionOrder, JobOrder, ReportOrder, StoreUnavailable
from pipeline.job_eta import STAGES
from pipeline.job_process import Child, run_film, run_report
from pipeline.job_queue import JobQueue, JsonMessages
from pipeline.job_workers import SUFFIX, WorkerLock, has_died
from pipeline.jobs import QueueSettings, Worker, WorkerSettings
from pipeline.media import probe_video
from pipeline.stage_times import StageTimes

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

    def fail(self, job_id, worker, sentence, retry_helps):
        self._end(job_id, "failed", sentence, retry_helps)

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

    def fail_emotion(self, request_id, worker, sentence):
        self.felt.append((request_id, sentence))

    def give_back_emotion(self, request_id, worker):
        self.put_off.append(request_id)

    def reports_waiting(self):
        return len(self.reports)

    def claim_report(self, worker):
        return self.reports.pop(0) if self.reports else None

    def finish_report(self, job_id, worker, figures, page):
        self.figures[job_id] = (figures, page)

    def fail_report(self, job_id, worker, sentence):
        self.figures[job_id] = sentence

    def give_back_report(self, job_id, worker):
        self.put_off.append(job_id)


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
        if parent == os.getpid() and ("pipeline" in words or "metrics" in words)
    }


def left_in(folder):
    return sorted(path.name for path in folder.iterdir() if path.suffix in (".mp4", ".part", ".html"))


def test_a_film_is_made_and_its_progress_told_calmly(make_order, start, tmp_path):
    store = MemoryStore([make_order(film_s=1.5, film_pixels=128 * 128)])
    start(store)
    state, report = wait_for(lambda: store.ended.get("a"))
    assert state == "done" and report["video"] == "film-a.mp4"
    assert probe_video(tmp_path / "film-a.mp4").frames == report["frames"]
    assert left_in(tmp_path) == ["film-a.mp4"]
    times = [at_s for at_s, _, _ in store.told]
    assert store.told and all(later - earlier >= 0.2 for earlier, later in pairwise(times))
    stages = [progress.stage for _, _, progress in store.told]
    assert sorted(stages, key=STAGES.index) == stages and {"separate", "frames"} & set(stages)
    assert all(progress.eta_s is not None and progress.eta_s >= 0 for _, _, progress in store.told)
    shares = [progress.share for _, _, progress in store.told]
    assert all(later > earlier for earlier, later in pairwise(shares)) and shares[0] >= 0 and shares[-1] < 1
    assert max(later - earlier for earlier, later in pairwise(times)) < 10, "nothing is told for long"


def test_what_the_stages_took_is_learned_and_what_lay_in_the_cache_is_not(make_order, start, tmp_path):
    store = MemoryStore([make_order(name, film_s=1.5, film_pixels=128 * 128) for name in "ab"])
    times = StageTimes(tmp_path / "times.json")
    start(store, stage_times=times.path)
    wait_for(lambda: len(store.ended) == 2)
    (_, first), (_, second) = store.ended["a"], store.ended["b"]
    kept = [time.seconds for time in times.of("frames mesh auto 25 fps auto as drawn")]
    assert kept == pytest.approx([first["seconds"]["frames"], second["seconds"]["frames"]], rel=0.5, abs=1.0)
    assert "separate" in second["cached_stages"] and len(times.of("separate mesh")) == ("separate" not in first["cached_stages"])
    assert left_in(tmp_path) == ["film-a.mp4", "film-b.mp4"]


def test_a_song_that_cannot_be_used_fails_in_the_persons_words(make_order, start, tmp_path):
    broken = tmp_path / "4711-song"
    broken.write_bytes(b"no sound" * 100)
    store = MemoryStore([make_order(song=broken, song_title="My song")])
    start(store)
    state, sentence, retry_helps = wait_for(lambda: store.ended.get("a"))
    assert state == "failed" and not retry_helps
    assert "“My song”" in sentence and "4711" not in sentence and str(tmp_path) not in sentence
    assert left_in(tmp_path) == []


def test_a_film_that_nobody_wants_any_more_ends_soon(make_order, start, tmp_path):
    store = MemoryStore([make_order(settings=SongToVideoSettings(height=512, fps=50, start_s=4.0, duration_s=8.0))])
    start(store)
    wait_for(lambda: any(told.stage == "frames" for _, _, told in store.told))
    store.unwanted.add("a")
    assert wait_for(lambda: store.ended.get("a")) == ("cancelled",)  # and not done, which would take far longer
    assert left_in(tmp_path) == [] and not children()


def processes_with(word):
    """Living processes that have a word in their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found += [path.parent.name] if word.encode() in path.read_bytes() else []
    return found


def test_a_process_that_is_ended_by_force_takes_its_encoder_with_it(tmp_path):
    """ffmpeg opens its output after the first frame: one that outlives its job would leave a film behind the cleaning up."""
    part = tmp_path / "film.part"
    arguments = ["-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "64x64", "-r", "25", "-i", "pipe:0", "-f", "mp4", str(part)]
    script = "\n".join(
        [
            "import time",
            "from pipeline.ffmpeg_run import Ffmpeg, ffmpeg_path",
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


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL])
def test_a_film_whose_process_dies_may_be_tried_again(make_order, start, tmp_path, number):
    store = MemoryStore([make_order(settings=SongToVideoSettings(height=512, start_s=4.0, duration_s=8.0))])
    start(store)
    wait_for(lambda: any(told.stage == "frames" and told.done > 2 for _, _, told in store.told))
    assert any(name.endswith(".part") for name in left_in(tmp_path)), "there is something that could be left"
    os.kill(wait_for(lambda: next(iter(children()), None)), number)
    state, sentence, retry_helps = wait_for(lambda: store.ended.get("a"))
    assert state == "failed" and retry_helps
    assert ("memory" if number == signal.SIGKILL else "error in the program") in sentence
    assert left_in(tmp_path) == []


def test_a_film_that_takes_too_long_is_ended_with_a_sentence(make_order, start, tmp_path, monkeypatch):
    """The worker's clock jumps while frames are drawn, so that no machine is too quick or too slow for the limit."""
    ahead_s = [0.0]
    monkeypatch.setattr("pipeline.jobs.time", SimpleNamespace(monotonic=lambda: time.monotonic() + ahead_s[0]))
    store = MemoryStore([make_order(settings=SongToVideoSettings(height=512, fps=50, start_s=4.0, duration_s=8.0))])
    start(store, time_limit_s=3600.0)
    wait_for(lambda: any(told.stage == "frames" for _, _, told in store.told))
    assert not store.ended
    ahead_s[0] = 3600.0
    state, sentence, retry_helps = wait_for(lambda: store.ended.get("a"))
    assert state == "failed" and not retry_helps and "took longer than 60 minutes" in sentence
    assert left_in(tmp_path) == []


def test_a_worker_that_stops_gives_its_film_back_and_the_next_one_makes_it(make_order, start, tmp_path):
    order = make_order()
    store = MemoryStore([order])
    worker = start(store)
    wait_for(lambda: store.running)
    worker.stop()
    assert store.waiting == [order] and not children() and not worker.alive
    start(store)
    assert wait_for(lambda: store.ended.get("a"))[0] == "done"


def test_one_film_at_a_time_and_none_is_forgotten_without_a_message(make_order, start):
    store = MemoryStore([make_order(name) for name in "ab"])
    most = []
    start(store)
    wait_for(lambda: most.append(len(store.running)) or len(store.ended) == 2)
    assert max(most) == 1 and list(store.ended) == ["a", "b"]


def test_jobs_that_cannot_be_reached_for_a_while_are_made_later(make_order, start):
    store = MemoryStore([make_order()])
    store.away = True
    worker = start(store)
    wait_for(lambda: store.refused >= 3, 60)  # it has come in vain, and again
    assert worker.alive and not store.ended
    store.away = False
    wait_for(lambda: not store.waiting, 60)
    assert wait_for(lambda: store.ended.get("a"))[0] == "done"


@pytest.fixture
def no_processes(monkeypatch):
    """A machine that can start no more processes."""

    def refuse(*arguments, **values):
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr("pipeline.job_process.subprocess.Popen", refuse)


def test_a_film_whose_process_cannot_be_started_comes_to_an_end(make_order, start, no_processes, tmp_path):
    store = MemoryStore([make_order()])
    worker = start(store)
    state, sentence, retry_helps = wait_for(lambda: store.ended.get("a"), 20)
    assert state == "failed" and retry_helps and "error in the program" in sentence
    assert worker.alive and left_in(tmp_path) == []


def test_reports_and_emotions_whose_process_cannot_be_started_come_to_an_end(make_order, start, no_processes, tmp_path):
    order = make_order()
    store = MemoryStore()
    store.reports.append(ReportOrder("a", order.video, order.song, order.portrait, tmp_path / "film-a.html"))
    store.emotions.append(EmotionOrder("b", order.song))
    start(store)
    wait_for(lambda: store.figures and store.felt, 20)
    assert "error in the program" in store.figures["a"] and "error in the program" in store.felt[0][1]


def test_a_film_that_meets_an_error_of_ours_comes_to_an_end(make_order, start, monkeypatch):
    """Not even one that nobody foresaw leaves the job running, to be begun anew again and again."""

    def break_down(*arguments):
        raise ZeroDivisionError

    monkeypatch.setattr("pipeline.jobs.run_film", break_down)
    store = MemoryStore([make_order()])
    start(store)
    assert wait_for(lambda: store.ended.get("a"), 20)[::2] == ("failed", True)


def test_a_process_that_ended_before_it_heard_a_word_keeps_its_outcome():
    with Child(["-c", "import sys; sys.stdin.close(); print('{}')"], {}) as child:
        assert wait_for(lambda: child._lines.get(timeout=60)) == b"{}\n"
        child.process.wait()
        child.say(b"cancel" * 100_000)
    assert child.process.returncode == 0


def test_the_thread_that_looks_after_jobs_outlives_any_error(make_order, start):
    store = MemoryStore([make_order()])
    failures = []

    def break_down():
        failures.append(1)
        raise ZeroDivisionError

    store.queued = break_down
    worker = start(store, silence_s=2.0)
    wait_for(lambda: len(failures) >= 3, 20)
    wait_for(lambda: not worker.alive, 20)  # it says that it is not well
    del store.queued
    assert wait_for(lambda: store.ended.get("a"))[0] == "done"
    assert worker.alive


def test_a_report_gives_way_to_films(make_order, start, tmp_path):
    """A film is ordered while a report is being made: the report waits, the film is made."""
    order, next_order = make_order("a"), make_order("b")
    assert run_film(order, lambda _: "go on", 0, {}).kind == "finished"
    report = ReportOrder("a", order.video, order.song, order.portrait, tmp_path / "film-a.html", None, 4.0, 1.5)
    store = MemoryStore()
    store.reports.append(report)
    start(store)
    wait_for(lambda: any("metrics" in words for words in children().values()))
    store.waiting.append(next_order)
    assert wait_for(lambda: store.ended.get("b"))[0] == "done"
    assert store.put_off == ["a"] and not store.figures
    assert left_in(tmp_path) == ["film-a.mp4", "film-b.mp4"]


def test_emotions_and_films_take_turns(make_order, start, root_dir, tmp_path):
    """A song's emotion comes first, for it is quick; but a film that waits comes between two of them."""
    store = MemoryStore([make_order("film")])
    not_a_song = tmp_path / "server-name.mp3"
    not_a_song.write_text("This is a letter.\n" * 100)
    song = EmotionOrder("song", root_dir / "demo" / "song.mp3", "A song", 4.0, 1.5)
    store.emotions = [song, EmotionOrder("letter", not_a_song, "A letter")]
    told = []
    store.finish_emotion = lambda request_id, worker, emotion: told.append((request_id, emotion, len(store.ended)))
    store.fail_emotion = lambda request_id, worker, sentence: told.append((request_id, sentence, len(store.ended)))
    start(store)
    wait_for(lambda: len(told) == 2)
    (first, emotion, films_before), (second, sentence, films_between) = told
    assert (first, films_before) == ("song", 0) and (second, films_between) == ("letter", 1)
    assert emotion["style"] == "auto" and len(emotion["automatic"]) == 4 and emotion["automatic_points"]
    assert "“A letter”" in sentence and "server-name" not in sentence and str(tmp_path) not in sentence


def test_an_emotion_that_nobody_wants_any_more_ends_soon(start, root_dir):
    store = MemoryStore()
    store.emotions, store.unwanted = [EmotionOrder("gone", root_dir / "demo" / "song.mp3")], {"gone"}
    worker = start(store)
    wait_for(lambda: not store.emotions)
    wait_for(lambda: not worker._busy.locked())
    assert store.felt == [] and store.put_off == []


def test_a_report_that_cannot_be_made_says_why(make_order, tmp_path):
    order = make_order()
    order.video.write_bytes(b"no film" * 100)
    report = ReportOrder("a", order.video, order.song, order.portrait, tmp_path / "film-a.html")
    outcome = run_report(report, lambda _: "go on", 0, {})
    assert outcome.kind == "refused" and outcome.sentence.endswith(".") and not report.page.exists()


def test_an_order_survives_its_way_through_a_pipe(make_order):
    order = make_order(settings=SongToVideoSettings(height=128, motion_csv=Path("/a/b.csv")), film_s=3.0)
    assert JobOrder.from_json(json.loads(json.dumps(order.as_json()))) == order


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
    program = (
        f"import pathlib, time; from pipeline.job_workers import WorkerLock\nlock = WorkerLock(pathlib.Path({str(tmp_path)!r}))\n"
    )
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
def test_a_report_dies_with_the_one_who_started_it():
    sleeper = [sys.executable, "-c", "import os, time; print(os.getpid(), os.nice(0), flush=True); time.sleep(600)"]
    program = "import os, subprocess, sys, time\n"
    program += f"subprocess.Popen([sys.executable, '-m', 'pipeline.leash', str(os.getpid()), '7', *{sleeper!r}])\ntime.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        pid, niceness = map(int, parent.stdout.readline().split())
        assert niceness >= min(7 + os.nice(0), 19)
        parent.kill()
        wait_for(lambda: not Path(f"/proc/{pid}/cmdline").exists() or not Path(f"/proc/{pid}/cmdline").read_bytes(), 60)
