"""What a metric is, and which there are: each declares itself in its own module of this room, and is found there.

A module that holds a `Metric` adds to the report's JSON, page, verdicts and plots. No other file names it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import metrics
from core.messages import NOTHING, Message

if TYPE_CHECKING:
    from metrics.film_view import Scene, View
    from metrics.plots import Plot
    from metrics.report import Evidence, Report
    from metrics.verdict import Verdict

#: Frames that the still film repeats, and frames at most on which a flaw is put in as a control.
STILL_FRAMES = 25
SPOILED_FRAMES = 100
#: Where a metric stands that names no place: after those that do, by its name.
LAST = 1000

Result = TypeVar("Result", covariant=True)
R = TypeVar("R")


class Watcher(Protocol):
    """Sees each frame once. What it keeps of a frame is a few numbers."""

    def see(self, view: View) -> None:
        """Take the next frame."""
        ...


class Observer(Watcher, Protocol[Result]):
    """A watcher that tells its figures at the end."""

    def result(self) -> Result:
        """The figures of all frames seen."""
        ...


@dataclass(frozen=True)
class WithControls(Generic[R]):
    """A metric of the film, of a still film that repeats its first frame, and of the film with a known flaw put in.

    flaw: what was put in; spoiled is None where there is no such control.
    """

    film: R
    still: R
    spoiled: R | None
    flaw: Message = NOTHING


class Watched(Generic[R]):
    """An observer of the film beside its two controls."""

    def __init__(
        self, make: Callable[[], Observer[R]], spoil: Callable[[View], View] | None = None, flaw: Message = NOTHING
    ) -> None:
        self.film, self.still = make(), make()
        self.spoiled = make() if spoil is not None else None
        self.spoil, self.flaw = spoil, flaw
        self.first = True

    def see(self, view: View) -> None:
        """Show the frame to the film's observer, and the controls what is theirs."""
        self.film.see(view)
        if self.first and view.face is not None:
            self.first = False
            for index in range(STILL_FRAMES):
                self.still.see(replace(view, index=index))
        if self.spoiled is not None and self.spoil is not None and view.index < SPOILED_FRAMES:
            self.spoiled.see(self.spoil(view))

    def result(self) -> WithControls[R]:
        """All figures."""
        spoiled = self.spoiled.result() if self.spoiled is not None else None
        return WithControls(self.film.result(), self.still.result(), spoiled, self.flaw)


@dataclass(frozen=True)
class Metric(Generic[R]):
    """One metric, whose figure is a record or a number of type R.

    name: its key in the JSON object. title: heading of its table on the page; None: the page shows no table of it.
    place: metrics are shown by rising places; of two with the same, by name. table_place, verdicts_place: where the table stands
        among all tables, the verdicts among all verdicts; None: in the metric's place.
    watch: makes what is shown every frame of the film, in the one pass over it; `Watched` adds the controls.
    figures: makes the figure of what `watch` gathered (None without `watch`) and of what else is known of film and song. None:
        what was gathered is the figure.
    verdicts: the demands that a good film fulfils.
    plots: pictures for the page. They get the whole report, since a picture may show one figure beside others.
    """

    name: str
    title: Message | None
    place: int = LAST
    watch: Callable[[Scene], Observer[Any]] | None = None
    figures: Callable[[Any, Evidence], R] | None = None
    verdicts: Callable[[R, Evidence], Sequence[Verdict]] | None = None
    plots: Callable[[Report, Evidence], Sequence[Plot]] | None = None
    table_place: int | None = None
    verdicts_place: int | None = None

    def __post_init__(self) -> None:
        """Raises `ValueError` where there is nothing that the figure could come from."""
        if self.watch is None and self.figures is None:
            raise ValueError(f"The metric {self.name} has neither `watch` nor `figures`, so nothing measures it.")

    def placed(self, place: int | None) -> int:
        """A place of its own, or the metric's where that is None."""
        return self.place if place is None else place

    def measured(self, evidence: Evidence) -> R:
        """The metric's figure of a film."""
        gathered: Any = evidence.track.gathered.get(self.name)
        figure: R = gathered if self.figures is None else self.figures(gathered, evidence)
        return figure


@cache
def all_metrics() -> tuple[Metric[Any], ...]:
    """The metrics of all modules of this room, by place and name. Raises `ValueError` where two have the same name."""
    found: dict[str, Metric[Any]] = {}
    for module in pkgutil.iter_modules(metrics.__path__):
        if module.name.startswith("__"):
            continue
        for value in vars(importlib.import_module(f"{metrics.__name__}.{module.name}")).values():
            if isinstance(value, Metric) and found.setdefault(value.name, value) is not value:
                raise ValueError(f"Two metrics are called {value.name}; the JSON object has room for one.")
    return tuple(sorted(found.values(), key=lambda metric: (metric.place, metric.name)))
