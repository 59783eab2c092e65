"""How the server and its workers are watched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.environment import number_from


@dataclass(frozen=True)
class WatchSettings:
    """Figures and health. How is logged and where traces go, `core/watching` reads from the environment itself."""

    #: port at which a worker on its own tells `/metrics` and `/healthz` to this machine's network; 0: none.
    worker_port: int = 0
    #: after how long without movement waiting jobs make the server unready, in seconds.
    stuck_s: float = 600.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> WatchSettings:
        """`BELCANTO_WORKER_PORT`, `BELCANTO_STUCK_S`. Raises InputError for what is no number above 0."""
        port = number_from(environment, "BELCANTO_WORKER_PORT", cls.worker_port)
        return cls(port, number_from(environment, "BELCANTO_STUCK_S", cls.stuck_s))
