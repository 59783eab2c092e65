"""The kind of work that finds out whether a film was made here and was changed since, and how well lips and voice agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.contracts import Progress
from core.film_stages import FACES, FRAMES, LISTEN
from core.messages import message
from core.options import N_, read_options
from core.stage_cost import StageCost
from core.work import PlannedStage, WorkKind, WorkOrder, WorkPlan
from pipeline.sync_settings import LOOKED_AT_S
from pipeline.verify_settings import VerifySettings
from pipeline.works.sync_film import COSTS as SYNC_COSTS

STAGES = (FRAMES, FACES, LISTEN)
COSTS = {FRAMES: StageCost(2.0, 0.05), FACES: SYNC_COSTS[FACES], LISTEN: SYNC_COSTS[LISTEN]}


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Find out; no film is made."""
    from pipeline.verify_film import verify_film

    settings = VerifySettings(**read_options(VerifySettings, order.options))
    found = verify_film(order.inputs["film"].path, settings, progress)
    return {**found.as_json(), "notes": [note.as_json() for note in found.notes]}


def plan(order: WorkOrder, figures: Mapping[str, Any] | None) -> WorkPlan:
    """By the part of the film that is looked at."""
    film = order.inputs["film"]
    planned = tuple(PlannedStage(name, COSTS[name], f"verify {name}", True) for name in STAGES)
    return WorkPlan(film.part_s(0.0, LOOKED_AT_S), film.pixels, planned)


VERIFY_FILM = WorkKind(
    name="verify_film",
    title=N_("A film checked"),
    run=run,
    inputs={"film": "film"},
    options=VerifySettings,
    plan=plan,
    broke=message("pipeline.verify_broke"),
    late=lambda minutes: message("pipeline.verify_took_too_long", count=minutes),
    stages=STAGES,
)
