"""The kind of work that gives out what the face does in a film as a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.contracts import Progress
from core.film_stages import DECODE, FACES, MOTION, SEPARATE
from core.options import N_
from core.work import WorkOrder
from pipeline.film_settings import SongToVideoSettings, all_options
from pipeline.works.export_kind import export_kind

#: The role of its file.
ROLE = "motion"


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Write the motion."""
    from pipeline.film_motion import write_film_motion

    song, settings = order.inputs.get("song"), SongToVideoSettings.from_json(order.options)
    files = order.inputs["film"].path, song.path if song is not None else None, order.outputs[ROLE]
    frames, fps, notes = write_film_motion(*files, settings, progress)
    return {"frames": frames, "fps": fps, "notes": [note.as_json() for note in notes]}


def settle(given: Mapping[str, Any]) -> dict[str, Any]:
    """The film's options as far as they are about the head and its movement."""
    from pipeline.head_export import head_settings

    return head_settings(SongToVideoSettings.from_json(given, pages=True)).as_json(pages=True)


FILM_MOTION = export_kind(
    name="film_motion",
    title=N_("What the face does in a film"),
    run=run,
    inputs={"film": "film", "song": "sound"},
    outputs={ROLE: ".csv"},
    options=SongToVideoSettings,
    declared=all_options,
    settle=settle,
    stages=(DECODE, SEPARATE, FACES, MOTION),
    can_lack=("song",),
)
