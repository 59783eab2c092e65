"""Redis tells news at once; while it is gone pages find them by themselves and each process counts for itself."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from dataclasses import replace

import pytest
import redis
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import create_app
from app.accounts.guesses import Guesses, WaitFirst
from app.api.watch import Latest, Watch
from app.database import ANNOUNCE, writing
from app.models import Job
from app.services.events import append_event
from app.watching import counters, news
from app.watching.counters import SAFE, SafeStorage
from app.watching.news import NewsListener, NewsTeller, teller_of
from benchmarks.live_server import free_port
from tests.app.conftest import answers


def wait_for(condition, limit_s=20.0):
    end_s = time.monotonic() + limit_s
    while not (found := condition()):
        assert time.monotonic() < end_s, "it took too long"
        time.sleep(0.01)
    return found


@pytest.fixture
def listened(redis_url):
    """Rings of a listener, once it listens."""
    rings = []
    listener = NewsListener(redis_url, lambda: rings.append(time.monotonic()))
    listener.start()
    client = redis.Redis.from_url(redis_url)
    wait_for(lambda: dict(client.pubsub_numsub(news.CHANNEL)).get(news.CHANNEL.encode()))
    yield rings
    listener.close()


def test_news_of_a_transaction_are_told_once_it_is_committed(settings, database, session, film, redis_url, listened):
    database.tell = teller_of(replace(settings, queue="redis", redis_url=redis_url))
    with writing(session):
        append_event(session, film.job.id, "note", {})
        append_event(session, film.job.id, "note", {})
        time.sleep(0.1)
        assert not listened
    wait_for(lambda: listened)
    time.sleep(0.1)
    assert len(listened) == 1
    with pytest.raises(ZeroDivisionError), writing(session):
        append_event(session, film.job.id, "note", {})
        raise ZeroDivisionError
    time.sleep(0.2)
    assert len(listened) == 1
    assert teller_of(settings) is None


def test_a_ring_makes_the_watch_look_at_once():
    looks = []

    def newest(jobs):
        looks.append(time.monotonic())
        return {job: Latest(0, False) for job in jobs}

    async def listen():
        watch = Watch(newest, every_s=30.0)
        with watch.listen("job", 0):
            await asyncio.to_thread(wait_for, lambda: len(looks) == 1)
            watch.ring()
            await asyncio.to_thread(wait_for, lambda: len(looks) == 2, 5.0)
        watch.ring()

    asyncio.run(listen())


@pytest.fixture
def mortal(tmp_path, monkeypatch):
    """A Redis that can be ended and begun again at the same place: its address, and both."""

    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    for module in (counters, news):
        monkeypatch.setattr(module, "PAUSE_S", 0.2)
    port, running = free_port(), []
    url = f"redis://127.0.0.1:{port}/0"

    def begin():
        command = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(tmp_path)]
        running.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        wait_for(lambda: answers(url))

    def end():
        running[-1].kill()
        running[-1].wait()

    begin()
    yield url, begin, end
    end()


def test_sign_in_attempts_are_counted_while_redis_is_gone(mortal):
    url, begin, end = mortal
    guesses = Guesses(SafeStorage(f"{SAFE}{url}"), "key")
    for _ in range(5):
        guesses.begin("somebody", "place")
    with pytest.raises(WaitFirst):
        guesses.begin("somebody", "place"), guesses.begin("somebody", "place")
    end()
    with pytest.raises(WaitFirst):  # this process counts from the beginning, but it counts
        for _ in range(8):
            guesses.begin("somebody", "place")
    begin()
    time.sleep(0.3)
    guesses.begin("another", "place").was_right()
    assert redis.Redis.from_url(url).keys("*belcanto-guesses*")


def test_news_go_on_once_redis_is_back(mortal):
    url, begin, end = mortal
    rings, teller = [], NewsTeller(url)
    listener = NewsListener(url, lambda: rings.append(1))
    listener.start()
    end()
    began_s = time.monotonic()
    teller(["job"])
    teller(["job"])
    assert time.monotonic() - began_s < 5.0
    begin()

    def told():
        teller(["job"])
        return rings

    wait_for(told)
    listener.close()


def test_pages_answer_and_count_while_redis_is_gone(mortal, settings):
    url, begin, end = mortal
    chosen = replace(settings, queue="redis", redis_url=url, limits=replace(settings.limits, requests_per_minute=5))
    app = create_app(chosen)
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    assert client.get("/about").status_code == 200
    end()
    found = [client.get("/about").status_code for _ in range(8)]
    assert found[0] == 200 and found[-1] == 429 and set(found) == {200, 429}
    assert client.get("/readyz").status_code == 403
    here = app.test_client().get("/readyz")
    assert (
        here.status_code == 503 and here.json["checks"]["queue"] == "ConnectionError" and here.json["checks"]["database"] == "ok"
    )
    begin()
    assert app.test_client().get("/readyz").json["checks"]["queue"] == "ok"
    app.extensions["belcanto"].database.close()


def test_two_web_processes_count_together(settings, redis_url):
    chosen = replace(settings, queue="redis", redis_url=redis_url, limits=replace(settings.limits, requests_per_minute=6))
    apps = [create_app(chosen), create_app(chosen)]
    clients = [app.test_client() for app in apps]
    for client in clients:
        client.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    found = [clients[number % 2].get("/about").status_code for number in range(8)]
    assert found == [200] * 6 + [429] * 2
    for app in apps:
        app.extensions["belcanto"].database.close()


def test_a_session_that_tells_nobody_writes_all_the_same(settings, database):
    with Session(database.engine, info={ANNOUNCE: lambda job_id: None}) as session, writing(session):
        session.execute(select(Job.id))
    sealing = replace(settings, encryption=True)
    assert sealing.vault.keys.key_of("somebody new")
