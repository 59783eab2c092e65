"""Who gets which chunk: bounded work in flight, chunks of the dead given to others, slow ones given twice.

Knows no cluster: hands are objects that begin a chunk and are asked what became of it (`pipeline/chunks/ray_hands.py`).
"""

from __future__ import annotations

import statistics
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from core.errors import InputError
from pipeline.chunks.grid import Chunk

#: How often is looked whether somebody is done, and whether the film is still wanted.
LOOK_EVERY_S = 0.2
#: Chunks whose times must be known before one is called slow.
LEAST_KNOWN = 2

Ticket = TypeVar("Ticket")


class HandDied(Exception):
    """Who drew a chunk is no more."""


class Hands(Protocol[Ticket]):
    """Those who draw, each known by a number from 0 on."""

    count: int

    def begin(self, hand: int, chunk: Chunk) -> Ticket:
        """Have a chunk drawn."""
        ...

    def done(self, tickets: list[Ticket], wait_s: float) -> list[Ticket]:
        """Those of the tickets whose work has ended, well or not; waits so long for the first."""
        ...

    def result(self, ticket: Ticket) -> bytes:
        """The part that was made. Raises `HandDied`, or what drawing raised."""
        ...

    def renew(self, hand: int) -> None:
        """Put another in the place of one who died."""
        ...


@dataclass(frozen=True)
class Begun(Generic[Ticket]):
    """A chunk that somebody is drawing."""

    hand: int
    chunk: Chunk
    ticket: Ticket
    begun_s: float


class Crew(Generic[Ticket]):
    """Has chunks drawn; never more at a time than there are hands, so that memory does not grow with the film."""

    def __init__(self, hands: Hands[Ticket], slow: float, most_deaths: int, clock: Callable[[], float] = time.monotonic) -> None:
        """slow, most_deaths: see `ExecutorSettings`."""
        self._hands, self._slow, self._most_deaths, self._clock = hands, slow, most_deaths, clock
        self._begun: list[Begun[Ticket]] = []
        self._took_s: list[float] = []
        self._deaths: Counter[Chunk] = Counter()
        self.twice = 0

    def parts(self, chunks: Iterable[Chunk], alive: Callable[[], None]) -> Iterator[tuple[Chunk, bytes]]:
        """Each chunk once with its part, as they are done. alive: called a few times a second; what it raises ends the work.

        Raises `InputError` where a chunk has killed several, and what drawing raises.
        """
        waiting, missing = deque(chunks), set[Chunk]()
        missing.update(waiting)
        while missing:
            self._hand_out(waiting, missing)
            alive()
            for ticket in self._hands.done([each.ticket for each in self._begun], LOOK_EVERY_S):
                begun = next(each for each in self._begun if each.ticket is ticket)
                self._begun.remove(begun)
                try:
                    part = self._hands.result(ticket)
                except HandDied:
                    self._bury(begun, waiting, missing)
                    continue
                if begun.chunk in missing:  # else another one was faster
                    missing.remove(begun.chunk)
                    self._took_s.append(self._clock() - begun.begun_s)
                    yield begun.chunk, part

    def _hand_out(self, waiting: deque[Chunk], missing: set[Chunk]) -> None:
        busy = {each.hand for each in self._begun}
        for hand in (each for each in range(self._hands.count) if each not in busy):
            chunk = waiting.popleft() if waiting else self._late(missing)
            if chunk is None:
                return
            self._begun.append(Begun(hand, chunk, self._hands.begin(hand, chunk), self._clock()))

    def _late(self, missing: set[Chunk]) -> Chunk | None:
        """A chunk that takes long, and that one alone draws."""
        if len(self._took_s) < LEAST_KNOWN:
            return None
        limit_s, times = self._slow * statistics.median(self._took_s), Counter(each.chunk for each in self._begun)
        for each in self._begun:
            if each.chunk in missing and times[each.chunk] == 1 and self._clock() - each.begun_s > limit_s:
                self.twice += 1
                return each.chunk
        return None

    def _bury(self, begun: Begun[Ticket], waiting: deque[Chunk], missing: set[Chunk]) -> None:
        self._hands.renew(begun.hand)
        chunk = begun.chunk
        if chunk not in missing:
            return
        self._deaths[chunk] += 1
        if self._deaths[chunk] >= self._most_deaths:
            raise InputError("pipeline.chunks.workers_died", first=chunk.first, count=self._deaths[chunk])
        if all(each.chunk != chunk for each in self._begun):
            waiting.appendleft(chunk)
