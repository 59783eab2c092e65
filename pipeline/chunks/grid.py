"""How a film's frames are cut into chunks; the grid depends on the film alone, never on who draws it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

#: Length of a chunk: a few of the encoder's groups of pictures, each of which begins with a picture that stands alone.
CHUNK_S = 4.0


@dataclass(frozen=True)
class Chunk:
    """The frames from `first` up to, without, `end` of a film."""

    first: int
    end: int

    def __len__(self) -> int:
        return self.end - self.first

    @property
    def numbers(self) -> range:
        """Of its frames in the film."""
        return range(self.first, self.end)


def chunks_of(frames: int, fps: float, length_s: float = CHUNK_S) -> Iterator[Chunk]:
    """Chunks that together are `frames` frames, in their order, each `length_s` long but the last. Raises ValueError for none."""
    length = round(length_s * fps)
    if length < 1 or frames < 0:
        raise ValueError(f"{frames} frames can't be cut into chunks of {length}.")
    for first in range(0, frames, length):
        yield Chunk(first, min(first + length, frames))
