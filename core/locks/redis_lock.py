"""A lock in Redis: a lease with a token, renewed by a thread for as long as the holder lives.

A holder that is killed loses it when the lease has run out. One that slept for longer (a stopped process, a machine that was
put to sleep) holds it no more either, and is told so by `confirm`, which asks Redis in one step whether the lease is still its
own and renews it: whoever commits after that has a whole lease's time for it. What is committed under these locks is made so that
a later one does no harm: entries of a cache are the same whoever makes them, and rows are guarded by the database as well.

One server is asked, as its documentation describes for a single instance (redis.io, "Distributed Locks with Redis"); the scripts
run there in one step, by its own clock. Readers share as `flock` has it: who wants the lock alone gives up its share first.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import redis

from core.locks.locks import LocksFailed

#: How long a lock lasts without a sign of life, in seconds; it is given three times as often.
LEASE_S = 30.0
#: How often a lock that somebody else holds is asked for, in seconds.
POLL_S = 0.2
#: For how long a Redis that is silent is asked again before a sentence says so, and how long one answer may take, in seconds.
PATIENCE_S, ANSWER_S = 20.0, 5.0
PREFIX = "belcanto:lock:"

NOW = "local t = redis.call('TIME'); local now = t[1] * 1000 + math.floor(t[2] / 1000);"
#: KEYS: the owner's token, the readers' (with the times at which their leases end). ARGV: a token, the lease in ms.
OWN = (
    NOW
    + """
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local owner = redis.call('GET', KEYS[1])
if (owner and owner ~= ARGV[1]) or redis.call('ZCARD', KEYS[2]) > 0 then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1"""
)
SHARE = (
    NOW
    + """
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('ZADD', KEYS[2], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[2], 10 * ARGV[2])
return 1"""
)
RENEW = (
    NOW
    + """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
local ends = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not ends or tonumber(ends) < now then return 0 end
redis.call('ZADD', KEYS[2], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[2], 10 * ARGV[2])
return 1"""
)
DROP = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
redis.call('ZREM', KEYS[2], ARGV[1])
return 1"""


class RedisLocks:
    """See `core.locks.locks.Locks`."""

    def __init__(self, url: str, lease_s: float = LEASE_S, patience_s: float = PATIENCE_S) -> None:
        self.url, self.lease_s, self.patience_s = url, lease_s, patience_s
        self.client: Any = redis.Redis.from_url(
            url, socket_timeout=ANSWER_S, socket_connect_timeout=ANSWER_S, health_check_interval=30
        )

    @property
    def shown(self) -> str:
        """The address for sentences: without its password."""
        told = urlsplit(self.url)
        return f"{told.hostname or told.path}:{told.port or 6379}"

    def at(self, path: Path, name: str) -> RedisLock:
        """See `Locks`."""
        return RedisLock(self, name)

    def failed(self, error: redis.RedisError) -> LocksFailed:
        """The error for a Redis that does not answer."""
        return LocksFailed("core.locks_unreachable", server=self.shown, reason=f"{type(error).__name__}: {error}")


class RedisLock:
    """See `core.locks.locks.Lock`."""

    def __init__(self, locks: RedisLocks, name: str) -> None:
        self.name = name
        self._locks, self._token = locks, uuid4().hex
        self._keys = [f"{PREFIX}{{{name}}}:{part}" for part in ("alone", "shared")]
        self._until_s = 0.0  # as this machine counts, from before Redis was asked: never later than Redis counts
        self._ended, self._asking = threading.Event(), threading.Lock()
        self._renewing: threading.Thread | None = None

    def __enter__(self) -> RedisLock:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        if self._renewing is not None:
            self._renewing.join()
        if self._renewing is not None:
            self._until_s = 0.0
            with suppress(redis.RedisError):  # the lease runs out by itself
                self._run(DROP)

    def share(self, waiting: Callable[[], None]) -> None:
        """See `Lock`."""
        self._wait(SHARE, waiting)

    def own(self, waiting: Callable[[], None]) -> None:
        """See `Lock`."""
        self._wait(OWN, waiting)

    def try_own(self) -> bool:
        """See `Lock`. Raises LocksFailed at once where Redis does not answer."""
        try:
            return self._take(OWN)
        except redis.RedisError as error:
            raise self._locks.failed(error) from error

    def confirm(self) -> None:
        """See `Lock`."""
        end_s = time.monotonic() + self._locks.patience_s
        while True:
            try:
                if time.monotonic() < self._until_s and self._take(RENEW):
                    return
            except redis.RedisError as error:
                if time.monotonic() >= min(end_s, self._until_s):
                    raise self._locks.failed(error) from error
                time.sleep(POLL_S)
            else:
                raise LocksFailed("core.lock_lost")

    def remove(self) -> None:
        """See `Lock`: nothing is left of a lock that nobody holds."""

    def _wait(self, script: str, waiting: Callable[[], None]) -> None:
        end_s: float | None = None
        while True:
            try:
                if self._take(script):
                    return
                end_s = None
            except redis.RedisError as error:
                end_s = end_s or time.monotonic() + self._locks.patience_s
                if time.monotonic() >= end_s:
                    raise self._locks.failed(error) from error
            waiting()
            time.sleep(POLL_S * random.uniform(0.5, 1.5))  # those who wait together do not ask together

    def _take(self, script: str) -> bool:
        """Run a script that gives a lease; says whether it did. Raises redis.RedisError."""
        with self._asking:
            asked_s = time.monotonic()
            taken = self._run(script, int(1000 * self._locks.lease_s))
            self._until_s = asked_s + self._locks.lease_s if taken else 0.0
        if not taken:
            return False
        if self._renewing is None or not self._renewing.is_alive():
            self._renewing = threading.Thread(target=self._renew, daemon=True, name=f"lock-{self.name}")
            self._renewing.start()
        return True

    def _renew(self) -> None:
        """Until the end: give a sign of life. What was lost stays lost, and `confirm` says so."""
        while not self._ended.wait(self._locks.lease_s / 3):
            with self._asking:
                asked_s = time.monotonic()
                if asked_s >= self._until_s:
                    return
                try:
                    held = self._run(RENEW, int(1000 * self._locks.lease_s))
                except redis.RedisError:
                    continue  # it may answer before the lease is over
                self._until_s = asked_s + self._locks.lease_s if held else 0.0

    def _run(self, script: str, *arguments: int) -> bool:
        return bool(self._locks.client.eval(script, len(self._keys), *self._keys, self._token, *arguments))
