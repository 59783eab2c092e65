"""An avatar that shows and sounds what can be measured: a flash with a beep every second, and a number in every picture."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from core.contracts import ByteArray, FloatArray
from live.avatar import AvatarOrder, Event
from live.feed import BLOCK_SAMPLES, RATE_HZ, Feed, Picture, SoundBlock

FPS = 25.0
#: How long a flash and its beep last: three pictures.
FLASH_S, BEEP_HZ = 0.12, 1000.0
#: A picture's number stands in a row of squares at its lower border, the highest bit first.
BITS = 16
NEWEST_EVENTS = 300


class FlashAvatar:
    """Ready at once, or after `prepare_s`. written_s: by picture's number, when it was given to the feed, by the wall."""

    def __init__(self, order: AvatarOrder, prepare_s: float = 0.0, moving: bool = True) -> None:
        """moving: whether there is something in the pictures besides, which costs coders what a face does."""
        self.order, self.ready, self.failed = order, threading.Event(), ""
        self.feed = Feed(order.height, order.height, FPS)
        self.written_s: dict[int, float] = {}
        self.heard_samples, self.heard_peak, self.late = 0, 0.0, 0
        self._texture = np.random.default_rng(0).integers(60, 140, (order.height // 4, order.height // 4, 3), np.uint8)
        self._moving, self._prepare_s = moving, prepare_s
        self._events: list[Event] = []
        self._listeners: list[Callable[[Event], None]] = []
        self._numbers, self._lock, self._end = itertools.count(), threading.RLock(), threading.Event()
        self.sees_after_s, self.learned_anew = 0.0, 0
        self._said: list[dict[str, Any]] = []
        self._tell("state", state="preparing")
        self._thread = threading.Thread(target=self._run, name="flashes", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        if self._end.wait(self._prepare_s):
            return
        self.ready.set()
        self._tell("state", state="idle")
        begin_s = time.monotonic()
        for number in itertools.count():
            at_s = number * BLOCK_SAMPLES / RATE_HZ
            wait_s = begin_s + at_s - time.monotonic()
            self.late += wait_s < -1.0 / FPS
            if self._end.wait(max(0.0, wait_s)):
                return
            self.feed.give(SoundBlock(at_s, beep_block(at_s)))
            if number % 2 == 0:
                self._give_picture(number // 2, at_s)

    def _give_picture(self, number: int, at_s: float) -> None:
        self.written_s[number] = time.time()
        self.written_s.pop(number - 2000, None)
        self.feed.give(Picture(at_s, self.picture(number, at_s)))

    def picture(self, number: int, at_s: float) -> ByteArray:
        """(H, H, 3): grey or white, with the number."""
        side = self.order.height
        frame = np.full((side, side, 3), 235 if is_flash(at_s) else 40, np.uint8)
        if self._moving:
            size, place = self._texture.shape[0], int(side / 4 * (1 + np.sin(at_s * 2)))
            frame[side // 4 : side // 4 + size, place : place + size] = np.roll(self._texture, number, axis=0)
        step = side // BITS
        for place in range(BITS):
            frame[side - step :, place * step : (place + 1) * step] = 235 if number >> (BITS - 1 - place) & 1 else 16
        return frame

    def _tell(self, kind: Any, **values: Any) -> None:
        with self._lock:
            event = Event(next(self._numbers), kind, 0.0, values)
            self._events = [*self._events[-NEWEST_EVENTS:], event]
            for listener in list(self._listeners):
                listener(event)

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """See `Avatar.listen`."""
        with self._lock:
            for event in self._events:
                listener(event)
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def said(self, text: str) -> None:
        """It repeats what it is told."""
        self._said.append({"who": "person", "text": text, "feelings": [], "interrupted": False})
        self._tell("caption", text=text, sentence=len(self._said), start_s=0.0, end_s=1.0, words=[])

    def hear(self, block: FloatArray) -> None:
        """Counts the sound."""
        self.heard_samples += len(block)
        self.heard_peak = max(self.heard_peak, float(np.abs(block).max(initial=0.0)))

    def see(self, picture: bytes, anew: bool = False) -> bytes:
        """Gives the picture back as it came, after `sees_after_s`."""
        self.learned_anew += anew
        self._end.wait(self.sees_after_s)
        return picture

    def interrupt(self) -> None:
        """Tells it."""
        self._tell("state", state="listening")

    def transcript(self) -> list[dict[str, Any]]:
        """What it was told."""
        return self._said

    def timeline(self) -> dict[str, Any]:
        """It says no sentences."""
        return {"sentences": []}

    def figures(self) -> dict[str, Any]:
        """Late ticks of its clock."""
        return {"fps": FPS, "height": self.order.height, "late_frames": self.late}

    def close(self) -> None:
        """It ends."""
        if not self._end.is_set():
            self._end.set()
            self._thread.join()
            self._tell("ended", message="It has ended.")


def is_flash(at_s: float) -> bool:
    """Whether it flashes and beeps then; not in the first second, when nobody can see it yet."""
    return at_s >= 1.0 and (at_s + 1e-6) % 1.0 < FLASH_S


def beep_block(at_s: float) -> npt.NDArray[np.int16]:
    """(BLOCK_SAMPLES,) int16 from `at_s` on."""
    if not is_flash(at_s):
        return np.zeros(BLOCK_SAMPLES, np.int16)
    times = at_s + np.arange(BLOCK_SAMPLES) / RATE_HZ
    return (np.sin(2 * np.pi * BEEP_HZ * times) * 12_000).astype(np.int16)
