"""The answers that do not end: films in fragments, pictures, events. Whoever takes too slowly misses some, or is let go."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from aiohttp import web

from live.avatar import Event
from live.service.session import Session
from live.streaming.fragments import Fragment
from live.streaming.mjpeg import CONTENT_TYPE

#: Fragments that may wait for one listener, eight seconds; then it goes on with the newest that it can begin with.
MOST_FRAGMENTS = 40
#: Events that may wait for one listener, who comes back by Last-Event-ID for what came after them.
MOST_EVENTS = 2000
#: Longest silence of a stream of events, in seconds: then a comment shows that the line stands.
COMMENT_S = 10.0
#: A stream that nothing came for in so long has ended.
LONGEST_WAIT_S = 30.0
Item = TypeVar("Item")


class Inbox(Generic[Item]):
    """What came from other threads, for one who takes it on the loop."""

    def __init__(self, most: int, on_full: Callable[[deque[Item]], None]) -> None:
        """on_full: makes room where more came than may wait."""
        self._items: deque[Item] = deque()
        self._most, self._on_full = most, on_full
        self._loop, self._came, self.closed = asyncio.get_running_loop(), asyncio.Event(), False

    def put(self, item: Item) -> None:
        """From any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._put, item)

    def _put(self, item: Item) -> None:
        self._items.append(item)
        if len(self._items) > self._most:
            self._on_full(self._items)
        self._came.set()

    @property
    def over(self) -> bool:
        """Whether all was taken, and nothing comes any more."""
        return self.closed and not self._items

    def close(self) -> None:
        """What waits is taken still; nothing comes after it."""
        self.closed = True
        self._came.set()

    async def take(self, patience_s: float) -> Item | None:
        """The next one; None at the end, or where none came in so long."""
        if not self._items and not self.closed:
            self._came.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._came.wait(), patience_s)
        return self._items.popleft() if self._items else None


async def begin(request: web.Request, content_type: str) -> web.StreamResponse:
    """An answer that is sent as it comes."""
    answer = web.StreamResponse(headers={"Content-Type": content_type, "Cache-Control": "no-store"})
    await answer.prepare(request)
    return answer


def from_newest_key(waiting: deque[Fragment]) -> None:
    """Leave out what is too old, up to the newest fragment that a player can begin with, of which there is one in two seconds."""
    keys = [place for place, fragment in enumerate(waiting) if fragment.key]
    for _ in range(keys[-1] if keys else len(waiting)):
        waiting.popleft()


def newest_alone(waiting: deque[bytes]) -> None:
    """Leave out all but the newest."""
    while len(waiting) > 1:
        waiting.popleft()


async def stream_mp4(request: web.Request, session: Session) -> web.StreamResponse:
    """Fragmented MP4 from the next key picture on."""
    await session.until_ready()
    inbox: Inbox[Fragment] = Inbox(MOST_FRAGMENTS, from_newest_key)
    with session.listening():
        leave = session.fragments.listen(inbox.put)
        session.on_end.append(inbox.close)
        try:
            answer = await begin(request, session.fragments.content_type)
            head_sent = False
            while (fragment := await inbox.take(LONGEST_WAIT_S)) is not None:
                await answer.write(fragment.data if head_sent else fragment.head + fragment.data)
                head_sent = True
        except ConnectionError:  # the listener has gone
            return answer
        finally:
            session.on_end.remove(inbox.close)
            await asyncio.to_thread(leave)
    return answer


async def stream_mjpeg(request: web.Request, session: Session) -> web.StreamResponse:
    """JPEGs, always the newest."""
    await session.until_ready()
    inbox: Inbox[bytes] = Inbox(1, newest_alone)
    with session.listening():
        leave = session.mjpeg.listen(inbox.put)
        session.on_end.append(inbox.close)
        try:
            answer = await begin(request, CONTENT_TYPE)
            while (part := await inbox.take(LONGEST_WAIT_S)) is not None:
                await answer.write(part)
        except ConnectionError:
            return answer
        finally:
            session.on_end.remove(inbox.close)
            await asyncio.to_thread(leave)
    return answer


def after_of(request: web.Request) -> int:
    """The number after which events are wanted, by Last-Event-ID; -1: all that are kept."""
    text = request.headers.get("Last-Event-ID", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1


async def stream_events(request: web.Request, session: Session) -> web.StreamResponse:
    """What has happened and what happens, as Server-Sent Events (WHATWG HTML, 9.2)."""
    after = after_of(request)
    inbox: Inbox[Event] = Inbox(MOST_EVENTS, lambda waiting: inbox.close())
    with session.listening():
        leave = session.avatar.listen(inbox.put)
        try:
            answer = await begin(request, "text/event-stream; charset=utf-8")
            while not inbox.over:
                event = await inbox.take(COMMENT_S)
                if event is None and session.ended:
                    break
                if event is None:
                    await answer.write(b": still here\n\n")
                elif event.number > after:
                    await answer.write(as_text(event))
                if event is not None and event.kind == "ended":
                    break
        except ConnectionError:
            return answer
        finally:
            leave()
    return answer


def as_text(event: Event) -> bytes:
    """An event as it is sent."""
    data = json.dumps({"at_s": round(event.at_s, 3), **event.values}, ensure_ascii=False)
    return f"event: {event.kind}\nid: {event.number}\ndata: {data}\n\n".encode()
