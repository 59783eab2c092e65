"""A job's events as they come, as Server-Sent Events (WHATWG HTML, 9.2), resumed by Last-Event-ID.

An open stream holds a connection and no thread: it sleeps on the server's loop until the one look at the database, which serves
all streams (`watch.py`), finds that its job has news. Only so many are kept open for one person, and in all: whoever comes after
that gets what there is and the advice to come back in a few seconds, which browsers do by themselves: the stream becomes polling,
not an error.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from app.accounts.ending import STREAMS
from app.api.watch import Newest, News, Watch
from app.errors import NotFound

__all__ = ["STREAMS", "Event", "EventStream", "Listener", "StreamSettings", "Streams", "Told", "format_event", "last_event_id"]


@dataclass(frozen=True)
class StreamSettings:
    """How a stream of events behaves."""

    #: seconds between two looks at the database.
    look_every_s: float = 0.5
    #: seconds of silence after which a comment shows that the line stands.
    heartbeat_s: float = 15.0
    #: longest time that a stream stays open, in seconds; the browser comes back by itself.
    longest_s: float = 600.0
    #: streams that are kept open at once.
    most_streams: int = 4000
    #: streams of one person that are kept open at once.
    most_of_person: int = 64
    #: what a browser is told to wait before it comes back, in milliseconds.
    retry_ms: int = 2000


@dataclass(frozen=True)
class Event:
    """One event: its number (0: it has none), its kind, and its data."""

    number: int
    kind: str
    data: dict[str, object]


#: What there is to tell, and whether the job is at its end.
Told = tuple[Sequence[Event], bool]


@dataclass(frozen=True)
class Listener:
    """Whoever listens to a job. look: what is new after the event of that number; raises NotFound once the job is gone.

    manner: what the answers depend on besides the job: those of the same manner are made once for all. login: the session of
    the account that listens, and may_stay: whether it is still signed in; it is asked whenever the stream shows that it stands.
    """

    job_id: str
    person_id: str
    look: Callable[[int], Told]
    manner: tuple[str, ...] = ()
    login: str | None = None
    may_stay: Callable[[], bool] | None = None


class Streams:
    """The open streams of an application."""

    def __init__(self, newest: Newest, settings: StreamSettings | None = None) -> None:
        self.settings = settings or StreamSettings()
        self.watch = Watch(newest, self.settings.look_every_s)
        self._lock = threading.Lock()
        self._of_person: Counter[str] = Counter()

    @contextmanager
    def place(self, person_id: str) -> Iterator[bool]:
        """Whether there is room for one more of the person, which is then taken for the time of the block."""
        with self._lock:
            full = self._of_person.total() >= self.settings.most_streams
            stays = not full and self._of_person[person_id] < self.settings.most_of_person
            if stays:
                self._of_person[person_id] += 1
        try:
            yield stays
        finally:
            with self._lock:
                if stays:
                    self._of_person[person_id] -= 1
                self._of_person += Counter()  # forgets those with none

    def __len__(self) -> int:
        return self._of_person.total()


class EventStream:
    """An answer of events: drawn from on the server's loop; also by a plain WSGI server, a step at a time."""

    def __init__(self, listener: Listener, after: int, streams: Streams) -> None:
        self._listener, self._after, self._streams = listener, after, streams
        self._steps: Generator[bytes] | None = None

    def __aiter__(self) -> AsyncGenerator[bytes, None]:
        return self._parts()

    def __iter__(self) -> Iterator[bytes]:
        self._steps = self._step_by_step()
        return self._steps

    def close(self) -> None:
        """Nobody listens any more."""
        if self._steps is not None:
            self._steps.close()

    def _step_by_step(self) -> Generator[bytes]:
        parts = self._parts()

        async def step() -> bytes | None:
            return await anext(parts, None)

        with asyncio.Runner() as runner:
            try:
                while (part := runner.run(step())) is not None:
                    yield part
            finally:
                runner.run(parts.aclose())

    async def _parts(self) -> AsyncGenerator[bytes, None]:
        """The events after that number as text, until the job, the client, the server or the time is at its end."""
        settings, loop = self._streams.settings, asyncio.get_running_loop()
        yield f"retry: {settings.retry_ms}\n\n".encode()
        ends_s = loop.time() + settings.longest_s
        watch, login = self._streams.watch, self._listener.login
        with self._streams.place(self._listener.person_id) as stays, watch.listen(self._job, self._after, login) as news:
            while True:
                try:
                    events, ended = await self._told(news)
                except NotFound:  # deleted meanwhile: whoever comes back is told so
                    return
                for event in events:
                    news.after = max(news.after, event.number)
                    yield format_event(event).encode()
                if ended:
                    yield format_event(Event(0, "end", {})).encode()
                    return
                if not stays:
                    return
                while not await news.wait(min(settings.heartbeat_s, ends_s - loop.time())):
                    if loop.time() >= ends_s or not await self._may_stay():
                        return
                    yield b": heartbeat\n\n"
                if news.ends or loop.time() >= ends_s:
                    return

    async def _may_stay(self) -> bool:
        may_stay = self._listener.may_stay
        return may_stay is None or await self._streams.watch.once(None, may_stay)

    @property
    def _job(self) -> str:
        return self._listener.job_id

    async def _told(self, news: News) -> Told:
        """What there is to tell; the same to many listeners of a job is found once."""
        key = None if news.number is None else (self._job, news.after, news.number, news.is_over, *self._listener.manner)
        return await self._streams.watch.once(key, self._listener.look, news.after)


def format_event(event: Event) -> str:
    """The event as text."""
    number = f"id: {event.number}\n" if event.number else ""
    return f"{number}event: {event.kind}\ndata: {json.dumps(event.data, ensure_ascii=False)}\n\n"


def last_event_id(text: str | None) -> int:
    """The number in a Last-Event-ID header; 0 where it is none of ours."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0
