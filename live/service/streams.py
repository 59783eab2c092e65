"""The answers that do not end: films in fragments, pictures, events. Whoever takes too slowly misses some, or is let go."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from typing import Generic, TypeVar

from aiohttp import web

from live.avatar import Event
from live.service.problems import Conflict
from live.service.session import Session
from live.streaming.fragments import CONTENT_TYPE as CONTENT_TYPE_OF_FRAGMENTS
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
    """Fragmented MP4 from the next key picture on. Raises Full."""
    inbox: Inbox[Fragment] = Inbox(MOST_FRAGMENTS, from_newest_key)
    session.check_room()
    answer = await begin(request, CONTENT_TYPE_OF_FRAGMENTS)
    async with aclosing(items(session, lambda: session.fragments.listen(inbox.put), inbox)) as fragments:
        with suppress(ConnectionError):  # the listener has gone
            head_sent = False
            async for fragment in fragments:
                await answer.write(fragment.data if head_sent else fragment.head + fragment.data)
                head_sent = True
    return answer


async def stream_mjpeg(request: web.Request, session: Session) -> web.StreamResponse:
    """JPEGs, always the newest. Raises Full."""
    inbox: Inbox[bytes] = Inbox(1, newest_alone)
    session.check_room()
    answer = await begin(request, CONTENT_TYPE)
    async with aclosing(items(session, lambda: session.mjpeg.listen(inbox.put), inbox)) as parts:
        with suppress(ConnectionError):
            async for part in parts:
                await answer.write(part)
    return answer


async def items(session: Session, listen: Callable[[], Callable[[], None]], inbox: Inbox[Item]) -> AsyncGenerator[Item, None]:
    """What comes into the inbox, once the avatar is ready: the answer has begun by then, so that nobody holds a thread for it
    meanwhile. Ends with the session, also where that ends before it is ready."""
    leave: Callable[[], None] | None = None
    session.on_end.append(inbox.close)
    try:
        with session.listening():
            await session.until_ready(session.limits.preparing_s)
            leave = listen()
            while (item := await inbox.take(LONGEST_WAIT_S)) is not None:
                yield item
    except Conflict:
        return
    finally:
        session.on_end.remove(inbox.close)
        if leave is not None:
            await asyncio.to_thread(leave)


def after_of(request: web.Request) -> int:
    """The number after which events are wanted, by Last-Event-ID; -1: all that are kept."""
    text = request.headers.get("Last-Event-ID", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1


async def stream_events(request: web.Request, session: Session) -> web.StreamResponse:
    """What has happened and what happens, as Server-Sent Events (WHATWG HTML, 9.2)."""
    after = after_of(request)
    inbox: Inbox[Event] = Inbox(MOST_EVENTS, lambda waiting: inbox.close())
    session.check_room()
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
