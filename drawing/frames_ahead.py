"""Frames that several threads draw, some of them ahead of the one that is asked for, handed out in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from itertools import islice

from core.contracts import ByteArray


def drawn_in_order(pool: Executor, draw: Callable[[int], ByteArray], count: int, ahead: int) -> Iterator[ByteArray]:
    """The frames 0 to `count` - 1, each drawn by `draw` in the pool; `ahead` of them are begun at once, the others as frames are
    taken. What `draw` raises is raised in its frame's place, and what is no longer waited for is not begun."""
    if ahead < 1:
        raise ValueError(f"ahead is {ahead}; 1 or more is expected.")
    numbers = iter(range(count))
    begun = deque(pool.submit(draw, number) for number in islice(numbers, ahead))
    return _taken(pool, draw, numbers, begun)


def _taken(
    pool: Executor, draw: Callable[[int], ByteArray], numbers: Iterator[int], begun: deque[Future[ByteArray]]
) -> Iterator[ByteArray]:
    try:
        while begun:
            frame = begun.popleft().result()
            begun.extend(pool.submit(draw, number) for number in islice(numbers, 1))
            yield frame
    finally:
        for each in begun:
            each.cancel()
