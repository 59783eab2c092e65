"""What an avatar shows and sounds, handed on as it comes to whoever listens: a stream in a browser, a film that is recorded.

Every block of sound and every picture carries its place in the session's time, which begins at 0 and knows no gaps. Sound is
`RATE_HZ`, mono, in blocks of `BLOCK_SAMPLES`; pictures have one size and rate through the whole session, whatever is drawn.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.contracts import ByteArray

#: Opus knows this rate, and blocks of 20 ms of it.
RATE_HZ, BLOCK_SAMPLES = 48_000, 960


@dataclass(frozen=True)
class SoundBlock:
    """samples: (BLOCK_SAMPLES,) int16, heard from `at_s` on."""

    at_s: float
    samples: npt.NDArray[np.int16]


@dataclass(frozen=True)
class Picture:
    """frame: (H, W, 3) uint8 RGB, seen from `at_s` on; nobody changes it."""

    at_s: float
    frame: ByteArray


#: Called from the session's own thread for every block and picture; must return at once and never raise.
Listener = Callable[[SoundBlock | Picture], None]


class Feed:
    """One session's sound and pictures; any number may listen."""

    def __init__(self, width: int, height: int, fps: float) -> None:
        """width, height: of every picture in pixels, both even; fps: pictures a second."""
        self.width, self.height, self.fps = width, height, fps
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Hand on to `listener` all that comes from now on; calling what is returned ends that."""
        with self._lock:
            self._listeners = [*self._listeners, listener]

        def leave() -> None:
            with self._lock:
                self._listeners = [each for each in self._listeners if each is not listener]

        return leave

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def give(self, item: SoundBlock | Picture) -> None:
        """Hand it to all who listen."""
        for listener in self._listeners:
            listener(item)
