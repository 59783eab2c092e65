"""A model on a server that speaks OpenAI's protocol: Groq, OpenAI, Ollama, llama.cpp, vLLM and many more.

mind = ServerMind(ServerSettings(url="http://127.0.0.1:11434", model="llama3.2"))
for piece in mind.reply(history.turns): ...
"""

from __future__ import annotations

import json
import random
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.client import HTTPException, HTTPResponse

from core.secret import Secret, secret_of_environment
from core.server_address import NotPublic, Reach, ServerAddress, retry_after_s, server_address
from live.conversation.event_stream import EventStream, StreamFault, error_text, first_choice
from live.conversation.mind import MindError, Turn

#: Where a key of the operator's is looked for, and where the protocol lies under a server's address.
KEY_VARIABLE = "BELCANTO_MIND_KEY"
COMPLETIONS = "/chat/completions"
#: Answers of a server after which the same request may succeed a little later.
PASSING = frozenset([408, 409, 425, 429, 500, 502, 503, 504, 529])
#: The longest answer that is read, whatever the server goes on to send; an error's body is read to `MOST_ERROR_BYTES`.
MOST_ANSWER_CHARACTERS, MOST_ERROR_BYTES, MOST_JSON_BYTES = 20_000, 20_000, 1_000_000
#: Of an error's own words so many are told.
MOST_SAID_CHARACTERS = 200


@dataclass(frozen=True)
class ServerSettings:
    """Where the model is and how long it is waited for.

    url: of the server, with or without /v1/chat/completions. model: its name there. key: where the server wants one.
    temperature: 0 (the likeliest word) to 2. most_tokens: of an answer. connect_s, first_token_s, between_tokens_s: the longest
    waits. tries: in all, where the server is busy or out of order. longest_wait_s: between two of them, whatever it asks for.
    reach: which servers may be asked; who serves others does not let them name his own machines.
    """

    url: str
    model: str
    key: Secret = field(default_factory=Secret)
    temperature: float = 0.8
    most_tokens: int = 400
    connect_s: float = 5.0
    first_token_s: float = 30.0
    between_tokens_s: float = 10.0
    tries: int = 3
    first_wait_s: float = 0.5
    longest_wait_s: float = 10.0
    reach: Reach = Reach.ANY


def completions_address(settings: ServerSettings) -> ServerAddress:
    """Where the protocol lies at a server, whose address people give with or without it. Raises as `server_address`."""
    address = server_address(settings.url, bool(settings.key), settings.reach)
    path = address.path
    return replace(address, path=path if path.endswith(COMPLETIONS) else f"{path or '/v1'}{COMPLETIONS}")


def key_of_environment() -> Secret:
    """The operator's key; empty where the environment has none. Raises InputError for what can't be one."""
    return secret_of_environment(KEY_VARIABLE)


class ServerMind:
    """Asks a server."""

    def __init__(self, settings: ServerSettings) -> None:
        """Raises InputError for an address that can't be one, or over which a key would travel in the clear."""
        self._settings = settings
        self._address = completions_address(settings)

    def reply(self, history: tuple[Turn, ...]) -> ServerReply:
        """The model's answer as it streams."""
        return ServerReply(self._settings, self._address, history)

    def copy(self) -> ServerMind:
        """Itself, since it remembers nothing."""
        return self


