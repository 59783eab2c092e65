"""The kind of work that writes down what is said in a film, translated, as a table to be edited."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from core.contracts import Progress
from core.errors import InputError
from core.film_stages import DECODE, FACES, LISTEN, SEPARATE
from core.messages import Message, message
from core.options import N_, Declared
from core.stage_cost import StageCost
from core.work import PlannedStage, WorkKind, WorkOrder, WorkPlan
from pipeline.translating.settings import TranslationSettings, translation_options
from pipeline.translating.table import CSV
from pipeline.works.dub import COSTS as DUB_COSTS

#: What concerns what is said, and the part of the film, not how it is spoken.
OPTIONS = ("translate", "voice", "start_s", "duration_s")
#: The package that hears what is said.
EAR = "ctranslate2"
STAGES = (DECODE, SEPARATE, FACES, LISTEN)
#: What the stages take on two common cores, and those whose units are their work from beginning to end.
COSTS = {name: DUB_COSTS[name] for name in (DECODE, SEPARATE, FACES)} | {LISTEN: StageCost(4.0, 0.25)}
PACED = (FACES, SEPARATE, LISTEN)


def declared() -> list[Declared]:
    """The options: language, voices, and the part of the film."""
    return [each for each in translation_options() if each.name in OPTIONS]


def settings_of(given: Mapping[str, Any]) -> TranslationSettings:
    """The options of an order. Raises `InputError`, also for those of the film that is made later."""
    if unknown := sorted(set(given) - set(OPTIONS)):
        raise InputError("core.no_such_option", name=unknown[0][:60])
    return TranslationSettings.from_json(given)


def settle(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options as a work's row keeps them."""
    values = settings_of(given).as_json()
    return {name: values[name] for name in OPTIONS}


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Write the table; the figures tell how many sentences there are, in which languages they were heard, and who is seen."""
    from pipeline.translating.translate_film import write_film_script

    settings, table = settings_of(order.options), order.outputs["table"]
    report = write_film_script(order.inputs["film"].path, table, settings, progress)
    return {
        "language": settings.translate,
        "heard": list(report.found.heard),
        "sentences": len(report.script.lines),
        "left_open": report.found.left_open,
        "faces": list(report.faces),
        "seconds": dict(report.seconds),
        "cached_stages": list(report.cached_stages),
        "notes": [note.as_json() for note in report.notes],
    }


def plan(order: WorkOrder, figures: Mapping[str, Any] | None) -> WorkPlan:
    """By the length of the film."""
    settings, film = settings_of(order.options).dub, order.inputs["film"]
    stages = [PlannedStage(name, COSTS[name], f"dub {name}", name in PACED) for name in STAGES]
    return WorkPlan(film.part_s(settings.start_s, settings.duration_s), film.pixels, tuple(stages))


def lacking(options: Mapping[str, Any]) -> Message | None:
    """The package that hears, where it is not here."""
    return None if find_spec(EAR) is not None else message("speech.hearing.no_ctranslate2")


FILM_TO_SCRIPT = WorkKind(
    name="film_to_script",
    title=N_("What is said in a film"),
    run=run,
    inputs={"film": "film"},
    outputs={"table": CSV},
    options=TranslationSettings,
    declared=declared,
    settle=settle,
    plan=plan,
    broke=message("pipeline.translating.script_broke"),
    late=lambda minutes: message("pipeline.translating.script_late", count=minutes),
    lacking=lacking,
    stages=STAGES,
)
