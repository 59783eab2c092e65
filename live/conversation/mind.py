"""Who thinks of the answers: one contract for a model on a server, a small one here, the scripted host, and reading aloud."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from core.errors import BelcantoError

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True)
class Turn:
    """What one of the two said. role: `user` is the person, `assistant` the avatar, `system` what the persona is told before."""

    role: Role
    text: str


class MindError(BelcantoError):
    """Why there is no answer, or no more of it: what was told until then was said all the same."""


class Reply(Protocol):
    """An answer in pieces as they come: any lengths, words and tags may be cut."""

    def __iter__(self) -> Iterator[str]: ...

    def __next__(self) -> str:
        """The next piece. Raises `MindError` where the rest can't be had."""
        ...

    def close(self) -> None:
        """Stop thinking, from any thread; whoever waits for a piece is told the end at once."""
        ...


class Mind(Protocol):
    """Thinks of the next answer."""

    def reply(self, history: tuple[Turn, ...]) -> Reply:
        """The answer to the last turn; nothing is done before the first piece is asked for.

        history: see `History.turns`: the persona's instructions, then what was said; where that is all, the answer is a greeting.
        """
        ...

    def copy(self) -> Mind:
        """One that remembers the same, and whose answers this one does not remember: to think ahead of what may not come."""
        ...


class Pieces:
    """A reply that need not be waited for: pieces that a program makes, until somebody closes it."""

    def __init__(self, pieces: Iterable[str]) -> None:
        self._pieces, self._closed = iter(pieces), threading.Event()

    def __iter__(self) -> Iterator[str]:
        """Itself."""
        return self

    def __next__(self) -> str:
        """The next piece."""
        if self._closed.is_set():
            raise StopIteration
        return next(self._pieces)

    def close(self) -> None:
        """No further piece is told."""
        self._closed.set()


class ReadAloud:
    """Says what the person types."""

    def reply(self, history: tuple[Turn, ...]) -> Reply:
        """The last turn itself, where it is the person's."""
        last = history[-1]
        return Pieces([last.text] if last.role == "user" else [])

    def copy(self) -> Mind:
        """Itself, since it remembers nothing."""
        return self
