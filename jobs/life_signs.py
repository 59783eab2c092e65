"""Signs of life in Redis: a worker shows that it lives, and machines that can't ask its lock know soon when it has died."""

from __future__ import annotations

import logging
import threading

import redis

#: How long a sign lasts, and how often it is given, in seconds; how long one answer of Redis may take.
LASTS_S, EVERY_S, ANSWER_S = 15.0, 5.0, 5.0
PREFIX = "belcanto:worker:"

log = logging.getLogger(__name__)


class LifeSigns:
    """Of all workers that share one Redis. What Redis forgets is shown again with the next sign."""

    def __init__(self, redis_url: str) -> None:
        self._client = redis.Redis.from_url(redis_url, socket_timeout=ANSWER_S, socket_connect_timeout=ANSWER_S)
        self._ended, self._shown = threading.Event(), ""

    def show(self, name: str) -> None:
        """Give signs of the worker of that name from now on, in a thread, until `end`."""
        self._shown = name
        self._give()
        threading.Thread(target=self._go_on, daemon=True, name="life-signs").start()

    def end(self) -> None:
        """The worker has ended in good order."""
        self._ended.set()
        try:
            self._client.delete(PREFIX + self._shown)
        except redis.RedisError as error:
            log.warning("The last sign of life stays for %g seconds: %s", LASTS_S, type(error).__name__)

    def lack(self, name: str) -> bool:
        """Whether that worker gives no sign of life; False also where Redis does not answer, since nobody knows then."""
        try:
            return not self._client.exists(PREFIX + name)
        except redis.RedisError as error:
            log.warning("Whether worker %s lives is not known: %s", name, type(error).__name__)
            return False

    def _go_on(self) -> None:
        while not self._ended.wait(EVERY_S):
            self._give()

    def _give(self) -> None:
        try:
            self._client.set(PREFIX + self._shown, "1", px=int(1000 * LASTS_S))
        except redis.RedisError as error:
            log.warning("A sign of life could not be given: %s", type(error).__name__)
