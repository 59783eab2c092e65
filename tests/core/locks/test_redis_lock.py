"""Locks in Redis: as those of files, and what becomes of one whose holder dies, sleeps, or loses its Redis."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from core.errors import InputError
from core.file_lock import EntryLock
from core.locks.locks import LockSettings, LocksFailed
from core.locks.redis_lock import RedisLocks
from tests.app.conftest import redis_url  # noqa: F401 (a fixture)

LEASE_S = 0.6
HOLDER = """
import sys, time
from pathlib import Path
from core.locks.redis_lock import RedisLocks
with RedisLocks(sys.argv[1], lease_s=float(sys.argv[2])).at(Path(), "entry") as lock:
    lock.own(lambda: None)
    print("held", flush=True)
    sys.stdin.readline()
    try:
        lock.confirm()
    except Exception as error:
        print(type(error).__name__, error.message.code, flush=True)
    else:
        print("confirmed", flush=True)
"""


@pytest.fixture
def locks(redis_url):  # noqa: F811
    return RedisLocks(redis_url, lease_s=LEASE_S, patience_s=0.5)


@pytest.fixture
def holder(locks):
    """Another process that holds the lock; a line on its stdin has it confirm."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, locks.url, str(LEASE_S)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


@pytest.fixture(params=["files", "redis"])
def make(request, tmp_path):
    if request.param == "files":
        return lambda: EntryLock(tmp_path / "entry")
    locks = RedisLocks(request.getfixturevalue("redis_url"))
    return lambda: locks.at(tmp_path / "entry", "entry")


def never():
    raise TimeoutError


def test_readers_share_and_whoever_owns_is_alone(make):
    with make() as one, make() as two:
        one.share(never)
        two.share(never)
        with make() as third:
            assert not third.try_own()
        with pytest.raises(TimeoutError):
            one.own(never)
    with make() as one, make() as two:
        assert one.try_own()
        assert not two.try_own()
        with pytest.raises(TimeoutError):
            two.share(never)
        one.share(never)  # gives up being alone
        two.share(never)
        one.confirm()
    with make() as one:
        assert one.try_own()


def test_one_that_waits_gets_it_when_the_other_lets_go(make):
    asked = threading.Event()
    with make() as one, make() as two:
        one.own(never)
        waiting = threading.Thread(target=lambda: two.own(asked.set))
        waiting.start()
        assert asked.wait(10.0)
        one.__exit__(None, None, None)
        waiting.join(10.0)
        assert not waiting.is_alive()
        two.confirm()


def test_a_living_holder_keeps_it_beyond_the_lease_and_a_killed_one_loses_it(locks, holder):
    time.sleep(2.5 * LEASE_S)
    with locks.at(Path(), "entry") as lock:
        assert not lock.try_own()
        holder.kill()
        begun_s = time.monotonic()
        lock.own(lambda: None)
        assert time.monotonic() - begun_s < 5 * LEASE_S
        lock.confirm()


def test_a_holder_that_slept_beyond_its_lease_is_told_before_it_commits(locks, holder):
    os.kill(holder.pid, signal.SIGSTOP)
    with locks.at(Path(), "entry") as lock:
        lock.own(lambda: None)  # the lease has run out
        os.kill(holder.pid, signal.SIGCONT)
        print("", file=holder.stdin, flush=True)
        assert holder.stdout.readline() == "LocksFailed core.lock_lost\n"
        lock.confirm()  # what the sleeper does when it ends takes nothing from the new holder


def test_a_redis_that_forgot_the_lock_is_noticed_before_the_commit(locks):
    with locks.at(Path(), "entry") as lock:
        lock.own(never)
        locks.client.flushall()
        with pytest.raises(LocksFailed, match="lost"):
            lock.confirm()


def test_where_redis_is_gone_one_waits_for_a_while_and_then_a_sentence_says_so():
    locks, waited = RedisLocks("redis://:hidden@127.0.0.1:9/0", patience_s=0.4), []
    with locks.at(Path(), "entry") as lock, pytest.raises(LocksFailed, match=r"127\.0\.0\.1:9 ") as told:
        lock.own(lambda: waited.append(1))
    assert waited and "hidden" not in str(told.value)
    with locks.at(Path(), "entry") as lock, pytest.raises(LocksFailed):
        lock.try_own()


def test_the_kind_is_a_setting(redis_url, tmp_path):  # noqa: F811
    assert isinstance(LockSettings.from_environment({}).locks().at(tmp_path / "lock", "lock"), EntryLock)
    environment = {"BELCANTO_LOCKS": "redis", "BELCANTO_REDIS_URL": redis_url}
    with LockSettings.from_environment(environment).locks().at(tmp_path / "lock", "lock") as lock:
        assert lock.try_own() and not (tmp_path / "lock").exists()
    with pytest.raises(InputError, match="BELCANTO_LOCKS is 'etcd'"):
        LockSettings.from_environment({"BELCANTO_LOCKS": "etcd"})
