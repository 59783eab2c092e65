"""Settings of the mesh engine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MeshSettings:
    """How the mesh engine renders."""

    #: Threads for the pixel work; 0 takes every core this process may use, at most 8.
    threads: int = 0
    #: Furthest the film turns the head away from the picture's own pose; a motion that asks for more eases into it.
    furthest_turn_deg: float = 18.0
    #: Furthest the film moves the head, in face widths.
    furthest_shift: float = 0.12
    #: Time in which hair and shoulders catch up with the head.
    lag_s: float = 0.14
