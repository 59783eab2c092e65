"""The kind of work that finds the words of a song with their times."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from core.contracts import Progress
from core.film_stages import DECODE, LISTEN, SEPARATE
from core.messages import Message, message
from core.options import N_, read_options
from core.work import PlannedStage, WorkKind, WorkOrder, WorkPlan
from pipeline.lyrics.settings import LyricsSettings
from pipeline.works.film_to_script import COSTS, EAR

STAGES = (DECODE, SEPARATE, LISTEN)
#: Roles of the files: LRC, WebVTT and SubRip.
LYRICS, SUBTITLES, SRT = "lyrics", "subtitles", "srt"


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Write the words; the figures hold every word with its times, `words`, as `Lyrics.as_json` has them."""
    from pipeline.lyrics.song_to_lyrics import song_to_lyrics

    settings = LyricsSettings(**read_options(LyricsSettings, order.options))
    files = [order.outputs[role] for role in (LYRICS, SUBTITLES, SRT)]
    report = song_to_lyrics(order.inputs["song"].path, files, settings, progress=progress)
    return {
        "words": report.lyrics.as_json(),
        "duration_s": report.duration_s,
        "seconds": dict(report.seconds),
        "cached_stages": list(report.cached_stages),
        "notes": [note.as_json() for note in report.notes],
    }


def plan(order: WorkOrder, figures: Mapping[str, Any] | None) -> WorkPlan:
    """By the length of the part."""
    settings = LyricsSettings(**read_options(LyricsSettings, order.options))
    stages = tuple(PlannedStage(name, COSTS[name], f"lyrics {name}", name != DECODE) for name in STAGES)
    return WorkPlan(order.inputs["song"].part_s(settings.start_s, settings.duration_s), 0, stages)


def lacking(options: Mapping[str, Any]) -> Message | None:
    """The package that hears, where it is not here."""
    return None if find_spec(EAR) is not None else message("speech.hearing.no_ctranslate2")


SONG_TO_LYRICS = WorkKind(
    name="song_to_lyrics",
    title=N_("The words of a song"),
    run=run,
    inputs={"song": "sound"},
    outputs={LYRICS: ".lrc", SUBTITLES: ".vtt", SRT: ".srt"},
    options=LyricsSettings,
    plan=plan,
    broke=message("pipeline.lyrics.broke"),
    late=lambda minutes: message("pipeline.lyrics.late", count=minutes),
    lacking=lacking,
    stages=STAGES,
)
