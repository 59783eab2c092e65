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

#: The roles of its files: Live Link Face's columns, and a MetaHuman's curves as a table and as JSON.
ROLE, METAHUMAN_TABLE, METAHUMAN_JSON = "motion", "metahuman", "metahuman_json"


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Write the motion, each way."""
    from motion.files.any_file import read_motion
    from pipeline.film_motion import write_film_motion
    from pipeline.motion_file import OF_METAHUMANS, write_motion_file

    song, settings = order.inputs.get("song"), SongToVideoSettings.from_json(order.options)
    files = order.inputs["film"].path, song.path if song is not None else None, order.outputs[ROLE]
    frames, fps, notes = write_film_motion(*files, settings, progress)
    motion, _ = read_motion(order.outputs[ROLE])
    for role in (METAHUMAN_TABLE, METAHUMAN_JSON):
        write_motion_file(order.outputs[role], motion, OF_METAHUMANS)
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
    outputs={ROLE: ".csv", METAHUMAN_TABLE: ".csv", METAHUMAN_JSON: ".json"},
    options=SongToVideoSettings,
    declared=all_options,
    settle=settle,
    stages=(DECODE, SEPARATE, FACES, MOTION),
    can_lack=("song",),
)
