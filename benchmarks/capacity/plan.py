"""A site planned by the model: what so many workers make, and how many workers so many films a day need."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.capacity.model import FilmCost, Site, poisson, simulate
from benchmarks.pages_under_load import percentile
from core.errors import InputError
from core.messages import as_written

FIGURES = Path(__file__).with_name("figures.json")
#: Sizes of a site; every one is asked for nine tenths of what its workers alone could do.
WORKERS = (1, 4, 16, 64, 250, 1000)
ASKED = 0.9
#: Films may wait so long, 95 of 100, where a site is large enough for them.
LONGEST_WAIT_S = 60.0
MOST_WORKERS = 4000
BITS = 8e-9


@dataclass(frozen=True)
class Price:
    """per_core_hour: of one core, in any currency."""

    per_core_hour: float


@dataclass(frozen=True)
class Figures:
    """What was measured: see `figures.json`, which `python -m benchmarks.capacity database|workers --json` fill.

    start_s: of a film's work that does not grow with its length; per_second: seconds of one core for a second of film. spread:
    the films' times over their median. bytes_in, bytes_per_second: what a film fetches, and what a second of film keeps.
    databases: by name, the costs of their transactions in seconds and their lanes.
    """

    start_s: float
    per_second: float
    spread: tuple[float, ...]
    bytes_in: float
    bytes_per_second: float
    signs_hz: float
    order_s: float
    databases: Mapping[str, Mapping[str, float]]

    @classmethod
    def read(cls, path: Path) -> Figures:
        """From JSON. Raises `InputError` where it is none, or something lacks."""
        try:
            found: dict[str, Any] = json.loads(path.read_text())
            return cls(**{**found, "spread": tuple(found["spread"])})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise InputError(as_written(f"{path} holds no figures to plan by: {error}")) from error

    def cost(self, database: str, film_s: float) -> FilmCost:
        """Of one film of that length."""
        costs, work_s = self.databases[database], self.start_s + self.per_second * film_s
        return FilmCost(
            work_s=tuple(work_s * part for part in self.spread),
            order_s=self.order_s,
            claim_s=costs["claim_s"],
            finish_s=costs["finish_s"],
            sign_s=costs["sign_s"],
            signs_hz=self.signs_hz,
            fetched_bytes=self.bytes_in,
            kept_bytes=self.bytes_per_second * film_s,
        )


@dataclass(frozen=True)
class Planned:
    """A site and what became of it. asked_per_hour: films that were ordered."""

    database: str
    workers: int
    asked_per_hour: float
    films_per_hour: float
    alone: float
    wait_p95_s: float
    loads: Mapping[str, float]
    cost_per_minute: float | None = None

    def sentence(self) -> str:
        """The figures in words."""
        loads = ", ".join(f"{name} {load:.0%}" for name, load in self.loads.items())
        words = (
            f"{self.database}, {self.workers} workers, {self.asked_per_hour:.0f} films an hour ordered: "
            f"{self.films_per_hour:.0f} made ({self.alone:.2f} N), 95 of 100 wait at most {self.wait_p95_s:.0f} s; {loads}"
        )
        return f"{words}; a minute of film costs {self.cost_per_minute:.4f}." if self.cost_per_minute is not None else f"{words}."


def row(database: str, cost: FilmCost, site: Site, films_per_day: float, hours: float) -> Planned:
    """One site."""
    served = simulate(cost, site, poisson(films_per_day, hours))
    per_worker = 3600.0 / (sum(cost.work_s) / len(cost.work_s))
    asked = films_per_day / 24.0
    alone = min(asked, served.films_per_hour) / min(asked, per_worker * site.workers)
    return Planned(
        database, site.workers, asked, served.films_per_hour, alone, percentile(sorted(served.waits_s), 0.95), served.loads
    )


def sized(database: str, cost: FilmCost, site: Site, films_per_day: float, hours: float) -> Planned | None:
    """The smallest site that makes them all in time, by halving; None where no number of workers does."""
    least, most = math.ceil(films_per_day / 86400.0 * sum(cost.work_s) / len(cost.work_s)), MOST_WORKERS
    if row(database, cost, replace(site, workers=most), films_per_day, hours).wait_p95_s > LONGEST_WAIT_S:
        return None
    while least < most:
        middle = (least + most) // 2
        if row(database, cost, replace(site, workers=middle), films_per_day, hours).wait_p95_s > LONGEST_WAIT_S:
            least = middle + 1
        else:
            most = middle
    return row(database, cost, replace(site, workers=most), films_per_day, hours)


def plan(figures: Figures, films_per_day: float, film_s: float, hours: float, store_gbit: float, price: Price) -> list[Planned]:
    """Sites of many sizes, each asked for what its workers could do, and at last the smallest one for the films that are wanted.

    Where no number of workers makes these in time, that row lacks: the others say which resource is full.
    """
    found: list[Planned] = []
    for database, costs in figures.databases.items():
        cost = figures.cost(database, film_s)
        site = Site(1, costs["lanes"], store_gbit / BITS)
        mean_s = sum(cost.work_s) / len(cost.work_s)
        for workers in WORKERS:
            per_day = ASKED * workers * 86400.0 / mean_s
            found.append(row(database, cost, replace(site, workers=workers), per_day, hours))
        if (best := sized(database, cost, site, films_per_day, hours)) is not None:
            minutes = films_per_day / 24.0 * film_s / 60.0
            found.append(replace(best, cost_per_minute=best.workers * price.per_core_hour / minutes))
    return found
