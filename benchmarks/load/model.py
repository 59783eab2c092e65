"""How long jobs should wait: a queue before some workers, carried out event by event.

Jobs come at given times; of those that wait, the next is one of the person of whom the fewest are being made, then of the one
served longest ago, then the first, as `app.job_store` takes them. A worker is held for as long as it was measured to be held by
a job, from one beginning to the next. With Poisson arrivals this is M/G/c, with all jobs there at once the emptying of a queue.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Arrival:
    """A job. at_s: when it is ordered, in seconds from the beginning. person: by whom."""

    at_s: float
    person: str


def waits(arrivals: Sequence[Arrival], held_s: Sequence[float], workers: int, seed: int) -> list[float]:
    """How long each job waits, in seconds, in order of the arrivals; how long it holds a worker is drawn from `held_s`."""
    chance = random.Random(seed)
    free = [0.0] * workers
    queues: dict[str, deque[int]] = defaultdict(deque)
    served, running = dict[str, float](), Counter[str]()
    ends: list[tuple[float, str]] = []
    coming = deque(sorted(range(len(arrivals)), key=lambda index: arrivals[index].at_s))
    waited = [0.0] * len(arrivals)
    for _ in arrivals:
        now_s = heapq.heappop(free)
        if not any(queues.values()):
            now_s = max(now_s, arrivals[coming[0]].at_s)
        while coming and arrivals[coming[0]].at_s <= now_s:
            index = coming.popleft()
            queues[arrivals[index].person].append(index)
        while ends and ends[0][0] <= now_s:
            running[heapq.heappop(ends)[1]] -= 1
        next_person = min(
            (person for person in queues if queues[person]),
            key=lambda person: (running[person], served.get(person, -1.0), arrivals[queues[person][0]].at_s),
        )
        index = queues[next_person].popleft()
        waited[index] = now_s - arrivals[index].at_s
        served[next_person] = now_s
        running[next_person] += 1
        end_s = now_s + chance.choice(held_s)
        heapq.heappush(ends, (end_s, next_person))
        heapq.heappush(free, end_s)
    return waited


def mean_wait_s(arrivals: Sequence[Arrival], held_s: Sequence[float], workers: int, runs: int = 20) -> float:
    """The mean of all jobs' waits over some runs with other draws, in seconds."""
    return sum(sum(waits(arrivals, held_s, workers, seed)) for seed in range(runs)) / (runs * len(arrivals))
