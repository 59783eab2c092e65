"""The queue that wakes the workers: Huey, on a SQLite file or on Redis.

The jobs themselves lie in the `JobStore`; what travels here says only "there is work". So the queue may lose or double a message,
by a killed worker or a Redis that forgets, and no job is lost or made twice: which is next, the store decides when a worker asks.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import redis
from huey import RedisHuey, SqliteHuey
from huey.api import Huey
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer

from core.locks.locks import DEFAULT_REDIS_URL

#: What a queue that can't be reached raises.
QUEUE_ERRORS = (redis.RedisError, sqlite3.Error, OSError)
#: A SQLite queue is looked into this often at least; a Redis one wakes its workers at once.
LONGEST_WAIT_S = 0.5
#: A Redis that can't be reached is asked again this often at least.
LONGEST_TROUBLE_S = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class QueueSettings:
    """Where the queue lies."""

    #: a file for workers on this machine, or a Redis server that several machines reach.
    kind: Literal["sqlite", "redis"]
    #: the file; used by `sqlite`.
    file: Path
    #: address of Redis; used by `redis`.
    redis_url: str = DEFAULT_REDIS_URL
    #: name under which several programs keep their queues apart in one Redis.
    name: str = "belcanto"


class JsonMessages(Serializer):
    """Messages as JSON: Huey's own pickles would let whoever reaches the queue run programs in the workers."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps(data._asdict()).encode()

    def _deserialize(self, data: bytes) -> Message:
        return Message(**json.loads(data))


class QuietConsumer(Consumer):
    """Huey's consumer beside other threads: the process's signals belong to the server."""

    def _set_signal_handlers(self) -> None:
        return


def make_huey(settings: QueueSettings) -> Huey:
    """The queue's storage; results are not kept there."""
    if settings.kind == "redis":
        return RedisHuey(settings.name, url=settings.redis_url, results=False, serializer=JsonMessages())
    settings.file.parent.mkdir(parents=True, exist_ok=True)
    return SqliteHuey(settings.name, filename=str(settings.file), results=False, serializer=JsonMessages())


class JobQueue:
    """The queue. A web process only announces; a worker's process also gives `serve` what is to be done."""

    def __init__(self, settings: QueueSettings) -> None:
        self.settings = settings
        self.huey = make_huey(settings)
        self._serve: Callable[[], None] | None = None
        self._make_film = self.huey.task(name="make_film")(self._wake)

    def _wake(self, job_id: str) -> None:
        """What a worker does for a message; `job_id` only says whose order woke it."""
        if self._serve is None:
            raise RuntimeError("A message was taken by a process that is no worker.")
        self._serve()

    def announce(self, job_id: str) -> bool:
        """Wake a worker; False where the queue can't be reached, which the workers' own look at the store makes good."""
        try:
            self._make_film(job_id)
        except QUEUE_ERRORS as error:
            log.warning("The queue can't be reached (%s); job %s waits until a worker looks for it.", error, job_id)
            return False
        return True

    def waiting(self) -> int:
        """Messages that no worker has taken yet. Raises one of `QUEUE_ERRORS` where the queue can't be reached."""
        return int(self.huey.pending_count())

    def consumer(self, serve: Callable[[], None]) -> Any:
        """Huey's consumer with one thread that calls `serve` for each message; `start` and `stop` it."""
        self._serve = serve
        longest_s = LONGEST_WAIT_S if self.settings.kind == "sqlite" else LONGEST_TROUBLE_S
        return QuietConsumer(self.huey, workers=1, periodic=False, max_delay=longest_s, backoff=1.3)
