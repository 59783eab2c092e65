"""What a session is put together from, as far as others make it: who performs, who draws."""

from __future__ import annotations

from typing import Literal, Protocol

from core.contracts import FloatArray, Motion
from speech.voice import Said

Attention = Literal["idle", "listening", "thinking", "speaking"]


class Performer(Protocol):
    """Moves head, eyes, face and lips, block by block (`motion.live.performer`)."""

    @property
    def now_s(self) -> float:
        """Where the next block begins."""
        ...

    def attend(self, what: Attention) -> None:
        """From the next frame on."""
        ...

    def feel(self, style: str, strength: float) -> None:
        """The face goes over to it from the next frame on."""
        ...

    def say(self, at_s: float, said: Said) -> None:
        """What is heard from `at_s` on."""
        ...

    def hush(self) -> None:
        """What was to be said is dropped; the mouth closes."""
        ...

    def notice(self, loudness: float, lively: float) -> None:
        """Of the person who speaks, both 0 to 1."""
        ...

    def block(self, frames: int) -> Motion:
        """The next frames."""
        ...


class Singer(Protocol):
    """Moves a face along with what it hears (`motion.live.singing`)."""

    def hear(self, block: FloatArray) -> None:
        """(n,) float32, mono, 16 kHz, in order."""
        ...

    def block(self, frames: int) -> Motion:
        """The next frames."""
        ...
