"""What a server has to bear: connections that do nothing or little, and visitors who give far too much. Loopback only.

Each kind is a coroutine that goes on until it is over and tells what it met. Addresses other than 127.0.0.1 stand for other
visitors where the system has them (Linux has the whole of 127.0.0.0/8).
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

HOST = "127.0.0.1"
ANSWER_LIMIT_S = 120.0
DRIP_S = 1.0
#: Read from a stream of events or an answer at once.
READ_BYTES = 65536
PICTURE_COUNT, SOUND_COUNT, COOKIES, UPLOADS_OF_EACH = 44, 12, 13, 25
UPLOAD_BYTES, PIECE_BYTES = 250_000_000, 1_000_000
BOUNDARY = "----belcanto-attack"
Met = Counter[str]


@dataclass(frozen=True)
class Target:
    """Where to, until when on the loop's clock, and the files to give."""

    port: int
    ends_s: float
    picture: Path
    sound: Path
    #: address of the stream of a job's events, and the cookie of its person.
    events: str = ""
    cookie: str = ""
    met: Met = field(default_factory=Counter)

    @property
    def left_s(self) -> float:
        """How long it goes on, in seconds."""
        return max(0.0, self.ends_s - asyncio.get_running_loop().time())


@asynccontextmanager
async def connected(target: Target, source: str = HOST) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection from an address of the loopback."""
    try:
        reader, writer = await asyncio.open_connection(HOST, target.port, local_addr=(source, 0))
    except OSError:  # this system has but one
        reader, writer = await asyncio.open_connection(HOST, target.port)
    try:
        yield reader, writer
    finally:
        writer.close()


def source_of(number: int) -> str:
    """The address of the visitor of that number."""
    return f"127.0.1.{1 + number % 200}"


async def hold(target: Target, source: str, said: bytes, drip: bytes) -> None:
    """Keep a connection that says that, then a byte now and then; make another where the server ends it."""
    while target.left_s:
        with suppress(OSError, TimeoutError):
            async with connected(target, source) as (reader, writer):
                writer.write(said)
                target.met["connections"] += 1
                while target.left_s:
                    writer.write(drip)
                    await writer.drain()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(reader.read(READ_BYTES), min(DRIP_S, target.left_s))
                        target.met["ended by the server"] += 1
                        break
        await asyncio.sleep(min(0.2, target.left_s))


async def idle(target: Target) -> None:
    """1000 connections of five addresses that say nothing."""
    await together(hold(target, source_of(number % 5), b"", b"") for number in range(1000))


async def slow_headers(target: Target) -> None:
    """400 requests of two addresses that never end."""
    said = b"GET /music HTTP/1.1\r\nHost: x\r\nX-Slow: "
    await together(hold(target, source_of(number % 2), said, b"x") for number in range(400))


async def slow_bodies(target: Target) -> None:
    """400 files of two addresses that never come."""
    kind = "multipart/form-data; boundary=x"
    said = f"POST /api/v1/songs HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: 900000\r\n\r\n".encode()
    await together(hold(target, source_of(number % 2), said, b"x") for number in range(400))


async def streams(target: Target) -> None:
    """180 streams of one visitor's events, 60 from each of three addresses."""
    said = f"GET {target.events} HTTP/1.1\r\nHost: x\r\nCookie: {target.cookie}\r\n\r\n".encode()

    async def listen(number: int) -> None:
        while target.left_s:
            with suppress(OSError):
                async with connected(target, source_of(number % 3)) as (reader, writer):
                    writer.write(said)
                    target.met["streams"] += 1
                    with suppress(TimeoutError):
                        while await asyncio.wait_for(reader.read(READ_BYTES), target.left_s or 0.01):
                            pass
            await asyncio.sleep(min(2.0, target.left_s))

    await together(listen(number) for number in range(180))


