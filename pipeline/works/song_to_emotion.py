"""The kind of work that finds a song's emotion for somebody who looks on, before a film is ordered."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from core.contracts import Progress
from core.messages import message
from core.options import N_, read_options
from core.work import WorkKind, WorkOrder
from motion.emotion.settings import known_model
from pipeline.film_settings import SongToVideoSettings
from pipeline.performance_settings import LEARNED, PLAN
from pipeline.works.part_of_song import PartOfSong


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """The emotion of the style `auto`, as JSON values, with a trained network's own where there is one; `network`: the name of
    its file. What was separated and heard stays in the stages' cache."""
    from pipeline.song_to_emotion import song_to_emotion

    part = PartOfSong(**read_options(PartOfSong, order.options))
    network = network_name()
    performance = PLAN if network is None else LEARNED
    settings = SongToVideoSettings(start_s=part.start_s, duration_s=part.duration_s, performance=performance)
    report = song_to_emotion(order.inputs["song"].path, settings=settings, progress=progress)
    return {"emotion": asdict(report.emotion), "network": network, "notes": [note.as_json() for note in report.notes]}


def network_name() -> str | None:
    """The name of the trained network's file that films of this machine may be performed by; None: there is none."""
    path = known_model()
    return None if path is None else path.name


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
