"""The kind of work that makes a portrait sing a song."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.contracts import Progress
from core.film_stages import DECODE, FRAMES, LISTEN, MOTION, MUX, PORTRAIT, SEPARATE
from core.messages import message
from core.options import N_
from core.stage_cost import StageCost
from core.work import PlannedStage, WorkKind, WorkOrder, WorkPlan
from pipeline.engine_list import AUTO, engine_named, for_drawings, for_photos
from pipeline.film_report import told_of
from pipeline.film_settings import DEFAULT_MAX_HEIGHT, VIDEO_SUFFIX, SongToVideoSettings, all_options
from pipeline.filter_chain import cost_words, frames_cost
from pipeline.performance_settings import performer_lacking
from pipeline.works import film_to_script
from pipeline.works.quality_report import QUALITY_REPORT

#: What the stages take on two common cores, in their order; the frames' cost is their engine's.
COSTS = {
    DECODE: StageCost(0.1, 0.01),
    PORTRAIT: StageCost(1.0),
    SEPARATE: StageCost(0.5, 0.08),
    MOTION: StageCost(2.5, 0.08),
    FRAMES: StageCost(3.0, 0.2, 1.4),
    MUX: StageCost(0.2, 0.005),
}
#: Stages whose units are their work from beginning to end.
PACED = (SEPARATE, LISTEN, FRAMES)


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Make the film; its figures are `FilmReport.as_json`, with the notes as codes."""
    from pipeline.song_to_video import song_to_video
    from pipeline.stills import still_beside

    settings = replace(SongToVideoSettings.from_json(order.options), title=order.title or None)
    film = order.outputs["film"]
    report = song_to_video(
        order.inputs["portrait"].path, order.inputs["song"].path, film, settings, progress, still=still_beside(film)
    )
    return told_of(report, film)


def settle(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options that pages offer, as a film's row keeps them."""
    return SongToVideoSettings.from_json(given, pages=True).as_json(pages=True)


def plan(order: WorkOrder, figures: Mapping[str, Any] | None) -> WorkPlan:
    """By the engine that drew the film, or will probably draw it."""
    settings = SongToVideoSettings.from_json(order.options)
    portrait = order.inputs["portrait"].facts
    engine = expected_engine(settings, bool(portrait.get("drawing"))) if figures is None else str(figures["engine"])
    card = shutil.which("nvidia-smi") is not None
    costs = stage_costs(settings) | {FRAMES: frames_cost(engine_named(engine), settings, card)}
    stages = [PlannedStage(name, cost, learned_as(name, engine, settings), name in PACED) for name, cost in costs.items()]
    length_s = order.inputs["song"].part_s(settings.start_s, settings.duration_s)
    return WorkPlan(length_s, film_pixels(settings, portrait), tuple(stages))


def stage_costs(settings: SongToVideoSettings) -> dict[str, StageCost]:
    """What the stages take, in their order; words are listened for once the voice is there."""
    if not settings.shows_words:
        return COSTS
    stages = list(COSTS)
    after = stages.index(SEPARATE) + 1
    named = [*stages[:after], LISTEN, *stages[after:]]
    return {name: film_to_script.COSTS[LISTEN] if name == LISTEN else COSTS[name] for name in named}


def film_pixels(settings: SongToVideoSettings, portrait: Mapping[str, Any]) -> int:
    """About how large the film will be, width x height; 0 where the portrait's size is unknown."""
    width, own_height = int(portrait.get("width") or 0), int(portrait.get("height") or 0)
    height = min(settings.height or min(own_height, DEFAULT_MAX_HEIGHT), 4 * own_height)
    return height * height * width // max(own_height, 1)


def expected_engine(settings: SongToVideoSettings, drawing: bool) -> str:
    """The engine that will probably draw the film; drawing: whether the portrait is taken for one."""
    if settings.engine != AUTO:
        return settings.engine
    return (for_drawings() if drawing or settings.face_frame is not None else for_photos()).name


def learned_as(stage: str, engine: str, settings: SongToVideoSettings) -> str:
    """Under which name the stage's times are kept: the stage, the engine, and what else decides how long it takes."""
    words = [stage, engine]
    if stage == MOTION:
        words += [settings.lips, *([settings.performance] if settings.is_learned else [])]
    if stage == FRAMES:
        words += [settings.device, f"{settings.fps:g} fps", *cost_words(settings)]
        words += engine_named(engine).cost_words(settings)
    return " ".join(words)


SONG_TO_FILM = WorkKind(
    shows=("portrait",),
    name="song_to_film",
    title=N_("A picture sings a song"),
    run=run,
    inputs={"song": "sound", "portrait": "picture"},
    outputs={"film": VIDEO_SUFFIX},
    options=SongToVideoSettings,
    declared=all_options,
    settle=settle,
    plan=plan,
    measured_by=QUALITY_REPORT.name,
    broke=message("pipeline.film_broke"),
    late=lambda minutes: message("pipeline.film_took_too_long", count=minutes),
    lacking=performer_lacking,
)
