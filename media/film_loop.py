"""A film that goes on for longer than it lasts: which of its frames is shown when, and these frames with flat memory."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from typing import Literal, get_args

import numpy as np

from core.contracts import ByteArray
from media.film_source import Damage, FilmSource

#: What is done where a sound is longer than its film: it is cut off with the film, the film runs back and forth, or stands still.
LoopKind = Literal["cut", "bounce", "hold"]
LOOP_KINDS: tuple[LoopKind, ...] = get_args(LoopKind)
#: Bytes of frames that are held while a film is read backwards.
BACKWARD_BYTES = 128 << 20


def loop_length(count: int, wanted: int, how: LoopKind) -> int:
    """Frames of the result where a film has `count` of them, at least one, and the sound needs `wanted`."""
    return min(count, wanted) if how == "cut" else wanted


def loop_index(index: int, count: int, how: LoopKind) -> int:
    """The frame of a film with `count` frames that the result shows as its frame `index`.

    Bouncing shows the last and the first frame once at each turn. Raises IndexError for one behind the end of a film that is cut.
    """
    if index < count:
        return index
    if how == "hold" or (count == 1 and how == "bounce"):
        return count - 1
    if how == "cut":
        raise IndexError(f"Frame {index} is asked of {count}.")
    place = index % (2 * count - 2)
    return place if place < count else 2 * count - 2 - place


def looped_frames(film: FilmSource, wanted: int, how: LoopKind, damage: Damage | None = None) -> Generator[ByteArray]:
    """Yield the frames of the result, `loop_length` of them. damage: is told where the film is damaged.

    Backwards, a film is decoded in pieces, from the last to the first, each of which is held; it need not be kept on a disk.
    """
    length = loop_length(film.count, wanted, how)
    yielded = 0
    with closing(film.frames(0, length, damage)) as frames:
        last = None
        for last in frames:
            yielded += 1
            yield last
    forward = False
    while yielded < length:
        if how == "hold" or film.count == 1:
            yield np.array(last)
            yielded += 1
            continue
        leg = film.frames(1, length - yielded) if forward else backward_frames(film, film.count - 1, length - yielded)
        with closing(leg):
            for frame in leg:
                yielded += 1
                yield frame
        forward = not forward


def backward_frames(film: FilmSource, end: int, wanted: int) -> Generator[ByteArray]:
    """Yield up to `wanted` frames before number `end`, from the last to the first."""
    piece = max(1, BACKWARD_BYTES // (film.width * film.height * 3))
    lowest = max(0, end - wanted)
    while end > lowest:
        first = max(lowest, end - piece)
        held = list(film.frames(first, end - first))
        while held:
            yield held.pop()
        end = first
