"""What is to be spoken for whom: sentences in pieces of one breath, as the speech desk takes them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field

from core.messages import Message
from speech.reading import BreathPiece
from speech.voice import PieceVoice, Said

#: Seconds of speech of one phoneme, about; the pieces that are spoken already are known better.
SPEECH_S = 0.075


@dataclass(eq=False)
class SpeechOrder:
    """One sentence. said: its pieces' sounds, in order, as far as they are spoken. failed: why the rest will not be."""

    voice: PieceVoice
    voice_key: Hashable
    pieces: tuple[BreathPiece, ...]
    said: list[Said] = field(default_factory=list)
    cancelled: bool = False
    failed: Message | None = None

    @property
    def open(self) -> bool:
        """Whether there is something left to speak."""
        return not self.cancelled and self.failed is None and len(self.said) < len(self.pieces)

    @property
    def next_cost(self) -> int:
        """Phonemes of its next piece."""
        return len(self.pieces[len(self.said)].phonemes)


@dataclass(eq=False)
class Customer:
    """One session at the desk. runs_out_s: when the sound that it has runs out, by `time.monotonic`. midway: whether that would
    be inside a sentence. served_s: when it was last served."""

    orders: deque[SpeechOrder] = field(default_factory=deque)
    runs_out_s: float = 0.0
    midway: bool = False
    served_s: float = 0.0
    busy: bool = False

    def next_order(self) -> SpeechOrder | None:
        """Its first order with something left to speak; those before it go."""
        while self.orders and not self.orders[0].open:
            self.orders.popleft()
        return self.orders[0] if self.orders else None

    def left_s(self) -> float:
        """For how long its sound lasts."""
        return max(0.0, self.runs_out_s - time.monotonic())


def lasts_until_spoken(order: SpeechOrder, seconds_per_phoneme: float, margin_s: float) -> bool:
    """Whether, if the sentence begins to sound now, each piece is spoken before it is due.

    seconds_per_phoneme: that speaking takes, others' turns included.
    """
    if not order.said:
        return False
    due_s = sum(len(said.sound) / said.rate_hz for said in order.said)
    ready_s = margin_s
    for piece in order.pieces[len(order.said) :]:
        ready_s += seconds_per_phoneme * len(piece.phonemes)
        if ready_s > due_s:
            return False
        due_s += SPEECH_S * len(piece.phonemes)
    return True
