"""The kind of work that shows films side by side with the one that moved them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.contracts import Progress
from core.film_stages import DECODE, FRAMES, MUX
from core.messages import message
from core.options import N_, read_options
from core.stage_cost import StageCost
from core.work import PlannedStage, WorkKind, WorkOrder, WorkPlan
from pipeline.compare_settings import MOST_FILMS, CompareSettings
from pipeline.film_report import told_of
from pipeline.film_settings import VIDEO_SUFFIX

STAGES = (DECODE, FRAMES, MUX)
COSTS = {DECODE: StageCost(0.5, 0.05), FRAMES: StageCost(1.0, 0.5), MUX: StageCost(0.2, 0.01)}
#: Roles of the films, of which the first is always there.
FILMS = ("film", *(f"film_{number}" for number in range(2, MOST_FILMS + 1)))


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Make the film; its figures are `CompareReport.as_json`, with the notes as codes."""
    from pipeline.compare_films import compare_films

    films = [order.inputs[role] for role in FILMS if role in order.inputs]
    portrait = order.inputs.get("portrait")
    report = compare_films(
        order.inputs["driving"].path,
        [film.path for film in films],
        order.outputs["film"],
        None if portrait is None else portrait.path,
        CompareSettings(**read_options(CompareSettings, order.options)),
        progress,
        title=order.title or None,
        titles=[film.title for film in films],
    )
    return told_of(report, order.outputs["film"])


def plan(order: WorkOrder, figures: Mapping[str, Any] | None) -> WorkPlan:
    """By the longest film."""
    asked = CompareSettings(**read_options(CompareSettings, order.options))
    films = [order.inputs[role].part_s(0.0, asked.duration_s) for role in FILMS if role in order.inputs]
    length_s = max(order.inputs["driving"].part_s(asked.start_s, asked.duration_s), *films)
    planned = tuple(PlannedStage(name, COSTS[name], f"compare {name}", name == FRAMES) for name in STAGES)
    return WorkPlan(length_s, asked.height * asked.height * len(order.inputs), planned)


COMPARE_FILMS = WorkKind(
    name="compare_films",
    title=N_("Films side by side"),
    run=run,
    inputs={"driving": "film", "film": "film", **dict.fromkeys(FILMS[1:], "film"), "portrait": "picture"},
    can_lack=(*FILMS[1:], "portrait"),
    outputs={"film": VIDEO_SUFFIX},
    options=CompareSettings,
    plan=plan,
    broke=message("pipeline.compare_broke"),
    late=lambda minutes: message("pipeline.compare_took_too_long", count=minutes),
    stages=STAGES,
)
