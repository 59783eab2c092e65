"""The kind of work that finds where a song's singer begins and rests, for somebody who chooses a part of it."""

from __future__ import annotations

from typing import Any

from core.contracts import Progress
from core.messages import message
from core.options import N_
from core.work import WorkKind, WorkOrder


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """The phrases as [start, end] in seconds, to the hundredth."""
    from pipeline.song_to_phrases import song_to_phrases

    found = song_to_phrases(order.inputs["song"].path, progress)
    return {"phrases": [[round(start_s, 2), round(end_s, 2)] for start_s, end_s in found]}


SONG_TO_PHRASES = WorkKind(
    name="song_to_phrases",
    title=N_("The phrases of a song"),
    run=run,
    inputs={"song": "sound"},
    turn="soon",
    broke=message("pipeline.phrases_broke"),
    late=lambda _: message("pipeline.phrases_took_too_long"),
)
