"""Bodies of requests: taken as they come, without a thread, within limits of size, time and room; larger ones lie on the disk."""

from __future__ import annotations

import asyncio
import errno
import io
import shutil
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Any, TypeVar

from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, RequestTimeout

from app.errors import AppError, LimitReached, StorageFull
from app.serving.settings import ServerSettings
from core.hidden_file import hidden_file

#: What of a body is kept in memory: the whole of a small one, else what is not on the disk yet.
MEMORY_BYTES = 64 * 1024
WRITE_BYTES = 128 * 1024
RETRY_AFTER_S = 10
Receive = Callable[[], Awaitable[Any]]
Result = TypeVar("Result")
#: Why a body was not taken: what the application says of it.
Refusal = HTTPException | AppError


class BodyRefused(Exception):
    """The body is not taken; `refusal` is the error to answer with."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


class ClientGone(Exception):
    """Nobody waits for an answer any more."""


class Bodies:
    """Takes bodies, and counts how much of the disk each network holds by them meanwhile."""

    def __init__(self, settings: ServerSettings, folder: Path) -> None:
        self._settings, self._folder = settings, folder
        self._held: defaultdict[str, int] = defaultdict(int)

    @asynccontextmanager
    async def taken(self, receive: Receive, announced: int | None, network: str) -> AsyncIterator[IO[bytes]]:
        """The body as a file that stands at its beginning, gone at the end of the block.

        announced: its length in bytes as the client says; None where it is in chunks. Raises BodyRefused and ClientGone.
        """
        self._check_length(announced or 0)
        held, count, waiting = 0, 0, bytearray()
        file: IO[bytes] = io.BytesIO()
        try:
            if announced and announced > MEMORY_BYTES:
                held = self._hold(network, announced)
            async for part in self._parts(receive):
                count += len(part)
                self._check_length(count)
                waiting += part
                if count <= MEMORY_BYTES:
                    continue
                if count > held:
                    held += self._hold(network, count - held)
                if isinstance(file, io.BytesIO):
                    file = await on_disk(open_file, self._folder)
                if len(waiting) >= WRITE_BYTES:
                    await on_disk(file.write, bytes(waiting))
                    waiting.clear()
            await finish(file, waiting)
            yield file
        finally:
            self._held[network] -= held
            if self._held[network] <= 0:
                del self._held[network]
            if not isinstance(file, io.BytesIO):
                await asyncio.shield(asyncio.to_thread(file.close))

    async def _parts(self, receive: Receive) -> AsyncIterator[bytes]:
        """What comes. Raises BodyRefused where it comes too slowly, ClientGone."""
        settings, loop = self._settings, asyncio.get_running_loop()
        begun_s, count, more = loop.time(), 0, True
        while more:
            try:
                async with asyncio.timeout(settings.body_idle_s):
                    message = await receive()
            except TimeoutError as error:
                raise BodyRefused(RequestTimeout()) from error
            if message["type"] == "http.disconnect":
                raise ClientGone
            part, more = message.get("body", b""), message.get("more_body", False)
            count += len(part)
            spent_s = loop.time() - begun_s
            if more and spent_s > settings.body_grace_s and count < settings.body_bytes_per_s * spent_s:
                raise BodyRefused(RequestTimeout())
            yield part

    def _check_length(self, count: int) -> None:
        """Raises BodyRefused for more bytes than any request may have."""
        if self._settings.body_bytes is not None and count > self._settings.body_bytes:
            raise BodyRefused(RequestEntityTooLarge())

    def _hold(self, network: str, count: int) -> int:
        """Count bytes as held by the network. Raises BodyRefused where it would hold too many, or the disk would be full."""
        most = self._settings.body_bytes_per_address
        if most is not None and self._held[network] and self._held[network] + count > most:
            raise BodyRefused(too_much_at_once())
        if self._settings.free_bytes and shutil.disk_usage(self._folder).free - count < self._settings.free_bytes:
            raise BodyRefused(disk_is_full())
        self._held[network] += count
        return count


def open_file(folder: Path) -> IO[bytes]:
    """A file in the folder that has no name there, goes with its last user, and whose bytes nobody can read there; the caller
    closes it."""
    return hidden_file(folder)


async def finish(file: IO[bytes], rest: bytearray) -> None:
    """Write the rest of a body and go back to its beginning."""
    if isinstance(file, io.BytesIO):
        file.write(rest)
    else:
        await on_disk(file.write, bytes(rest))
    file.seek(0)


async def on_disk(work: Callable[..., Result], *values: Any) -> Result:
    """Do it in a thread, since a disk may be slow. Raises BodyRefused where it is full."""
    try:
        return await asyncio.to_thread(work, *values)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise BodyRefused(disk_is_full()) from error


def disk_is_full() -> StorageFull:
    """The error for a disk without room for the body."""
    return StorageFull("app.disk_full")


def too_much_at_once() -> LimitReached:
    """The error for an address that sends too much at the same time."""
    error = LimitReached("app.too_many_large_files")
    error.retry_after_s = RETRY_AFTER_S
    return error
