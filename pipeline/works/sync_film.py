"""The kind of work that measures how far a film's sound and lips are apart, and brings them in step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.contracts import Progress
from core.film_stages import FACES, LISTEN, MUX
from core.messages import message
from core.option_kinds import YesNo
from core.options import N_, option, read_options
from core.stage_cost import StageCost
from core.work import PlannedStage, WorkKind, WorkOrder, WorkPlan
from pipeline.film_settings import VIDEO_SUFFIX
from pipeline.sync_settings import LOOKED_AT_S, SyncSettings
from pipeline.works.dub import COSTS as DUB_COSTS

STAGES = (FACES, LISTEN, MUX)
COSTS = {FACES: DUB_COSTS[FACES], LISTEN: StageCost(2.0, 0.05), MUX: StageCost(0.5, 0.01)}


@dataclass(frozen=True)
class SyncOrder(SyncSettings):
    """What is wanted of it."""

    mend: bool = option(
        True, YesNo(), "whether the film is written with its sound moved; else it is measured alone", in_form=False
    )


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Measure and mend. There is no film where nothing had to be mended, or nobody can tell."""
    from pipeline.sync_film import sync_film

    asked = SyncOrder(**read_options(SyncOrder, order.options))
    film = order.outputs["film"]
    film.unlink(missing_ok=True)  # of the same order, when it was made before
    report = sync_film(order.inputs["film"].path, film if asked.mend else None, asked, progress)
    told = report.as_json()
    return {**told, "out": None if report.out is None else film.name, "notes": [note.as_json() for note in report.notes]}


def plan(order: WorkOrder, figures: Mapping[str, Any] | None) -> WorkPlan:
    """By the part of the film that is looked at; nothing is where it is said how late the sound is."""
    asked, film = SyncOrder(**read_options(SyncOrder, order.options)), order.inputs["film"]
    stages = [MUX] if asked.offset_ms is not None else STAGES if asked.mend else STAGES[:-1]
    planned = tuple(PlannedStage(name, COSTS[name], f"sync {name}", name != MUX) for name in stages)
    return WorkPlan(film.part_s(0.0, LOOKED_AT_S), film.pixels, planned)


SYNC_FILM = WorkKind(
    name="sync_film",
    title=N_("Sound and lips in step"),
    run=run,
    inputs={"film": "film"},
    outputs={"film": VIDEO_SUFFIX},
    as_needed=("film",),
    options=SyncOrder,
    plan=plan,
    broke=message("pipeline.sync_broke"),
    late=lambda minutes: message("pipeline.sync_took_too_long", count=minutes),
    stages=STAGES,
)
