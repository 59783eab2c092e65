"""Tells at once that jobs have news: workers say so in Redis (publish and subscribe), and pages' servers look then.

The news themselves stand in the database; what travels here says only "look". Without Redis, or while it is gone, the servers
look by themselves twice a second, as ever.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection

import redis

from app.settings import AppSettings

CHANNEL = "belcanto-news"
#: How long a Redis that does not answer is not asked again, in seconds, and how long an answer may take.
PAUSE_S, TIMEOUT_S = 5.0, 0.5
log = logging.getLogger(__name__)


class NewsTeller:
    """The side that tells."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._redis = redis.Redis.from_url(url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)
        self._clock, self._again_s = clock, 0.0

    def __call__(self, job_ids: Collection[str]) -> None:
        """These jobs have news. Where Redis is gone, nobody is told, and the servers' own looks find it."""
        if self._clock() < self._again_s:
            return
        try:
            self._redis.publish(CHANNEL, ",".join(job_ids))
        except redis.RedisError as error:
            self._again_s = self._clock() + PAUSE_S
            log.warning("Redis can't be told of news (%s); pages find them by their own looks.", type(error).__name__)


class NewsListener(threading.Thread):
    """The side that listens: calls `ring` whenever there are news."""

    def __init__(self, url: str, ring: Callable[[], object]) -> None:
        super().__init__(name="news", daemon=True)
        self._url, self._ring, self._ended = url, ring, threading.Event()

    def run(self) -> None:
        """Listen until `close`; a Redis that goes is asked again."""
        while not self._ended.is_set():
            try:
                self._listen()
            except redis.RedisError as error:
                log.warning("Redis tells no news (%s); it is asked again.", type(error).__name__)
                self._ended.wait(PAUSE_S)

    def _listen(self) -> None:
        with redis.Redis.from_url(self._url, socket_connect_timeout=TIMEOUT_S) as client, client.pubsub() as news:
            news.subscribe(CHANNEL)
            while not self._ended.is_set():
                told = news.get_message(ignore_subscribe_messages=True, timeout=1.0)
                if told is not None:
                    self._ring()

    def close(self) -> None:
        """End within a second or so."""
        self._ended.set()


def teller_of(settings: AppSettings) -> NewsTeller | None:
    """Where the settings have news told; None: nowhere."""
    return NewsTeller(settings.redis_url) if settings.queue == "redis" else None
