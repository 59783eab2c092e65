"""Runs a WSGI application under ASGI so that a thread works only while it computes.

The body is taken before the application is asked, and the answer is read piece by piece as the client takes it: a client that
sends or takes slowly holds a connection and a file, never a thread. An answer that is an asynchronous iterator (`__aiter__`) is
drawn from on the loop: thousands of quiet streams of events need no thread at all.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from app.serving.addresses import network_of
from app.serving.bodies import Bodies, BodyRefused, ClientGone, Receive, Refusal
from app.serving.environ import BLOCK_BYTES, Environ, make_environ
from app.serving.settings import ServerSettings

#: Where the environment has the error of a body that was not taken: the application answers with it.
REFUSED = "belcanto.refused"
#: How long the rest of a body is let in that was refused, in seconds.
LINGER_S = 5.0
Send = Callable[[Any], Awaitable[None]]
WsgiApp = Callable[..., Iterable[bytes]]
Admit = Callable[[Environ], Refusal | None]
Result = TypeVar("Result")


@dataclass
class Answer:
    """An answer that has begun: its status, its headers as ASGI has them, and what it is read from."""

    status: int
    headers: list[tuple[bytes, bytes]]
    source: Any
    #: what is left to read, with its first block; None for an asynchronous source.
    blocks: Iterator[bytes] | None
    first: bytes = b""
    #: whether the first block was all, and the source is let go of.
    closed: bool = False


class Bridge:
    """The ASGI application around a WSGI one.

    folder: where bodies lie that are too large for memory. admit: asked before a body is taken; it gives the error to answer with
    where that would be in vain.
    """

    def __init__(self, app: WsgiApp, settings: ServerSettings, folder: Path, admit: Admit | None = None) -> None:
        self._app, self._settings, self._admit = app, settings, admit
        self._bodies = Bodies(settings, folder)
        self._threads = ThreadPoolExecutor(settings.threads, "request")

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one request."""
        environ = make_environ(scope, self._settings)
        try:
            announced = announced_length(environ)
            if self._admit is not None and (refusal := self._admit(environ)) is not None:
                raise BodyRefused(refusal)
            async with self._bodies.taken(receive, announced, network_of(environ["REMOTE_ADDR"])) as body:
                environ["wsgi.input"] = body
                environ["CONTENT_LENGTH"] = str(body.seek(0, io.SEEK_END))
                body.seek(0)
                await self._answer(environ, receive, send)
        except BodyRefused as refused:
            environ[REFUSED] = refused.refusal
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(), "0"
            await self._answer(environ, receive, send, LINGER_S)
        except ClientGone:
            return

    async def _answer(self, environ: Environ, receive: Receive, send: Send, linger_s: float = 0.0) -> None:
        """Have the application answer, and send that as long as the client is there.

        linger_s: how long the rest of a body is let in that nobody reads: a client whose connection is closed while it still
        sends may never see the answer.
        """
        answer = await self._in_thread(begin_answer, self._app, environ)
        all_came = asyncio.Event()
        sending = self._send(answer, send, all_came, linger_s)
        tasks = [asyncio.create_task(sending), asyncio.create_task(until_gone(receive, all_came))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if tasks[0].done():
                tasks[0].result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if not answer.closed and hasattr(answer.source, "close"):
                await asyncio.shield(self._in_thread(answer.source.close))

    async def _send(self, answer: Answer, send: Send, all_came: asyncio.Event, linger_s: float) -> None:
        """Send the answer; the next block is read once the client has taken most of the last."""
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        async with aclosing(self._blocks(answer)) as blocks:
            async for block in blocks:
                await send({"type": "http.response.body", "body": block, "more_body": True})
        if linger_s:
            with suppress(TimeoutError):
                await asyncio.wait_for(all_came.wait(), linger_s)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _blocks(self, answer: Answer) -> AsyncGenerator[bytes, None]:
        """The answer's blocks."""
        if answer.blocks is None:
            async with aclosing(aiter(answer.source)) as parts:
                async for part in parts:
                    yield part
            return
        block = answer.first
        while block:
            yield block
            if len(block) < BLOCK_BYTES:  # that was the last
                return
            block = await self._in_thread(next_block, answer.blocks)

    async def _in_thread(self, work: Callable[..., Result], *values: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *values)

    def close(self) -> None:
        """Begin nothing any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def announced_length(environ: Environ) -> int | None:
    """The body's length as the client says; None where it does not. h11 has refused what is no number."""
    with suppress(KeyError, ValueError):
        return int(environ["CONTENT_LENGTH"])
    return None


def begin_answer(app: WsgiApp, environ: Environ) -> Answer:
    """Ask the application; the first block is read at once, since most answers have but one."""
    told: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], problem: object = None) -> Callable[[bytes], object]:
        told[:] = [status, headers]
        return lambda data: (_ for _ in ()).throw(NotImplementedError("WSGI's write() is not offered"))

    source = app(environ, start_response)
    blocks = None if hasattr(source, "__aiter__") else iter(source)
    first = b"" if blocks is None else next_block(blocks)
    status, headers = told
    closed = blocks is not None and len(first) < BLOCK_BYTES
    if closed and hasattr(source, "close"):
        source.close()
    named = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return Answer(int(status.partition(" ")[0]), named, source, blocks, first, closed)


def next_block(parts: Iterator[bytes]) -> bytes:
    """The next parts, joined to at least a block; less only at the end."""
    found, count = [], 0
    for part in parts:
        found.append(part)
        count += len(part)
        if count >= BLOCK_BYTES:
            break
    return b"".join(found)


async def until_gone(receive: Receive, all_came: asyncio.Event) -> None:
    """Until the client has gone; what it still sends is let in, and `all_came` set at the end of that."""
    while (message := await receive())["type"] != "http.disconnect":
        if not message.get("more_body", False):
            all_came.set()