async def pictures(target: Target) -> None:
    """44 large pictures of one visitor at once, and again."""
    cookie = await new_cookie(target, source_of(0))
    await together(give(target, "pictures", target.picture, source_of(0), cookie) for _ in range(PICTURE_COUNT))


async def pictures_of_many(target: Target) -> None:
    """44 large pictures at once, each with a cookie of its own, from four addresses."""
    await together(give(target, "pictures", target.picture, source_of(number % 4), None) for number in range(PICTURE_COUNT))


async def sounds(target: Target) -> None:
    """12 sounds of eight channels at 192 kHz at once, and again."""
    await together(give(target, "songs", target.sound, source_of(0), None) for _ in range(SOUND_COUNT))


async def give(target: Target, kinds: str, path: Path, source: str, cookie: str | None) -> None:
    """Give the file until it is over."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n\r\n'
    body = head.encode() + path.read_bytes() + f"\r\n--{BOUNDARY}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    while target.left_s:
        await ask(target, "POST", f"/api/v1/{kinds}", source, cookie, kind, body)
        await asyncio.sleep(min(0.5, target.left_s))


async def unfinished(target: Target) -> None:
    """13 cookies of one address begin uploads of 250 MB and send the first piece of each."""

    async def begin(number: int) -> None:
        source = source_of(0)
        cookie = await new_cookie(target, source)
        for _ in range(UPLOADS_OF_EACH):
            if not target.left_s:
                return
            asked = json.dumps({"kind": "song", "file_name": f"{number}.wav", "size_bytes": UPLOAD_BYTES}).encode()
            status, text = await ask(
                target, "POST", "/api/v1/uploads", source, cookie, {"Content-Type": "application/json"}, asked
            )
            if status != 201:
                continue
            target.met["MB announced and taken"] += UPLOAD_BYTES // 1_000_000
            place = json.loads(text.partition(b"\r\n\r\n")[2])["links"]["self"]
            kind = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
            await ask(target, "PATCH", place, source, cookie, kind, bytes(PIECE_BYTES))

    await together(begin(number) for number in range(COOKIES))


async def new_cookie(target: Target, source: str) -> str | None:
    """The cookie of somebody new."""
    _, text = await ask(target, "GET", "/music", source)
    found = re.search(rb"(?im)^set-cookie: (belcanto_person=[^;\r]+)", text)
    return found[1].decode() if found else None


async def ask(
    target: Target,
    method: str,
    path: str,
    source: str,
    cookie: str | None = None,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
) -> tuple[int, bytes]:
    """Status and text of the answer, which is counted; 0 where none came in time."""
    lines = [f"{method} {path} HTTP/1.1", "Host: x", "Connection: close", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()] + ([f"Cookie: {cookie}"] if cookie else [])
    status, text = 0, b""
    with suppress(OSError, TimeoutError):
        async with connected(target, source) as (reader, writer):
            writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
            text = await asyncio.wait_for(reader.read(-1), min(ANSWER_LIMIT_S, target.left_s + 1.0))
            status = int(text.split(maxsplit=2)[1])
    if method != "GET":
        target.met[f"{method} {status}" if status else f"{method} without an answer in time"] += 1
    return status, text


async def together(work: Iterable[Awaitable[None]]) -> None:
    """All at once."""
    await asyncio.gather(*work)


#: What is tried, by name.
KINDS: dict[str, Callable[[Target], Awaitable[None]]] = {
    "idle connections": idle,
    "slow headers": slow_headers,
    "slow bodies": slow_bodies,
    "large pictures of one": pictures,
    "large pictures of many": pictures_of_many,
    "sounds of many channels": sounds,
    "unfinished uploads": unfinished,
    "streams of events": streams,  # last, since a film is made meanwhile
}


async def attack(kind: str, target: Target, seconds: float) -> Met:
    """Do it for so long; what it met."""
    timed = Target(
        target.port, asyncio.get_running_loop().time() + seconds, target.picture, target.sound, target.events, target.cookie
    )
    await KINDS[kind](timed)
    return timed.met
