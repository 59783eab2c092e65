"""Counters in Redis, and in this process's memory while that is gone: nobody may ask or guess freely meanwhile."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

import redis
from limits.storage import MemoryStorage, MovingWindowSupport, RedisStorage, Storage, storage_from_string

from app.settings import AppSettings

#: How long a Redis that does not answer is not asked again, in seconds, and how long an answer may take.
PAUSE_S, TIMEOUT_S = 5.0, 0.5
#: Before the address of a Redis that may be gone.
SAFE = "belcanto+"
Counters = RedisStorage | MemoryStorage
Found = TypeVar("Found")
log = logging.getLogger(__name__)


class SafeStorage(Storage, MovingWindowSupport):
    """A storage of `limits`: Redis as long as it answers, else the memory."""

    STORAGE_SCHEME = [f"{SAFE}{kind}" for kind in ("redis", "rediss", "redis+unix")]  # noqa: RUF012 (of `limits`)

    def __init__(self, uri: str, wrap_exceptions: bool = False, **options: Any) -> None:
        """uri: of Redis, with `SAFE` before it."""
        super().__init__(uri, wrap_exceptions)
        quick = {"socket_timeout": TIMEOUT_S, "socket_connect_timeout": TIMEOUT_S}
        self._shared = cast(RedisStorage, storage_from_string(uri.removeprefix(SAFE), **cast(Any, quick)))
        self._own = MemoryStorage()
        self._again_s = 0.0

    @property
    def base_exceptions(self) -> type[Exception]:
        """What Redis raises is caught here."""
        return redis.RedisError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """One more, or so many; counted for `expiry` seconds."""
        return self._ask(lambda counters: counters.incr(key, expiry, amount=amount))

    def get(self, key: str) -> int:
        """How many."""
        return self._ask(lambda counters: counters.get(key))

    def get_expiry(self, key: str) -> float:
        """Until when they count, in seconds since 1970."""
        return self._ask(lambda counters: counters.get_expiry(key))

    def check(self) -> bool:
        """Whether it counts: always, somewhere."""
        return True

    def reset(self) -> int | None:
        """Forget all."""
        return self._ask(lambda counters: counters.reset())

    def clear(self, key: str) -> None:
        """None any more."""
        self._ask(lambda counters: counters.clear(key))

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Whether there is room for so many more in the window that moves."""
        return self._ask(lambda counters: counters.acquire_entry(key, limit, expiry, amount))

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When that window began, and how many are in it."""
        return self._ask(lambda counters: counters.get_moving_window(key, limit, expiry))

    def _ask(self, question: Callable[[Counters], Found]) -> Found:
        if time.monotonic() >= self._again_s:
            try:
                return question(self._shared)
            except redis.RedisError as error:
                self._again_s = time.monotonic() + PAUSE_S
                log.warning("Redis does not answer (%s); this process counts for itself.", type(error).__name__)
        return question(self._own)


def counters_of(settings: AppSettings) -> str:
    """Where the settings have requests and tries counted, as `limits` takes it."""
    return f"{SAFE}{settings.redis_url}" if settings.queue == "redis" else "memory://"
