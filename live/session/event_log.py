"""What a session tells: the newest few hundred events are kept for those who begin to listen later."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from core.messages import Message
from live.avatar import Event, EventKind

MOST_KEPT = 400


class EventLog:
    """Numbers events and hands them on, in order, from whichever thread they come."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        """now_s: the session's time."""
        self._now_s = now_s
        self._kept: deque[Event] = deque(maxlen=MOST_KEPT)
        self._listeners: list[Callable[[Event], None]] = []
        self._count, self._ended = 0, False
        self._lock = threading.RLock()

    def tell(self, kind: EventKind, **values: Any) -> None:
        """Something has happened; nothing follows `ended`."""
        with self._lock:
            if self._ended:
                return
            self._ended = kind == "ended"
            event = Event(self._count, kind, round(self._now_s(), 3), values)
            self._count += 1
            self._kept.append(event)
            for listener in tuple(self._listeners):
                listener(event)

    def tell_message(self, kind: EventKind, message: Message) -> None:
        """A note or an error."""
        self.tell(kind, message=str(message), code=message.code, values=message.as_json()["values"])

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Tell what was kept, then what happens; calling what is returned ends that."""
        with self._lock:
            for event in tuple(self._kept):
                listener(event)
            self._listeners.append(listener)

        def leave() -> None:
            with self._lock:
                self._listeners = [each for each in self._listeners if each is not listener]

        return leave
