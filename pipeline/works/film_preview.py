"""The kind of work that shows three seconds of a film to somebody who looks on, before the film is ordered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.contracts import Progress
from core.messages import message
from core.options import N_
from core.work import WorkKind, WorkOrder
from pipeline.engine_list import for_photos
from pipeline.film_settings import PREVIEW_HEIGHT, VIDEO_SUFFIX, SongToVideoSettings, all_options

#: What a preview tells of itself; the rest of a film's figures is about a film.
TOLD = ("duration_s", "frames", "fps", "width", "height", "engine", "seconds", "cached_stages")


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Make the preview. What was separated and heard stays in the stages' cache, where the film finds it."""
    from pipeline.song_to_video import song_to_video

    song = order.inputs["song"]
    settings = replace(SongToVideoSettings.from_json(order.options), preview=True, title=song.title or None)
    report = song_to_video(order.inputs["portrait"].path, song.path, order.outputs["preview"], settings, progress)
    told = {name: value for name, value in report.as_json().items() if name in TOLD}
    return {**told, "notes": [note.as_json() for note in report.notes]}


def settle(given: Mapping[str, Any]) -> dict[str, Any]:
    """The film's options as a preview of it is known by: films of different height have one preview."""
    settings = SongToVideoSettings.from_json(given, pages=True)
    height = settings.height if settings.height is not None and settings.height < PREVIEW_HEIGHT else None
    return replace(settings, height=height).as_json(pages=True)


def load() -> None:
    """See `WorkKind`: modules and compiled loops of the usual engine's films. Raises `MissingError` where one lacks."""
    from core.kernels import KERNELS
    from pipeline.stages import load_module

    for module in ("pipeline.song_to_video", "motion.singing.runner", f"{for_photos().package}.runner"):
        load_module(module)
    for kernel in KERNELS:
        kernel.compile()


FILM_PREVIEW = WorkKind(
    name="film_preview",
    title=N_("Three seconds of a film"),
    run=run,
    inputs={"song": "sound", "portrait": "picture"},
    outputs={"preview": VIDEO_SUFFIX},
    options=SongToVideoSettings,
    declared=all_options,
    settle=settle,
    turn="soon",
    broke=message("pipeline.preview_broke"),
    late=lambda _: message("pipeline.preview_took_too_long"),
    load=load,
)
