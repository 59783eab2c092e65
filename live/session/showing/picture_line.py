"""The pictures of a session, drawn a little ahead and taken each at its time; the last one again where the next is late."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from core.contracts import ByteArray


@dataclass(frozen=True)
class Ahead:
    """pictures: so many are drawn ahead at most. at_once: so many at a time, that a drawer with two threads has work for both."""

    pictures: int = 4
    at_once: int = 2


class PictureLine:
    """One thread puts, another takes."""

    def __init__(self, ahead: int, on_put: Callable[[ByteArray], None] = lambda frame: None) -> None:
        """ahead: pictures that are ready before their time, at most. on_put: gets every picture as soon as it is drawn; must be
        quick."""
        self._ahead, self._on_put = ahead, on_put
        self._ready: deque[tuple[int, ByteArray | None]] = deque()
        self._changed = threading.Condition()
        self._last: ByteArray | None = None
        self._next, self._closed = 0, False

    @property
    def due(self) -> int:
        """Number of the picture that is taken next."""
        return self._next

    @property
    def earliest(self) -> int:
        """Number of the picture that can be ready in time if it is begun now: not the one that is taken next, unless none is
        drawn ahead of that; then there is a picture's time for it."""
        return self._next + (1 if self._ahead > 1 else 0)

    def put(self, number: int, frame: ByteArray | None) -> None:
        """The picture of that number; None: the last one stands a moment longer."""
        with self._changed:
            self._ready.append((number, frame))
            self._changed.notify_all()
        if frame is not None:
            self._on_put(frame)

    def wait_for_room(self, number: int) -> bool:
        """Wait until the picture of that number is wanted; whether there are any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or number < self._next + self._ahead)
            return not self._closed

    def wait_for_pictures(self, timeout_s: float) -> bool:
        """Wait until as many as can be are drawn; whether they are."""
        with self._changed:
            return self._changed.wait_for(lambda: self._closed or len(self._ready) >= self._ahead, timeout_s) and not self._closed

    def take(self) -> tuple[ByteArray, bool]:
        """The next picture, and whether it was there in time. Called only after the first was put."""
        with self._changed:
            number, self._next = self._next, self._next + 1
            in_time = False
            while self._ready and self._ready[0][0] <= number:
                placed, frame = self._ready.popleft()
                self._last = self._last if frame is None else frame
                in_time = placed == number
            self._changed.notify_all()
            assert self._last is not None
            return self._last, in_time

    def close(self) -> None:
        """Nobody takes any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
