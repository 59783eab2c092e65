"""The kind of work that gives a film other lips."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.contracts import Progress
from core.film_stages import DECODE, FACES, FRAMES, MOTION, MUX, SEPARATE
from core.messages import Message, message
from core.options import N_
from core.stage_cost import StageCost
from core.work import PlannedStage, WorkInput, WorkKind, WorkOrder, WorkPlan
from pipeline.dub_settings import DubSettings, dub_options
from pipeline.face_filters import face_filter_lack, face_filters, face_filters_cost
from pipeline.film_report import told_of
from pipeline.film_settings import VIDEO_SUFFIX
from pipeline.lips_engines import lips_expected
from pipeline.lone_filters import lone_cost, lone_words

STAGES = (DECODE, FACES, SEPARATE, MOTION, FRAMES, MUX)
#: What the stages take on two common cores; the frames' cost is their engine's, to which reading and writing them come.
COSTS = {
    DECODE: StageCost(0.5, 0.02),
    FACES: StageCost(2.0, 0.6),
    SEPARATE: StageCost(0.5, 0.08),
    MOTION: StageCost(2.5, 0.08),
    MUX: StageCost(0.2, 0.005),
}
THROUGH_COST = StageCost(0.5, 0.05, 0.3)
#: Stages whose units are their work from beginning to end.
PACED = (FACES, SEPARATE, FRAMES)


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Make the film; its figures are `DubReport.as_json`, with the notes as codes."""
    from pipeline.dub import dub

    settings = replace(DubSettings.from_json(order.options), title=order.title or None)
    film = order.outputs["film"]
    report = dub(order.inputs["film"].path, order.inputs["sound"].path, film, settings, progress)
    return told_of(report, film)


def settle(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options that pages offer, as a work's row keeps them."""
    return DubSettings.from_json(given, pages=True).as_json(pages=True)


def plan(order: WorkOrder, figures: Mapping[str, Any] | None) -> WorkPlan:
    """By the engine that drew the lips, or will probably draw them."""
    settings = DubSettings.from_json(order.options)
    film, sound = order.inputs["film"], order.inputs["sound"]
    frames = planned_frames(settings, figures)
    stages = [frames if name == FRAMES else PlannedStage(name, COSTS[name], f"dub {name}", name in PACED) for name in STAGES]
    return WorkPlan(length_of(settings, film, sound), film.pixels, tuple(stages))


def planned_frames(settings: DubSettings, figures: Mapping[str, Any] | None) -> PlannedStage:
    """The frames of a film that gets other lips, by the engine that drew them, or will probably draw them, and its filters."""
    engine = lips_expected(settings, settings.engine if figures is None else str(figures["engine"]))
    card = shutil.which("nvidia-smi") is not None
    cost = engine.cost(settings, card).plus(face_filters_cost(settings, card))
    cost = cost.plus(lone_cost(settings, card)).plus(THROUGH_COST)
    words = ["dub", FRAMES, engine.name, *(each.name for each, _ in face_filters(settings)), *lone_words(settings)]
    return PlannedStage(FRAMES, cost, " ".join(words), FRAMES in PACED)


def length_of(settings: DubSettings, film: WorkInput, sound: WorkInput) -> float:
    """About how long the film will be, in seconds."""
    film_s = film.part_s(settings.start_s, settings.duration_s)
    sound_s = sound.part_s(settings.sound_start_s, settings.sound_duration_s)
    if sound_s > film_s:
        return film_s if settings.loop == "cut" else sound_s
    return film_s if settings.keep_background > 0 else sound_s


def lacking(options: Mapping[str, Any]) -> Message | None:
    """What the engine that the options name lacks here."""
    return lips_lack(DubSettings.from_json(options))


def lips_lack(settings: DubSettings) -> Message | None:
    """What the engine of lips lacks here, or a filter of the faces."""
    return lips_expected(settings, settings.engine).missing(settings) or face_filter_lack(settings)


DUB = WorkKind(
    shows=("film",),
    name="dub",
    title=N_("A film gets other lips"),
    run=run,
    inputs={"film": "film", "sound": "sound"},
    outputs={"film": VIDEO_SUFFIX},
    options=DubSettings,
    declared=dub_options,
    settle=settle,
    plan=plan,
    broke=message("pipeline.dub_broke"),
    late=lambda minutes: message("pipeline.dub_took_too_long", count=minutes),
    lacking=lacking,
    stages=STAGES,
)
