"""The kind of work that shows a picture moving for three seconds to somebody who has just chosen it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.contracts import Progress
from core.messages import message
from core.options import N_
from core.work import WorkKind, WorkOrder
from pipeline.film_settings import VIDEO_SUFFIX, SongToVideoSettings, all_options
from pipeline.works.film_preview import TOLD
from pipeline.works.film_preview import load as load_preview

#: What of a film's options a picture is moved by before there is a song; the others are the usual ones.
MEANT = ("engine", "face", "frame", "allow_animals", "turn_back")


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Make the three seconds. The picture as it was prepared stays in the stages' cache, where the film finds it."""
    from pipeline.greeting import greet

    picture = order.inputs["portrait"]
    settings = replace(SongToVideoSettings.from_json(order.options), title=picture.title or None)
    report = greet(picture.path, order.outputs["greeting"], settings, progress)
    told = {name: value for name, value in report.as_json().items() if name in TOLD}
    return {**told, "notes": [note.as_json() for note in report.notes]}


def settle(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options by which the greeting is known: those that say which face moves, and by which engine."""
    return SongToVideoSettings.from_json({name: given[name] for name in MEANT if name in given}, pages=True).as_json(pages=True)


def load() -> None:
    """See `WorkKind`: what a preview needs, and what makes a picture greet. Raises `MissingError` where one lacks."""
    from pipeline.stages import load_module

    load_preview()
    load_module("pipeline.greeting")


PICTURE_GREETING = WorkKind(
    name="picture_greeting",
    title=N_("A picture that moves"),
    run=run,
    inputs={"portrait": "picture"},
    outputs={"greeting": VIDEO_SUFFIX},
    options=SongToVideoSettings,
    declared=all_options,
    settle=settle,
    turn="soon",
    broke=message("pipeline.greeting_broke"),
    late=lambda _: message("pipeline.greeting_took_too_long"),
    load=load,
)
