"""The kind of work that makes the missing pictures of a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.contracts import Progress
from core.film_stages import DECODE, FRAMES, MOTION, MUX, SEPARATE
from core.messages import message
from core.options import N_
from core.stage_cost import StageCost
from core.work import PlannedStage, WorkKind, WorkOrder, WorkPlan
from pipeline.film_settings import VIDEO_SUFFIX
from pipeline.works.dub import COSTS as DUB_COSTS

STAGES = (DECODE, SEPARATE, MOTION, FRAMES, MUX)
COSTS = DUB_COSTS | {DECODE: StageCost(0.5, 0.05, 0.2), FRAMES: StageCost(5.0, 0.1, 0.4)}
PACED = (DECODE, SEPARATE, FRAMES)


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Make the film; there is none where no picture is missing."""
    from pipeline.fill_film import fill_film

    film = order.outputs["film"]
    film.unlink(missing_ok=True)  # of the same order, when it was made before
    report = fill_film(order.inputs["film"].path, film, progress, title=order.title or None)
    video = film.name if report.video else None
    return {**report.as_json(), "video": video, "notes": [note.as_json() for note in report.notes]}


def plan(order: WorkOrder, figures: Mapping[str, Any] | None) -> WorkPlan:
    """By the length of the film."""
    film = order.inputs["film"]
    planned = tuple(PlannedStage(name, COSTS[name], f"fill {name}", name in PACED) for name in STAGES)
    return WorkPlan(film.part_s(), film.pixels, planned)


FILL_FILM = WorkKind(
    name="fill_film",
    title=N_("The missing pictures of a film"),
    run=run,
    inputs={"film": "film"},
    outputs={"film": VIDEO_SUFFIX},
    as_needed=("film",),
    plan=plan,
    broke=message("pipeline.fill_broke"),
    late=lambda minutes: message("pipeline.fill_took_too_long", count=minutes),
    stages=STAGES,
)
