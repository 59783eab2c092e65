"""The microphone's sound on its way from whoever brings it to the thread that listens."""

from __future__ import annotations

import threading
from collections import deque

from core.contracts import FloatArray
from live.avatar import MICROPHONE_HZ


class SoundInbox:
    """Bounded: where listening is so far behind, the oldest blocks are dropped."""

    def __init__(self, most_s: float) -> None:
        """most_s: of sound that may wait."""
        self._most = most_s * MICROPHONE_HZ
        self._blocks: deque[FloatArray] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def put(self, block: FloatArray) -> None:
        """The next (n,) samples; waits for nobody."""
        with self._changed:
            self._blocks.append(block)
            while sum(map(len, self._blocks)) > self._most:
                self._blocks.popleft()
            self._changed.notify()

    def take(self) -> list[FloatArray] | None:
        """All blocks that wait, in order, once there is one; None once it was closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or bool(self._blocks))
            if self._closed:
                return None
            blocks = list(self._blocks)
            self._blocks.clear()
            return blocks

    def close(self) -> None:
        """Nobody listens any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
