"""Frames on their way through several stages: counted as one film, made ahead of time, and closed from the last to the first."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from core.contracts import ByteArray, Progress

#: How often a thread that waits for room looks whether its frames are still wanted.
LOOK_EVERY_S = 0.1

Item = TypeVar("Item")


class FrameCount:
    """How many frames of a film are done, told to one listener by all the stages that they pass.

    A stage inside the chain counts in its own way: every second frame, or a batch ahead. Whatever it tells is passed on as the
    film's count, so the numbers never run back, and what the listener raises (`Cancelled`) reaches every stage, before the first
    frame as well.
    """

    def __init__(self, progress: Progress, stage: str, total: int) -> None:
        self._progress, self._stage, self._total = progress, stage, total
        self._done = 0
        self._one_at_a_time = threading.Lock()

    def alive(self, stage: str, done: int, total: int) -> None:
        """A `Progress` for the stages inside."""
        with self._one_at_a_time:
            self._progress(self._stage, self._done, self._total)

    def counted(self, frames: Iterator[ByteArray]) -> Iterator[ByteArray]:
        """The film's frames as they are; closes `frames` in the end."""
        with closing_frames(frames):
            for frame in frames:
                self._done += 1
                yield frame
                self.alive(self._stage, self._done, self._total)


@contextmanager
def closing_frames(*streams: Iterator[object]) -> Iterator[None]:
    """Close the streams, the last one given first, however the block ends, so that nothing stays open (a decoder, a lock)."""
    try:
        yield
    finally:
        for stream in reversed(streams):
            close = getattr(stream, "close", None)  # an iterator need not have one
            if close is not None:
                close()


def read_ahead(items: Iterator[Item], ahead: int) -> Iterator[Item]:
    """The same items, taken by a thread of their own from the first one asked for on, up to `ahead` before they are wanted.

    So a stage on the processor works while another one waits for the graphics card. Each item must be an object of its own: a
    stage that fills one array anew for each frame must not stand before this. What a stage raises is raised here, after the
    items that it gave before. When this ends, or is closed, the thread has ended and `items` is closed, in that thread.
    """
    if ahead < 1:
        raise ValueError(f"ahead is {ahead}; 1 or more is expected.")
    with _Ahead(items, ahead) as source:
        yield from source.taken()


class _Ahead(Generic[Item]):
    """A thread that takes items and holds them out; in a `with` block."""

    def __init__(self, items: Iterator[Item], ahead: int) -> None:
        self._items = items
        self._held: queue.Queue[tuple[Item] | None] = queue.Queue(ahead)  # None: there are no more
        self._error: BaseException | None = None
        self._unwanted = threading.Event()
        self._thread = threading.Thread(target=self._take, name="frames ahead", daemon=True)

    def __enter__(self) -> _Ahead[Item]:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._unwanted.set()
        self._thread.join()

    def taken(self) -> Iterator[Item]:
        """The items; then what the thread ended with is raised."""
        while (held := self._held.get()) is not None:
            yield held[0]
        if self._error is not None:
            raise self._error

    def _take(self) -> None:
        try:
            with closing_frames(self._items):
                for item in self._items:
                    if not self._hold((item,)):
                        return
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised in the thread that wants the items
            self._error = error
        self._hold(None)

    def _hold(self, held: tuple[Item] | None) -> bool:
        """Hold an item out as soon as there is room; False where it is not wanted any more."""
        while not self._unwanted.is_set():
            try:
                self._held.put(held, timeout=LOOK_EVERY_S)
            except queue.Full:
                continue
            return True
        return False
