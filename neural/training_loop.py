"""The loop that trainings share: it goes on where it was broken off, keeps what was learned, and writes the curves of the losses.

A lesson draws its random numbers by the step's number, so that a run that was broken off and one that was not end the same.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from core.errors import InputError

STATE_NAME, CURVES_NAME = "state.pt", "curves.csv"
#: Steps after which the state is written.
KEEP_EVERY = 100

#: Called with steps done, steps in all, and the step's figures.
StepReport = Callable[[int, int, Mapping[str, float]], None]


class Lesson(Protocol):
    """What is trained, one step at a time."""

    def step(self, number: int) -> Mapping[str, float]:
        """Learn from the batch of that number, from 0; the losses by name, the same names every time."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """Networks and optimisers: all that the next step depends on."""
        ...

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        ...


def learn(lesson: Lesson, steps: int, folder: Path, report: StepReport | None = None, keep_every: int = KEEP_EVERY) -> int:
    """Train up to `steps` steps in all, from where `folder`'s state stands; returns how many were made now.

    folder: made where missing; holds the state and the curves. Raises InputError where its state is another lesson's.
    """
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    state, curves = folder / STATE_NAME, folder / CURVES_NAME
    first = 0
    if state.is_file():
        kept = torch.load(state, map_location="cpu", weights_only=True)
        try:
            lesson.load_state_dict(kept["lesson"])
        except (KeyError, RuntimeError, ValueError) as error:
            raise InputError("neural.other_training", state=state) from error
        first = int(kept["steps"])
    shorten(curves, first)
    for number in range(first, steps):
        figures = lesson.step(number)
        write_row(curves, {"step": number + 1, **figures})
        if report:
            report(number + 1, steps, figures)
        if (number + 1) % keep_every == 0 or number + 1 == steps:
            partial = state.with_suffix(".part")
            torch.save({"lesson": lesson.state_dict(), "steps": number + 1}, partial)
            partial.replace(state)
    return max(0, steps - first)


def write_row(curves: Path, row: Mapping[str, float]) -> None:
    """Add a line to the curves, with the names above the first."""
    new = not curves.is_file()
    with curves.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(row))
        if new:
            writer.writeheader()
        writer.writerow(row)


def shorten(curves: Path, steps: int) -> None:
    """Take away the lines of steps that were made after the state was kept."""
    if curves.is_file():
        lines = curves.read_text(encoding="utf-8").splitlines(keepends=True)
        curves.write_text("".join(lines[: steps + 1] if steps else []), encoding="utf-8")
        if not steps:
            curves.unlink()
