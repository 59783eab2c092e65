"""HTTP/1.1 connections that can't be used to stop the server: uvicorn's, with an eye on time and on how many an address has.

A slow client ("Slowloris", RFC 9110 has no remedy) costs a connection and nothing else. Each is watched: headers must be whole in
time, an answer must be taken in time, and where there are too many, those that only wait for a request give way to new ones.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from app.serving.addresses import network_of
from app.serving.settings import ServerSettings

#: How long a connection that was closed may hold on to what its client does not take, in seconds.
LINGER_S = 5.0
PLAIN = (
    "HTTP/1.1 {line}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {length}\r\n{more}Connection: close\r\n\r\n"
)
TOO_SLOW = ("408 Request Timeout", "The request came too slowly; send it again.\n", "")
TOO_MANY = ("429 Too Many Requests", "Your address has too many connections open; close some.\n", "Retry-After: 5\r\n")
FULL = (
    "503 Service Unavailable",
    "The server has too many connections open; try again in a little while.\n",
    "Retry-After: 5\r\n",
)


class Connections:
    """The open connections of a server, by the network that they come from."""

    def __init__(self, settings: ServerSettings) -> None:
        self.settings = settings
        self._by_network: defaultdict[str, set[Connection]] = defaultdict(set)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def enter(self, connection: Connection) -> tuple[str, str, str] | None:
        """Take one in, for which another that only waits may have to go; the answer for it where there is no room."""
        peer = connection.client[0] if connection.client else None
        connection.network = network_of(peer)
        mine = self._by_network[connection.network]
        limit = self.settings.connections if self.settings.trusts(peer) else self.settings.connections_per_address
        if len(mine) >= limit and not self._close_idle(mine):
            return TOO_MANY
        if self._count >= self.settings.connections and not self._close_idle(max(self._by_network.values(), key=len)):
            return FULL
        self._by_network[connection.network].add(connection)
        self._count += 1
        return None

    def leave(self, connection: Connection) -> None:
        """One less; nothing where it had left before."""
        mine = self._by_network.get(connection.network, set())
        if connection in mine:
            mine.remove(connection)
            self._count -= 1
            if not mine:
                del self._by_network[connection.network]

    def _close_idle(self, among: set[Connection]) -> bool:
        """Whether one of them could go: the one that has waited for a request longest."""
        waiting = [each for each in among if each.waits]
        if not waiting:
            return False
        longest = min(waiting, key=lambda each: each.since_s)
        self.leave(longest)
        longest.transport.abort()
        return True

    def cut_off_bodies(self) -> None:
        """End those whose requests are not whole: nothing has been done for them yet."""
        for connection in self._all():
            if not connection.waits and connection.cycle.more_body:
                connection.transport.abort()

    def cut_off(self) -> None:
        """End all."""
        for connection in self._all():
            connection.transport.abort()

    def _all(self) -> list[Connection]:
        return [each for mine in self._by_network.values() for each in mine]

    def look_after(self, now_s: float) -> None:
        """End those whose time is over; to be called about once a second. now_s: on the loop's clock."""
        for connection in self._all():
            connection.end_if_late(now_s)


class Connection(H11Protocol):
    """One connection. It waits for a request, or one is being answered."""

    def __init__(self, connections: Connections, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        self.all = connections
        self.network = ""
        #: on the loop's clock: since when it waits, or since its request's first byte came.
        self.since_s = self.loop.time()
        #: whether a part of a request's headers came.
        self.has_begun = False
        self.stalled_since_s: float | None = None
        self.closing_since_s: float | None = None

    @property
    def waits(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has come."""
        super().connection_made(transport)
        refused = self.all.enter(self)
        if refused is not None:
            self.refuse(*refused)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self.all.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes came: of headers, or of a body."""
        if self.transport.is_closing():
            return
        if self.waits and not self.has_begun:
            self.has_begun, self.since_s = True, self.loop.time()
        super().data_received(data)
        if not self.waits:
            self.has_begun = False

    def on_response_complete(self) -> None:
        """An answer has been handed over as a whole; the next request may come."""
        self.has_begun, self.since_s = False, self.loop.time()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """The client takes less than there is."""
        self.stalled_since_s = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        """The client has taken what there was."""
        self.stalled_since_s = None
        super().resume_writing()

    def refuse(self, line: str, sentence: str, more: str) -> None:
        """Answer without a request and close. line: status and reason. more: further header lines."""
        head = PLAIN.format(line=line, length=len(sentence), more=more)
        self.transport.write((head + sentence).encode())
        self.transport.close()

    def end_if_late(self, now_s: float) -> None:
        """Close it where it took too long."""
        settings = self.all.settings
        if self.transport.is_closing():
            self.closing_since_s = self.closing_since_s or now_s
            if now_s - self.closing_since_s > LINGER_S:
                self.transport.abort()
        elif self.stalled_since_s is not None:
            if now_s - self.stalled_since_s > settings.stalled_s:
                self.transport.abort()
        elif self.waits and now_s - self.since_s > (settings.header_s if self.has_begun else settings.idle_s):
            if self.has_begun and self.cycle is None:
                self.refuse(*TOO_SLOW)
            else:
                self.transport.close()
