"""The performer as several threads use it, and cues: what is to happen when its time comes."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from itertools import count

from core.contracts import Motion
from live.session.parts import Attention, Performer
from speech.voice import Said

#: The face goes over to a sentence's feeling so much before the sentence.
FEELS_AHEAD_S = 0.15


class Actor:
    """Its time runs in frames that are asked for, a little ahead of what is seen."""

    def __init__(self, performer: Performer) -> None:
        self._performer = performer
        self._lock = threading.RLock()
        self._cues: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()

    @property
    def now_s(self) -> float:
        """Where the next frame begins."""
        with self._lock:
            return self._performer.now_s

    def say(self, at_s: float, said: Said) -> float:
        """Say it from `at_s` on, or from the next frame on where that has passed; when that is."""
        with self._lock:
            at_s = max(at_s, self._performer.now_s)
            self._performer.say(at_s, said)
            return at_s

    def feel(self, at_s: float, style: str, strength: float) -> None:
        """The face shows the feeling of a sentence that begins then."""
        self._at(at_s - FEELS_AHEAD_S, lambda: self._performer.feel(style, strength))

    def attend(self, what: Attention, at_s: float = 0.0) -> None:
        """Go over to it, now or then."""
        self._at(at_s, lambda: self._performer.attend(what))

    def notice(self, loudness: float, lively: float) -> None:
        """Of the person who speaks."""
        with self._lock:
            self._performer.notice(loudness, lively)

    def hush(self) -> None:
        """Stop speaking, and drop what was to happen."""
        with self._lock:
            self._cues.clear()
            self._performer.hush()

    def block(self, frames: int) -> Motion:
        """The next frames; what is due before them happens."""
        with self._lock:
            while self._cues and self._cues[0][0] <= self._performer.now_s:
                heapq.heappop(self._cues)[2]()
            return self._performer.block(frames)

    def _at(self, at_s: float, cue: Callable[[], None]) -> None:
        with self._lock:
            if at_s <= self._performer.now_s:
                cue()
            else:
                heapq.heappush(self._cues, (at_s, next(self._numbers), cue))
