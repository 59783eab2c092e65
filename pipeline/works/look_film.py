"""The kind of work that draws a finished film again in a look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.contracts import Progress
from core.film_stages import DECODE, FRAMES, MUX
from core.messages import message
from core.options import N_
from core.stage_cost import StageCost
from core.work import PlannedStage, WorkKind, WorkOrder, WorkPlan
from pipeline.film_report import told_of
from pipeline.film_settings import VIDEO_SUFFIX
from pipeline.lone_filters import lone_cost, lone_words
from pipeline.look_settings import LookFilmSettings, look_options

STAGES = (DECODE, FRAMES, MUX)
COSTS = {DECODE: StageCost(0.5, 0.02), FRAMES: StageCost(1.0, 0.1, 0.4), MUX: StageCost(0.2, 0.01)}


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Make the film; its figures are `FilmReport.as_json`, with the notes as codes."""
    from pipeline.look_film import look_film

    film, settings = order.outputs["film"], LookFilmSettings.from_json(order.options)
    report = look_film(order.inputs["film"].path, film, settings, progress, title=order.title or None)
    return told_of(report, film)


def settle(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options as a work's row keeps them."""
    return LookFilmSettings.from_json(given).as_json()


def plan(order: WorkOrder, figures: Mapping[str, Any] | None) -> WorkPlan:
    """By the part of the film and its look."""
    settings, film = LookFilmSettings.from_json(order.options), order.inputs["film"]
    costs = COSTS | {FRAMES: COSTS[FRAMES].plus(lone_cost(settings, False))}
    words = " ".join(lone_words(settings))
    planned = tuple(PlannedStage(name, costs[name], f"look_film {name} {words}".strip(), name == FRAMES) for name in STAGES)
    return WorkPlan(film.part_s(settings.start_s, settings.duration_s), film.pixels, planned)


LOOK_FILM = WorkKind(
    name="look_film",
    title=N_("A film in another look"),
    run=run,
    inputs={"film": "film"},
    outputs={"film": VIDEO_SUFFIX},
    declared=look_options,
    settle=settle,
    plan=plan,
    broke=message("pipeline.drawing_broke"),
    late=lambda minutes: message("pipeline.drawing_took_too_long", count=minutes),
    stages=STAGES,
)
