"""The kind of work in which a film moves a portrait."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.contracts import Progress
from core.film_stages import DECODE, FACES, FRAMES, MOTION, MUX, PORTRAIT, SEPARATE
from core.messages import Message, message
from core.options import N_
from core.stage_cost import StageCost
from core.work import PlannedStage, WorkKind, WorkOrder, WorkPlan
from pipeline.engine_list import AUTO, engine_named
from pipeline.engines import lacking as engine_lacks
from pipeline.film_report import told_of
from pipeline.film_settings import VIDEO_SUFFIX
from pipeline.filter_chain import frames_cost
from pipeline.performance_settings import performer_lacking
from pipeline.transfer_settings import TransferSettings, transfer_options
from pipeline.works import dub, song_to_film
from pipeline.works.song_to_film import expected_engine, film_pixels, learned_as

STAGES = (DECODE, PORTRAIT, FACES, SEPARATE, MOTION, FRAMES, MUX)
#: What the stages take on two common cores; the frames' cost is their engine's.
COSTS = {**song_to_film.COSTS, FACES: dub.COSTS[FACES], MOTION: StageCost(1.0, 0.1)}
PACED = (FACES, SEPARATE, FRAMES)


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Make the film; its figures are `TransferReport.as_json`, with the notes as codes."""
    from pipeline.transfer import transfer

    settings = replace(TransferSettings.from_json(order.options), title=order.title or None)
    if (sound := order.inputs.get("sound")) is not None:
        settings = replace(settings, sound=sound.path)
    film = order.outputs["film"]
    report = transfer(order.inputs["portrait"].path, order.inputs["driving"].path, film, settings, progress)
    return told_of(report, film)


def settle(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options that pages offer, as a work's row keeps them."""
    return TransferSettings.from_json(given, pages=True).as_json(pages=True)


def plan(order: WorkOrder, figures: Mapping[str, Any] | None) -> WorkPlan:
    """By the engine that drew the film, or will probably draw it."""
    settings = TransferSettings.from_json(order.options)
    portrait = order.inputs["portrait"].facts
    engine = expected_engine(settings.film, bool(portrait.get("drawing"))) if figures is None else str(figures["engine"])
    card = shutil.which("nvidia-smi") is not None
    costs = COSTS | {FRAMES: frames_cost(engine_named(engine), settings.film, card)}
    heard = settings.lips == "sound"
    stages = [
        PlannedStage(name, costs[name], words_of(name, engine, settings), name in PACED)
        for name in STAGES
        if name != SEPARATE or heard
    ]
    return WorkPlan(length_of(settings, order), film_pixels(settings.film, portrait), tuple(stages))


def words_of(stage: str, engine: str, settings: TransferSettings) -> str:
    """Under which name the stage's times are kept."""
    if stage == FRAMES:
        return f"transfer {learned_as(stage, engine, settings.film)}"
    return f"transfer {stage}" + (f" {settings.lips}" if stage == MOTION else "")


def length_of(settings: TransferSettings, order: WorkOrder) -> float:
    """About how long the film will be, in seconds."""
    film_s = order.inputs["driving"].part_s(settings.start_s, settings.duration_s)
    if (sound := order.inputs.get("sound")) is None:
        return film_s
    sound_s = sound.part_s(settings.sound_start_s, settings.sound_duration_s)
    return min(film_s, sound_s) if settings.loop_kind == "cut" else sound_s


def lacking(options: Mapping[str, Any]) -> Message | None:
    """What the engine that the options name lacks here, or the engine of lips, or who performs."""
    settings = TransferSettings.from_json(options)
    if settings.film.engine == AUTO:
        return performer_lacking(options)
    return engine_lacks(engine_named(settings.film.engine), settings.film) or performer_lacking(options)


TRANSFER = WorkKind(
    shows=("portrait",),
    name="transfer",
    title=N_("A film moves a picture"),
    run=run,
    inputs={"portrait": "picture", "driving": "film", "sound": "sound"},
    can_lack=("sound",),
    outputs={"film": VIDEO_SUFFIX},
    options=TransferSettings,
    declared=transfer_options,
    settle=settle,
    plan=plan,
    broke=message("pipeline.film_broke"),
    late=lambda minutes: message("pipeline.transfer_took_too_long", count=minutes),
    lacking=lacking,
    stages=STAGES,
)
