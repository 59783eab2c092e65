"""A job's events as they come, as Server-Sent Events (WHATWG HTML, 9.2), resumed by Last-Event-ID.

Every open stream holds a thread of the server. Therefore only so many are kept open: whoever comes after that gets what
there is and the advice to come back in a few seconds, which browsers do by themselves: the stream becomes polling, not an error.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class StreamSettings:
    """How a stream of events behaves."""

    #: seconds between two looks at the database.
    look_every_s: float = 0.5
    #: seconds of silence after which a comment shows that the line stands.
    heartbeat_s: float = 15.0
    #: longest time that a stream stays open, in seconds; the browser comes back by itself.
    longest_s: float = 600.0
    #: streams that are kept open at once; the server has 40 threads.
    most_streams: int = 24
    #: what a browser is told to wait before it comes back, in milliseconds.
    retry_ms: int = 2000


@dataclass(frozen=True)
class Event:
    """One event: its number (0: it has none), its kind, and its data."""

    number: int
    kind: str
    data: dict[str, object]


#: What is new after the event of that number, and whether the job is at its end.
Look = Callable[[int], tuple[Sequence[Event], bool]]


class Streams:
    """How many streams are open."""

    def __init__(self, settings: StreamSettings | None = None) -> None:
        self.settings = settings or StreamSettings()
        self._free = threading.BoundedSemaphore(self.settings.most_streams)

    def enter(self) -> bool:
        """Whether there is room for one more, which is then taken."""
        return self._free.acquire(blocking=False)

    def leave(self) -> None:
        """One stream less."""
        self._free.release()


def format_event(event: Event) -> str:
    """The event as text."""
    number = f"id: {event.number}\n" if event.number else ""
    return f"{number}event: {event.kind}\ndata: {json.dumps(event.data, ensure_ascii=False)}\n\n"


def stream(look: Look, after: int, streams: Streams) -> Iterator[str]:
    """The events after number `after` as text, until the job is at its end, the client is gone or the time is over."""
    settings = streams.settings
    yield f"retry: {settings.retry_ms}\n\n"
    stays = streams.enter()
    try:
        begun = spoken = time.monotonic()
        while True:
            events, ended = look(after)
            for event in events:
                after = max(after, event.number)
                yield format_event(event)
            now = time.monotonic()
            if ended:
                yield format_event(Event(0, "end", {}))
                return
            if not stays or now - begun > settings.longest_s:
                return
            if events:
                spoken = now
            elif now - spoken >= settings.heartbeat_s:
                spoken = now
                yield ": heartbeat\n\n"
            time.sleep(settings.look_every_s)
    finally:
        if stays:
            streams.leave()


def last_event_id(text: str | None) -> int:
    """The number in a Last-Event-ID header; 0 where it is none of ours."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0
