"""A demand on a film: a figure that a good one reaches. Each metric makes its own."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.messages import NOTHING, Message, message

#: What stands over the columns of a table of demands: which, what was measured, what is wanted, whether it was reached.
COLUMNS = ("metrics.demand", "metrics.measured", "metrics.wanted", "metrics.reached")


@dataclass(frozen=True)
class Verdict:
    """One demand on a film. value: what was measured; None where it could not be. passed: None where it could not be told.

    reason: why it could not be told.
    """

    name: Message
    value: float | None
    wanted: Message
    passed: bool | None
    reason: Message = NOTHING


def told(verdict: Verdict, reason: Message) -> Verdict:
    """The verdict; where there is a reason against it, its value alone."""
    return replace(verdict, passed=None, reason=reason) if reason else verdict


def at_least(name: Message, value: float | None, limit: float) -> Verdict:
    """A demand for a value of at least `limit`."""
    return Verdict(name, value, message("metrics.at_least", value=limit), None if value is None else value >= limit)


def within(value: float | None, limit: float) -> bool | None:
    """Whether the value lies between minus and plus the limit; None where there is none."""
    return None if value is None else abs(value) <= limit
