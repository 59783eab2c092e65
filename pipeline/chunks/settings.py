"""Who draws the frames of films: this process, or workers of Ray, here or on many machines."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from core.errors import InputError

ExecutorName = Literal["process", "ray"]
EXECUTOR, ADDRESS = "BELCANTO_EXECUTOR", "BELCANTO_RAY_ADDRESS"


@dataclass(frozen=True)
class ExecutorSettings:
    """Who draws."""

    #: `process`: this one, in one piece; `ray`: Ray's workers, in chunks.
    name: ExecutorName = "process"
    #: of the Ray cluster; empty: Ray is started on this machine, for this film.
    address: str = ""
    #: those who draw, each on one core; 0: as many as there are cores.
    workers: int = 0
    #: how many times as long as the usual chunk one may take before somebody free draws it as well.
    slow: float = 3.0
    #: how often a chunk may kill who draws it before the film is given up.
    most_deaths: int = 3

    def __post_init__(self) -> None:
        """Raises `InputError` for a name that there is not."""
        if self.name not in get_args(ExecutorName):
            raise InputError("pipeline.chunks.no_such_executor", name=self.name)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> ExecutorSettings:
        """`BELCANTO_EXECUTOR` and `BELCANTO_RAY_ADDRESS`. Raises `InputError` for an executor that there is not."""
        name = environment.get(EXECUTOR, "") or "process"
        return cls(name, environment.get(ADDRESS, ""))  # type: ignore[arg-type]  # looked at when it is made
