"""The kind of work that puts words under a finished film."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.contracts import Progress
from core.film_stages import DECODE, FRAMES, LISTEN, MUX, SEPARATE
from core.messages import Message, message
from core.options import N_, read_options
from core.stage_cost import StageCost
from core.work import PlannedStage, WorkKind, WorkOrder, WorkPlan
from pipeline.film_report import told_of
from pipeline.film_settings import VIDEO_SUFFIX
from pipeline.lyrics.settings import AUTO, CaptionSettings
from pipeline.works.film_to_script import COSTS as HEARING_COSTS
from pipeline.works.song_to_lyrics import lacking as lacking_ear

STAGES = (DECODE, SEPARATE, LISTEN, FRAMES, MUX)
COSTS = HEARING_COSTS | {FRAMES: StageCost(0.5, 0.06, 0.2), MUX: StageCost(0.2, 0.01)}


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Make the film; its figures are `FilmReport.as_json`, with the notes as codes."""
    from pipeline.caption_film import caption_film

    film, settings = order.outputs["film"], CaptionSettings(**read_options(CaptionSettings, order.options))
    report = caption_film(order.inputs["film"].path, film, settings, progress, title=order.title or None)
    return told_of(report, film)


def plan(order: WorkOrder, figures: Mapping[str, Any] | None) -> WorkPlan:
    """By the part of the film."""
    settings, film = CaptionSettings(**read_options(CaptionSettings, order.options)), order.inputs["film"]
    stages = tuple(PlannedStage(name, COSTS[name], f"caption_film {name}", name != DECODE) for name in STAGES)
    return WorkPlan(film.part_s(settings.start_s, settings.duration_s), film.pixels, stages)


def lacking(options: Mapping[str, Any]) -> Message | None:
    """The package that hears, where the words are written down and it is not here."""
    return lacking_ear(options) if options.get("words", AUTO) == AUTO else None


CAPTION_FILM = WorkKind(
    name="caption_film",
    title=N_("A film with words under it"),
    run=run,
    inputs={"film": "film"},
    outputs={"film": VIDEO_SUFFIX},
    options=CaptionSettings,
    plan=plan,
    broke=message("pipeline.lyrics.caption_broke"),
    late=lambda minutes: message("pipeline.lyrics.caption_late", count=minutes),
    lacking=lacking,
    stages=STAGES,
)
