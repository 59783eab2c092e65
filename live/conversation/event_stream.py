"""Reads the stream of `/v1/chat/completions`: server-sent events whose data are JSON, each with the next few words.

Format: WHATWG, "Server-sent events"; OpenAI, "Chat completions: streaming", as Groq, Ollama, llama.cpp and vLLM speak it too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

#: A line longer than this is no event of a chat.
MOST_LINE_BYTES = 1_000_000
DONE = "[DONE]"


class StreamFault(Exception):
    """The stream can't be understood. said: what the server says of it, where it does."""

    def __init__(self, said: str = "") -> None:
        super().__init__(said)
        self.said = said


class EventStream:
    """Bytes in, words out."""

    def __init__(self) -> None:
        self._held = b""
        #: Whether the server has said that the answer is whole.
        self.whole = False

    def push(self, content: bytes) -> Iterator[str]:
        """The words of the events that are whole now. Raises StreamFault for what is none."""
        *lines, self._held = (self._held + content).split(b"\n")
        if len(self._held) > MOST_LINE_BYTES:
            raise StreamFault
        for line in lines:
            field, _, value = line.decode("utf-8", errors="replace").rstrip("\r").partition(":")
            if field == "data" and not self.whole:
                yield from self._words(value.strip())

    def finish(self) -> Iterator[str]:
        """The words of a last event without a line's end."""
        return self.push(b"\n") if self._held else iter(())

    def _words(self, data: str) -> Iterator[str]:
        if data == DONE:
            self.whole = True
            return
        choice = first_choice(data)
        words = (choice.get("delta") or {}).get("content")
        if isinstance(words, str) and words:
            yield words
        if choice.get("finish_reason"):
            self.whole = True


def first_choice(data: str) -> dict[str, Any]:
    """The first of the answers in a JSON text; empty where it tells none, as an event that only counts tokens does.

    Raises StreamFault where it is no such JSON, or tells an error.
    """
    try:
        told = json.loads(data)
    except ValueError as error:
        raise StreamFault from error
    if not isinstance(told, dict):
        raise StreamFault
    if told.get("error"):
        raise StreamFault(error_text(data))
    choices = told.get("choices") or [{}]
    if not isinstance(choices, list) or not isinstance(choices[0], dict):
        raise StreamFault
    delta = choices[0].get("delta")
    if delta is not None and not isinstance(delta, dict):
        raise StreamFault
    return choices[0]


def error_text(body: str) -> str:
    """What a server's answer says of an error: {"error": {"message": ...}}, {"error": ...} or {"message": ...}; else empty."""
    try:
        told = json.loads(body)
    except ValueError:
        return ""
    error = told.get("error", told) if isinstance(told, dict) else ""
    text = error.get("message", "") if isinstance(error, dict) else error
    return " ".join(text.split()) if isinstance(text, str) else ""
