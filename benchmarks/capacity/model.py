"""A site of many workers as a discrete-event model: who waits for what, and which resource is full first.

A film passes through these, in this order, as the program does it: it is ordered (one transaction), waits in a queue that is fair
in the order of arrival, is claimed (one transaction, of which there is one at a time, since the queue's order is one), its inputs
are brought from the store, it is drawn on a worker's core, its film goes to the store, and it is concluded (one transaction).
While it is drawn, its worker says that it lives and how far it is: transactions that nobody waits for, which take their part of
the database. That part is reckoned as a stretch of everybody else's transactions, 1 / (1 - its load), instead of as events of its
own: a day of a thousand workers has hundreds of millions of them.
"""

from __future__ import annotations

import random
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

import simpy

#: Above this load by the workers' signs of life nothing else gets its turn any more: the stretch ends here.
FULLEST = 0.99
Steps = Generator[Any, Any, None]


@dataclass(frozen=True)
class FilmCost:
    """What one film takes.

    work_s: measured seconds of a worker's core, one a film; films of the model draw from them. order_s, claim_s, finish_s,
    sign_s: seconds of one transaction with nobody beside it. signs_hz: signs of life and progress a second while it is drawn.
    fetched_bytes, kept_bytes: of its inputs and of what was made.
    """

    work_s: tuple[float, ...]
    order_s: float
    claim_s: float
    finish_s: float
    sign_s: float
    signs_hz: float
    fetched_bytes: float
    kept_bytes: float


@dataclass(frozen=True)
class Site:
    """What there is. database_lanes: how many transactions go on at once without slowing each other (measured: the throughput of
    many connections over that of one). store_bytes_s: of all of the store's traffic together, each way."""

    workers: int
    database_lanes: float
    store_bytes_s: float


@dataclass
class Served:
    """What became of a run of the model. waits_s: from order to claim, of every film that was claimed. loads: the part of each
    resource's time that was used, 0 to 1. span_s: from the first order to the last film."""

    waits_s: list[float] = field(default_factory=list)
    done: int = 0
    span_s: float = 0.0
    loads: dict[str, float] = field(default_factory=dict)

    @property
    def films_per_hour(self) -> float:
        """Of all workers together."""
        return 3600.0 * self.done / self.span_s if self.span_s else 0.0

    @property
    def fullest(self) -> str:
        """The resource with the highest load."""
        return max(self.loads, key=lambda name: self.loads[name])


class _Model:
    """One run: the resources, and how busy each has been."""

    def __init__(self, cost: FilmCost, site: Site, dice: random.Random) -> None:
        self.cost, self.site, self.dice = cost, site, dice
        self.env = simpy.Environment()
        self.workers = simpy.Resource(self.env, site.workers)
        self.lanes = max(1, int(site.database_lanes))
        self.database = simpy.Resource(self.env, self.lanes)
        self.turn = simpy.Resource(self.env, 1)
        self.ways = {"in": simpy.Resource(self.env, 1), "out": simpy.Resource(self.env, 1)}
        self.served = Served()
        self.used_s = {"workers": 0.0, "database": 0.0, "queue's order": 0.0, "store": 0.0}

    def signs_load(self) -> float:
        """The part of the database that the busy workers' signs of life take now."""
        busy = self.workers.count
        return min(FULLEST, busy * self.cost.signs_hz * self.cost.sign_s / self.site.database_lanes)

    def transaction(self, seconds: float) -> Steps:
        """One transaction that somebody waits for."""
        with self.database.request() as lane:
            yield lane
            yield self.env.timeout(seconds / (1.0 - self.signs_load()))
            self.used_s["database"] += seconds

    def moved(self, way: str, size_bytes: float) -> Steps:
        """Bytes to or from the store, over the one line that all share."""
        with self.ways[way].request() as line:
            yield line
            seconds = size_bytes / self.site.store_bytes_s
            yield self.env.timeout(seconds)
            self.used_s["store"] += seconds / len(self.ways)

    def film(self) -> Steps:
        """One film, from its order to its end."""
        cost, env = self.cost, self.env
        yield from self.transaction(cost.order_s)
        ordered_s = env.now
        with self.workers.request() as worker:
            yield worker
            begun_s = env.now
            with self.turn.request() as turn:
                yield turn
                held_s = env.now
                yield from self.transaction(cost.claim_s)
                self.used_s["queue's order"] += env.now - held_s
            self.served.waits_s.append(env.now - ordered_s)
            yield from self.moved("in", cost.fetched_bytes)
            drawn_s = self.dice.choice(cost.work_s)
            yield env.timeout(drawn_s)
            self.used_s["database"] += drawn_s * cost.signs_hz * cost.sign_s
            yield from self.moved("out", cost.kept_bytes)
            yield from self.transaction(cost.finish_s)
            self.used_s["workers"] += env.now - begun_s
        self.served.done += 1
        self.served.span_s = env.now

    def arrive(self, arrivals_s: Sequence[float]) -> Steps:
        """Films are ordered at these moments, in seconds from the beginning."""
        for at_s in arrivals_s:
            yield self.env.timeout(max(0.0, at_s - self.env.now))
            self.env.process(self.film())


def simulate(cost: FilmCost, site: Site, arrivals_s: Sequence[float], seed: int = 0) -> Served:
    """Let the films that are ordered at these moments (in seconds, ascending) be made; ends when the last one is."""
    model = _Model(cost, site, random.Random(seed))
    model.env.process(model.arrive(arrivals_s))
    model.env.run()
    served, shares = model.served, {"workers": site.workers, "database": site.database_lanes, "queue's order": 1, "store": 1}
    span_s = served.span_s or 1.0
    served.loads = {name: used_s / span_s / shares[name] for name, used_s in model.used_s.items()}
    return served


def poisson(films_per_day: float, hours: float, seed: int = 0) -> list[float]:
    """Moments of orders that know nothing of each other, in seconds: so many a day in the mean, for so many hours."""
    dice, at_s, moments = random.Random(seed), 0.0, []
    while (at_s := at_s + dice.expovariate(films_per_day / 86400.0)) < hours * 3600.0:
        moments.append(at_s)
    return moments
