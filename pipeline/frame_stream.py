"""Frames on their way through several stages: counted as one film, and closed from the last stage to the first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.contracts import ByteArray, Progress


class FrameCount:
    """How many frames of a film are done, told to one listener by all the stages that they pass.

    A stage inside the chain counts in its own way: every second frame, or a batch ahead. Whatever it tells is passed on as the
    film's count, so the numbers never run back, and what the listener raises (`Cancelled`) reaches every stage, before the first
    frame as well.
    """

    def __init__(self, progress: Progress, stage: str, total: int) -> None:
        self._progress, self._stage, self._total = progress, stage, total
        self._done = 0

    def alive(self, stage: str, done: int, total: int) -> None:
        """A `Progress` for the stages inside."""
        self._progress(self._stage, self._done, self._total)

    def counted(self, frames: Iterator[ByteArray]) -> Iterator[ByteArray]:
        """The film's frames as they are; closes `frames` in the end."""
        with closing_frames(frames):
            for frame in frames:
                self._done += 1
                yield frame
                self._progress(self._stage, self._done, self._total)


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
