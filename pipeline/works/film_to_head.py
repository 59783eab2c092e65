"""The kind of work that makes a 3D head of a film: the portrait's own, which does what it does in the film."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.contracts import Progress
from core.messages import message
from core.options import N_
from core.work import WorkKind, WorkOrder
from media.glb import GLB_SUFFIX
from pipeline.film_settings import SongToVideoSettings, all_options

#: The role of the file that it makes.
ROLE = "head"
#: What it tells of itself.
TOLD = ("size_bytes", "frames", "duration_s", "fps", "seconds")


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Make the head. What was separated and heard for the film is found in the stages' cache; without a song it does what is seen
    in the film."""
    from pipeline.head_export import export_head, export_head_of_film

    portrait, song = order.inputs["portrait"].path, order.inputs.get("song")
    settings = SongToVideoSettings.from_json(order.options)
    if song is not None:
        report = export_head(portrait, order.outputs[ROLE], song.path, settings, progress)
    else:
        report = export_head_of_film(portrait, order.inputs["film"].path, order.outputs[ROLE], settings, progress)
    told = {name: value for name, value in report.as_json().items() if name in TOLD}
    return {**told, "notes": [note.as_json() for note in report.notes]}


def settle(given: Mapping[str, Any]) -> dict[str, Any]:
    """The film's options as a head of it is known by: those about the head and its movement."""
    from pipeline.head_export import head_settings

    return head_settings(SongToVideoSettings.from_json(given, pages=True)).as_json(pages=True)


FILM_TO_HEAD = WorkKind(
    name="film_to_head",
    title=N_("A film's head in 3D"),
    run=run,
    inputs={"song": "sound", "portrait": "picture", "film": "film"},
    outputs={ROLE: GLB_SUFFIX},
    options=SongToVideoSettings,
    declared=all_options,
    settle=settle,
    turn="soon",
    broke=message("pipeline.head_broke"),
    late=lambda _: message("pipeline.head_took_too_long"),
    can_lack=("song",),
)
