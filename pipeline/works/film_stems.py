"""The kind of work that gives out the voice and the accompaniment of a film's song as sound files."""

from __future__ import annotations

from typing import Any

from core.contracts import Progress
from core.film_stages import DECODE, SEPARATE
from core.messages import message
from core.options import N_, read_options
from core.work import WorkKind, WorkOrder
from pipeline.works.part_of_song import PartOfSong

#: The roles of its files.
VOICE, ACCOMPANIMENT = "voice", "accompaniment"


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Write both; what was separated for the film stays in the stages' cache, and is found there."""
    from pipeline.film_settings import SongToVideoSettings
    from pipeline.film_stems import write_stems

    part = PartOfSong(**read_options(PartOfSong, order.options))
    settings = SongToVideoSettings(start_s=part.start_s, duration_s=part.duration_s)
    files = order.outputs[VOICE], order.outputs[ACCOMPANIMENT]
    duration_s, notes = write_stems(order.inputs["song"].path, *files, settings, progress)
    return {"duration_s": duration_s, "notes": [note.as_json() for note in notes]}


FILM_STEMS = WorkKind(
    name="film_stems",
    title=N_("A film's voice and accompaniment"),
    run=run,
    inputs={"song": "sound"},
    outputs={VOICE: ".flac", ACCOMPANIMENT: ".flac"},
    options=PartOfSong,
    turn="soon",
    broke=message("pipeline.export_broke"),
    late=lambda _: message("pipeline.export_took_too_long"),
    stages=(DECODE, SEPARATE),
)
