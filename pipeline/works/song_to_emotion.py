"""The kind of work that finds a song's emotion for somebody who looks on, before a film is ordered."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from core.contracts import Progress
from core.messages import message
from core.options import N_, read_options
from core.work import WorkKind, WorkOrder
from pipeline.film_settings import SongToVideoSettings
from pipeline.works.part_of_song import PartOfSong


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """The emotion of the style `auto`, as JSON values. What was separated and heard stays in the stages' cache."""
    from pipeline.song_to_emotion import song_to_emotion

    part = PartOfSong(**read_options(PartOfSong, order.options))
    settings = SongToVideoSettings(start_s=part.start_s, duration_s=part.duration_s)
    report = song_to_emotion(order.inputs["song"].path, settings=settings, progress=progress)
    return {"emotion": asdict(report.emotion), "notes": [note.as_json() for note in report.notes]}


SONG_TO_EMOTION = WorkKind(
    name="song_to_emotion",
    title=N_("The emotion of a song"),
    run=run,
    inputs={"song": "sound"},
    options=PartOfSong,
    turn="soon",
    broke=message("pipeline.emotion_broke"),
    late=lambda _: message("pipeline.emotion_took_too_long"),
)
