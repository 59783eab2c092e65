"""The kind of work that gives out the words of a song's film as files, in the film's own time."""

from __future__ import annotations

from typing import Any

from core.contracts import Progress
from core.options import N_, read_options
from core.work import WorkOrder
from pipeline.lyrics.settings import LyricsSettings
from pipeline.works.export_kind import export_kind
from pipeline.works.song_to_lyrics import STAGES, lacking

#: The roles of its files.
LRC, SRT = "lrc", "srt"


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Write them; what was heard for the film stays in the stages' cache, and is found there."""
    from pipeline.lyrics.song_to_lyrics import song_to_lyrics
    from pipeline.lyrics.writing import write_lyrics

    settings = LyricsSettings(**read_options(LyricsSettings, order.options))
    report = song_to_lyrics(order.inputs["song"].path, (), settings, progress=progress)
    words = report.lyrics.shifted(-settings.start_s)
    for role in (LRC, SRT):
        write_lyrics(order.outputs[role], words)
    return {"lines": len(words.lines), "notes": [note.as_json() for note in report.notes]}


FILM_WORDS = export_kind(
    name="film_words",
    title=N_("The words of a film"),
    run=run,
    inputs={"song": "sound"},
    outputs={LRC: ".lrc", SRT: ".srt"},
    options=LyricsSettings,
    lacking=lacking,
    stages=STAGES,
)
