"""The live process' events in a visitor's words: those that have a code are said anew, all others go through as they come."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterable, Iterator
from typing import Any, Protocol

from flask import Flask
from flask_babel import force_locale

from app.wording import in_words
from core.messages import message_from_json, wording_of

END = b"\n\n"
DATA = "data: "
#: No event of ours is longer; what is would be kept until memory ends.
MOST_BYTES = 1 << 20


class Body(Protocol):
    """What a forwarded answer is read from, in either of two ways."""

    def __iter__(self) -> Iterator[bytes]: ...

    def __aiter__(self) -> AsyncGenerator[bytes, None]: ...

    def close(self) -> None: ...


class WordedEvents:
    """A stream of events, drawn from on the server's loop, or step by step by a plain WSGI server."""

    def __init__(self, body: Body, app: Flask, locale: str) -> None:
        self._body, self._app, self._locale = body, app, locale
        self._rest = b""

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._body:
            if events := self._whole(piece):
                yield events

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        source: AsyncIterable[bytes] = self._body
        async for piece in source:
            if events := self._whole(piece):
                yield events

    def close(self) -> None:
        """Nobody listens any more."""
        self._body.close()

    def _whole(self, piece: bytes) -> bytes:
        """The events that are whole by now, in words; the rest is kept until its end comes."""
        held = (self._rest + piece).replace(b"\r\n", b"\n")
        whole, end, self._rest = held.rpartition(END)
        if len(self._rest) > MOST_BYTES:
            self._rest = b""
        return b"".join(self._worded(event) + END for event in whole.split(END)) if end else b""

    def _worded(self, event: bytes) -> bytes:
        """One event."""
        lines = event.decode("utf-8", "replace").split("\n")
        return "\n".join(self._said(line) if line.startswith(DATA) else line for line in lines).encode()

    def _said(self, line: str) -> str:
        """The data's line, its sentence in the visitor's language where it has a code that we know."""
        try:
            data: Any = json.loads(line.removeprefix(DATA))
        except ValueError:
            return line
        if not isinstance(data, dict) or wording_of(str(data.get("code", ""))) is None:
            return line
        with self._app.app_context(), force_locale(self._locale):
            data["message"] = in_words(message_from_json({"code": data["code"], "values": data.get("values", {})}))
        data.pop("values", None)
        return DATA + json.dumps(data, ensure_ascii=False)
