"""Asks the live process: a request is handed on, and its answer comes back piece by piece.

    answer = live_client().forward("POST", "/sessions", body, {"Content-Type": "application/json"})
    answer.checked().json()                                   # a refusal of the live process becomes the visitor's error
    return Response(answer.chunks, answer.status, {"Content-Type": answer.headers["content-type"]})      # films, events

`chunks` is an asynchronous iterable where the server draws from it on its loop (`app.serving.bridge`), so that a stream costs a
connection and no thread; a plain WSGI server may iterate over it as well.
"""

from __future__ import annotations

import asyncio
import http.client
import io
import json
import socket
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app

from app.errors import AppError, Busy
from core.errors import MissingError
from core.messages import Message, message_from_json

#: Where the application has its client.
KEY = "belcanto.live"
HOST = "127.0.0.1"
#: The header that shows that a request comes from us.
KEY_HEADER = "X-Belcanto-Live-Key"
#: Longest wait for the head of an answer, in seconds: a reply of a slow model may take as long. A stream may then be silent for
#: as long: the live process sends a comment every 10 s where it has no news.
HEAD_S, SILENT_S = 120.0, 60.0
#: Longest head, and longest body that is read as a whole, in bytes.
MOST_HEAD_BYTES, MOST_BYTES = 65_536, 64_000_000
PIECE_BYTES = 65_536
#: What is ours alone, or the connection's, and is not handed on.
NOT_HANDED_ON = {"connection", "transfer-encoding", "keep-alive", "server", "date"}


class LiveDown(Busy):
    """The live process is starting, or starting again."""

    slug = "live-down"
    retry_after_s = 5


class LiveRefused(AppError):
    """The live process refuses; its status and its message."""

    slug = "live-refused"

    def __init__(self, status: int, message: Message) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after_s = 30 if status == http.client.TOO_MANY_REQUESTS else None


class Chunks:
    """A body as it comes over a connection, which is closed at the end of either way of reading it, or by `close`."""

    def __init__(self, line: socket.socket, first: bytes, length: int | None) -> None:
        """first: what came with the head. length: of the whole body in bytes; None: until the other side closes."""
        self._line, self._first, self._left = line, first, length

    def __iter__(self) -> Iterator[bytes]:
        self._line.settimeout(SILENT_S)
        with self._line:
            piece = self._first
            while piece or self._left is None or self._left > 0:
                if piece:
                    self._count(piece)
                    yield piece
                    if self._left == 0:
                        return
                try:
                    piece = self._line.recv(PIECE_BYTES)
                except OSError:  # the live process has ended, or is stuck
                    return
                if not piece:
                    return

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        loop = asyncio.get_running_loop()
        self._line.setblocking(False)
        with self._line:
            piece = self._first
            while piece or self._left is None or self._left > 0:
                if piece:
                    self._count(piece)
                    yield piece
                    if self._left == 0:
                        return
                try:
                    piece = await asyncio.wait_for(loop.sock_recv(self._line, PIECE_BYTES), SILENT_S)
                except OSError:  # of which TimeoutError is one
                    return
                if not piece:
                    return

    def _count(self, piece: bytes) -> None:
        if self._left is not None:
            self._left -= len(piece)

    def close(self) -> None:
        """Nobody reads on."""
        self._line.close()


@dataclass(frozen=True)
class Forwarded:
    """An answer of the live process. headers: by names in small letters. chunks: its body, read once."""

    status: int
    headers: Mapping[str, str]
    chunks: Chunks

    def read(self) -> bytes:
        """The whole body."""
        body = bytearray()
        for piece in self.chunks:
            body += piece
            if len(body) > MOST_BYTES:
                self.chunks.close()
                raise LiveDown("app.live_down")
        return bytes(body)

    def json(self) -> Any:
        """The whole body, which is JSON."""
        return json.loads(self.read())

    def checked(self) -> Forwarded:
        """The same, where the live process did as it was asked. Raises `LiveRefused` with its message where not."""
        if self.status < http.client.BAD_REQUEST:
            return self
        try:
            told = message_from_json(self.json())
        except (ValueError, KeyError, TypeError, AttributeError):
            told = Message("app.live_down")
        raise LiveRefused(self.status, told)


@dataclass
class LiveClient:
    """The way to the live process. port: where it listens now; None: nowhere. wanted: whether there is to be one at all."""

    key: str = ""
    port: int | None = None
    wanted: bool = False

    def forward(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None, head_s: float = HEAD_S
    ) -> Forwarded:
        """Hand a request on and give its answer once that has begun; its body is not read yet.

        path: with its query, from the live process's own root: `/sessions`. head_s: longest wait for the head of the answer.
        Raises MissingError where there is no live process, and `LiveDown` where it does not answer at the moment.
        """
        if not self.wanted:
            raise MissingError("app.live_off")
        if self.port is None:
            raise LiveDown("app.live_down")
        try:
            line = socket.create_connection((HOST, self.port), timeout=head_s)
        except OSError as error:
            raise LiveDown("app.live_down") from error
        try:
            line.sendall(self._request(method, path, body, headers or {}))
            return answer_on(line)
        except (OSError, http.client.HTTPException, ValueError) as error:
            line.close()
            raise LiveDown("app.live_down") from error

    def _request(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
        """The request as bytes: of HTTP/1.0, whose answers are not cut into chunks but end with the connection."""
        own = {"Host": f"{HOST}:{self.port}", KEY_HEADER: self.key, "Content-Length": str(len(body or b""))}
        rows = {**headers, **own}.items()
        head = "".join([f"{method} {path} HTTP/1.0\r\n", *(f"{name}: {value}\r\n" for name, value in rows), "\r\n"])
        if head.count("\n") != len(rows) + 2:
            raise ValueError("a line break in a header")
        return head.encode("latin-1") + (body or b"")


def answer_on(line: socket.socket) -> Forwarded:
    """The answer that comes over the connection. Raises OSError or HTTPException where it is none."""
    head = bytearray()
    while (end := head.find(b"\r\n\r\n")) < 0:
        piece = line.recv(PIECE_BYTES)
        if not piece or len(head) > MOST_HEAD_BYTES:
            raise http.client.BadStatusLine(bytes(head[:80]).decode("latin-1"))
        head += piece
    lines = io.BytesIO(bytes(head[: end + 4]))
    version, _, rest = lines.readline().decode("latin-1").partition(" ")
    if not version.startswith("HTTP/1."):
        raise http.client.BadStatusLine(version)
    headers = {name.lower(): value for name, value in http.client.parse_headers(lines).items()}
    length = int(headers["content-length"]) if "content-length" in headers else None
    status = int(rest[:3])
    if status == http.client.NO_CONTENT:
        length = 0
    kept = {name: value for name, value in headers.items() if name not in NOT_HANDED_ON}
    return Forwarded(status, kept, Chunks(line, bytes(head[end + 4 :]), length))


def live_client() -> LiveClient:
    """The application's client; one that says that live avatars are off, where the server was started without them."""
    client: LiveClient = current_app.extensions.setdefault(KEY, LiveClient())
    return client
