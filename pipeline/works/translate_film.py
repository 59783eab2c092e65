"""The kind of work that gives a film another language: new voices, lips that say them, and subtitles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.contracts import Progress
from core.film_stages import FACES, FRAMES, LISTEN, MOTION, MUX, SEPARATE, SPEAK
from core.messages import Message, message
from core.option_kinds import Text
from core.options import N_, Declared, declared_options, option
from core.stage_cost import StageCost
from core.work import PlannedStage, WorkKind, WorkOrder, WorkPlan
from pipeline.film_report import told_of
from pipeline.film_settings import VIDEO_SUFFIX
from pipeline.subtitles import SRT, VTT
from pipeline.translating.settings import TranslationSettings, translation_options
from pipeline.translating.table import CSV, DubScript, script_of_table
from pipeline.works import film_to_script
from pipeline.works.dub import COSTS as DUB_COSTS
from pipeline.works.dub import lips_lack, planned_frames
from speech.readable import unreadable

TABLE = "table"
STAGES = (SEPARATE, FACES, LISTEN, SPEAK, MOTION, FRAMES, MUX)
#: What the stages take on two common cores; the frames' cost is their engine's, to which reading and writing them come.
COSTS = DUB_COSTS | film_to_script.COSTS | {SPEAK: StageCost(5.0, 0.7)}
PACED = (FACES, SEPARATE, LISTEN, SPEAK, FRAMES)


@dataclass(frozen=True)
class GivenTable:
    """What is said."""

    table: str = option(
        "",
        Text(),
        "what is said, by whom and when: the text of a table as a work of the kind film_to_script makes it, edited or not;"
        " without it what is heard is translated and spoken as it is",
        in_form=False,
    )


def declared() -> list[Declared]:
    """Every option: the table, and how its film is made."""
    return [*declared_options(GivenTable), *translation_options()]


def settings_of(given: Mapping[str, Any]) -> TranslationSettings:
    """The options but for the table. Raises `InputError`."""
    return TranslationSettings.from_json({name: value for name, value in given.items() if name != TABLE})


def script_given(options: Mapping[str, Any]) -> DubScript | None:
    """The script of the table; None where none is given. Raises `InputError` that names the row."""
    table = str(options.get(TABLE) or "")
    return script_of_table(table, settings_of(options).translate) if table.strip() else None


def settle(given: Mapping[str, Any]) -> dict[str, Any]:
    """The table, which must be one that can be spoken, and the options that pages offer."""
    settings, script = settings_of(given), script_given(given)
    if script is not None:
        script.check()
    return {TABLE: str(given.get(TABLE) or ""), **settings.as_json()}


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Make the film, its subtitles and the table of what was spoken; the figures are `TranslationReport.as_json`."""
    from pipeline.translating.translate_film import translate_film

    settings, outputs = settings_of(order.options), order.outputs
    settings = replace(settings, dub=replace(settings.dub, title=order.title or None))
    beside = [outputs[role] for role in ("subtitles", "srt", TABLE)]
    film, given = order.inputs["film"].path, script_given(order.options)
    report = translate_film(film, outputs["film"], settings, progress, given=given, beside=beside)
    subtitles = [path.name for path in beside if path.suffix != CSV]
    return {**told_of(report, outputs["film"]), "subtitles": subtitles}


def plan(order: WorkOrder, figures: Mapping[str, Any] | None) -> WorkPlan:
    """By the length of the film, and the engine that drew the lips or will probably draw them."""
    settings, film = settings_of(order.options).dub, order.inputs["film"]
    frames = planned_frames(settings, figures)
    left_out = {LISTEN} if str(order.options.get(TABLE) or "").strip() else set()
    learned = {name: f"dub {name}" for name in STAGES} | {SPEAK: f"translate {SPEAK}"}
    stages = [
        frames if name == FRAMES else PlannedStage(name, COSTS[name], learned[name], name in PACED)
        for name in STAGES
        if name not in left_out
    ]
    return WorkPlan(film.part_s(settings.start_s, settings.duration_s), film.pixels, tuple(stages))


def contents(options: Mapping[str, Any]) -> frozenset[str]:
    """See `WorkKind`: what is spoken."""
    script = script_given(options)
    return frozenset() if script is None else frozenset({script.digest})


def lacking(options: Mapping[str, Any]) -> Message | None:
    """What is missing here: to read the language, to draw the lips, to hear the film where no table is given."""
    settings = settings_of(options)
    heard = None if str(options.get(TABLE) or "").strip() else film_to_script.lacking(options)
    return heard or unreadable(settings.language) or lips_lack(settings.dub)


TRANSLATE_FILM = WorkKind(
    shows=("film",),
    name="translate_film",
    title=N_("A film in another language"),
    run=run,
    inputs={"film": "film"},
    outputs={"film": VIDEO_SUFFIX, "subtitles": VTT, "srt": SRT, TABLE: CSV},
    options=TranslationSettings,
    declared=declared,
    settle=settle,
    plan=plan,
    contents=contents,
    broke=message("pipeline.dub_broke"),
    late=lambda minutes: message("pipeline.dub_took_too_long", count=minutes),
    lacking=lacking,
    stages=STAGES,
)
