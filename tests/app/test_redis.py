"""Workers of their own on a real Redis: films of several people at the same time, a killed worker, and a Redis that forgets."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest
import redis

from app.job_wiring import make_queue
from app.models import Job, new_id
from app.services.films import order_film
from app.services.pictures import add_picture
from app.services.songs import add_song
from pipeline.film_settings import SongToVideoSettings

pytestmark = pytest.mark.long

SHORT = SongToVideoSettings(height=128, start_s=4.0, duration_s=1.5)


def wait_for(condition, limit_s=300.0):
    end_s = time.monotonic() + limit_s
    while not (found := condition()):
        assert time.monotonic() < end_s, "it took too long"
        time.sleep(0.1)
    return found


@pytest.fixture
def on_redis(settings, database, redis_url):
    """The settings with the queue in Redis; orders of the test's own session reach it."""
    made = replace(settings, queue="redis", redis_url=redis_url)
    database.announce = make_queue(made).announce
    return made


@pytest.fixture
def environment(on_redis, film_cache):
    values = {"BELCANTO_QUEUE": "redis", "BELCANTO_REDIS_URL": on_redis.redis_url, "BELCANTO_DATA_DIR": str(on_redis.data_dir)}
    return {**values, "BELCANTO_CACHE_DIR": str(film_cache)}


@contextmanager
def workers(count, environment, log):
    """Workers in processes of their own."""
    running = []
    try:
        with log.open("ab") as sink:
            for _ in range(count):
                command = [sys.executable, "-m", "app.worker"]
                running.append(subprocess.Popen(command, env={**os.environ, **environment}, stdout=sink, stderr=sink))
        yield running
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(60)


@pytest.fixture
def someone(session, settings, incoming, song_path, picture_path):
    """Makes a person with a song and a picture; gives the ids of all three."""

    def make():
        person = new_id()
        song = add_song(session, settings, person, incoming(song_path), "Song.mp3")
        return person, song.id, add_picture(session, settings, person, incoming(picture_path), "Portrait.jpg").id

    return make


@pytest.fixture
def order(session, settings):
    """Orders a film for somebody; gives its job's id."""
    return lambda who, options=SHORT: order_film(session, settings, *who, options)[0].job.id


def jobs(session, *ids):
    session.commit()
    session.expire_all()
    return [session.get(Job, job_id) for job_id in ids]


@pytest.mark.slow
def test_two_workers_make_two_peoples_films_and_one_takes_over_from_the_other(
    session, environment, order, someone, on_redis, tmp_path
):
    people, log = [someone(), someone()], tmp_path / "log"
    with workers(2, environment, log) as running:
        wait_for(lambda: log.read_text().count("is ready") == 2)  # else the first may be through before the second begins
        ids = [order(who, replace(SHORT, duration_s=2.5, height=192)) for who in people]
        wait_for(lambda: [job.state for job in jobs(session, *ids)] == ["running", "running"])
        owners = {job.owner for job in jobs(session, *ids)}
        assert len(owners) == 2
        running[0].kill()
        wait_for(lambda: all(job.state == "done" for job in jobs(session, *ids)))
    assert sorted(job.attempts for job in jobs(session, *ids)) == [1, 2]
    assert len(list(on_redis.results_dir.glob("film-*.mp4"))) == 2 and not list(on_redis.results_dir.glob(".film-*"))


@pytest.mark.slow
def test_a_redis_that_forgets_loses_no_job(session, environment, order, someone, on_redis, redis_url, tmp_path):
    job_id = order(someone())
    client = redis.Redis.from_url(redis_url)
    assert client.keys()
    client.flushall()
    with workers(1, environment, tmp_path / "log"):
        wait_for(lambda: jobs(session, job_id)[0].state == "done")