class ServerReply:
    """One answer on its way. Each wait has its limit; `close` ends any of them."""

    def __init__(self, settings: ServerSettings, address: ServerAddress, history: tuple[Turn, ...]) -> None:
        self._settings, self._address = settings, address
        self._body = json.dumps(
            {
                "model": settings.model,
                "messages": [{"role": turn.role, "content": turn.text} for turn in history],
                "stream": True,
                "temperature": settings.temperature,
                "max_tokens": settings.most_tokens,
            }
        ).encode()
        self._closed = threading.Event()
        self._socket: socket.socket | None = None
        self._pieces = self._told()

    def __iter__(self) -> Iterator[str]:
        """Itself."""
        return self

    def __next__(self) -> str:
        """The next few words. Raises MindError."""
        return next(self._pieces)

    def close(self) -> None:
        """Hang up."""
        self._closed.set()
        if (held := self._socket) is not None:
            try:
                held.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it was over already

    def _told(self) -> Iterator[str]:
        for attempt in range(1, self._settings.tries + 1):
            told = False
            try:
                for words in self._asked():
                    told = True
                    yield words
                return
            except _Passing as passing:
                if self._closed.is_set():
                    return
                wait_s = passing.wait_s
                if wait_s is None:
                    wait_s = self._settings.first_wait_s * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)
                if told or attempt == self._settings.tries or wait_s > self._settings.longest_wait_s:
                    raise passing.error from None
                if self._closed.wait(wait_s):
                    return
            except MindError:
                if self._closed.is_set():
                    return
                raise

    def _asked(self) -> Iterator[str]:
        """The answer of one request. Raises `_Passing` where another may do better, else MindError."""
        address, settings = self._address, self._settings
        connection = address.connection(settings.connect_s)
        host = address.host
        try:
            try:
                connection.connect()
            except NotPublic:
                raise MindError("core.server_not_public", host=host) from None
            except (OSError, HTTPException) as error:
                raise _Passing(MindError("live.mind_unreachable", host=host, error=_reason(error))) from None
            self._socket = connection.sock
            if self._closed.is_set():
                return
            deadline_s = time.monotonic() + settings.first_token_s
            try:
                self._socket.settimeout(settings.first_token_s)
                headers = {"Content-Type": "application/json", "Accept": "text/event-stream", "User-Agent": "Belcanto"}
                connection.request("POST", address.path, self._body, {**headers, **settings.key.headers()})
                response = connection.getresponse()
            except TimeoutError:
                raise MindError("live.mind_slow_to_begin", host=host, seconds=settings.first_token_s) from None
            except (OSError, HTTPException):
                raise _Passing(MindError("live.mind_cut", host=host)) from None
            if response.status != 200:
                raise self._refusal(response)
            yield from self._stream(response, deadline_s)
        finally:
            self._socket = None
            connection.close()

    def _refusal(self, response: HTTPResponse) -> Exception:
        """Why the server did not answer; its own words where they help, without the key that it may repeat."""
        host, status = self._address.host, response.status
        try:
            said = error_text(response.read(MOST_ERROR_BYTES).decode("utf-8", errors="replace"))
        except (OSError, HTTPException):
            said = ""
        said = self._without_key(said)
        if status in (401, 403):
            return MindError("live.mind_refuses_key", host=host, status=status)
        wait_s = retry_after_s(response.headers)
        if status == 429:
            return _Passing(MindError("live.mind_busy", host=host, said=said), wait_s)
        if status == 404:
            return MindError("live.mind_not_there", host=host, model=self._settings.model, said=said)
        error = MindError("live.mind_failed", host=host, status=status, said=said)
        return _Passing(error, wait_s) if status in PASSING else error

    def _stream(self, response: HTTPResponse, deadline_s: float) -> Iterator[str]:
        """The words of the answer's body until it is whole."""
        host, count = self._address.host, 0
        if "json" in (response.headers.get_content_type() or ""):
            yield from self._at_once(response)
            return
        events = EventStream()
        try:
            while not events.whole and count < MOST_ANSWER_CHARACTERS:
                content = self._read(response, deadline_s, count > 0)
                for words in events.push(content) if content else events.finish():
                    count += len(words)
                    deadline_s = time.monotonic() + self._settings.between_tokens_s
                    yield words
                    deadline_s = max(deadline_s, time.monotonic() + self._settings.between_tokens_s)
                if not content:
                    break
        except StreamFault as fault:
            raise self._unreadable(fault) from None
        if count < MOST_ANSWER_CHARACTERS and not events.whole:
            error = MindError("live.mind_cut", host=host)
            raise error if count else _Passing(error)
        if not count:
            raise MindError("live.mind_says_nothing", host=host)

    def _read(self, response: HTTPResponse, deadline_s: float, begun: bool) -> bytes:
        """What has come of the body; empty at its end. Raises MindError where nothing comes in time, or the line is cut."""
        settings, host = self._settings, self._address.host
        left_s = deadline_s - time.monotonic()
        held = self._socket
        try:
            if left_s <= 0:
                raise TimeoutError
            if held is not None:
                held.settimeout(left_s)
            return response.read1(65_536)
        except TimeoutError:
            if begun:
                raise MindError("live.mind_slow", host=host, seconds=settings.between_tokens_s) from None
            raise MindError("live.mind_slow_to_begin", host=host, seconds=settings.first_token_s) from None
        except (OSError, HTTPException, ValueError):
            error = MindError("live.mind_cut", host=host)
            raise (error if begun else _Passing(error)) from None

    def _at_once(self, response: HTTPResponse) -> Iterator[str]:
        """The answer of a server that does not stream."""
        try:
            body = response.read(MOST_JSON_BYTES).decode("utf-8", errors="replace")
            text = (first_choice(body).get("message") or {}).get("content")
        except (OSError, HTTPException):
            raise _Passing(MindError("live.mind_cut", host=self._address.host)) from None
        except StreamFault as fault:
            raise self._unreadable(fault) from None
        if not isinstance(text, str) or not text.strip():
            raise MindError("live.mind_says_nothing", host=self._address.host)
        yield text[:MOST_ANSWER_CHARACTERS]

    def _without_key(self, said: str) -> str:
        """A server's own words: first without the key that they may repeat, then cut, so that no part of it is left."""
        return self._settings.key.without(said)[:MOST_SAID_CHARACTERS]

    def _unreadable(self, fault: StreamFault) -> MindError:
        if fault.said:
            return MindError("live.mind_broke_off", host=self._address.host, said=self._without_key(fault.said))
        return MindError("live.mind_unreadable", host=self._address.host)


class _Passing(Exception):
    """A failure that may pass. wait_s: how long the server asks to wait; None: it does not say."""

    def __init__(self, error: MindError, wait_s: float | None = None) -> None:
        super().__init__()
        self.error, self.wait_s = error, wait_s


def _reason(error: Exception) -> str:
    """Why no connection came about, in the system's few words."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())[:120]
