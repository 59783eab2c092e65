"""Workers show each other by Redis that they live."""

from __future__ import annotations

from jobs import life_signs
from jobs.life_signs import LifeSigns
from jobs.workers import WorkerLock
from tests.app.conftest import redis_url  # noqa: F401 (a fixture)


def test_a_living_worker_shows_it_also_to_a_redis_that_forgot_and_one_that_ended_does_not(
    redis_url,  # noqa: F811
    tmp_path,
    monkeypatch,
):
    monkeypatch.setattr(life_signs, "EVERY_S", 0.05)
    others, lock = LifeSigns(redis_url), WorkerLock(tmp_path, LifeSigns(redis_url))
    assert not others.lack(lock.name) and others.lack("nobody")
    others._client.flushall()
    for _ in range(200):
        if not others.lack(lock.name):
            break
        life_signs.threading.Event().wait(0.02)
    else:
        raise AssertionError("no sign of life was given again")
    lock.close()
    assert others.lack(lock.name)


def test_where_redis_does_not_answer_nobody_is_said_to_lack_a_sign():
    assert not LifeSigns("redis://127.0.0.1:9/0").lack("somebody")
