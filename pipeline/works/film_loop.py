"""The kind of work that makes of a part of a film a picture that moves for ever: GIF or WebP."""

from __future__ import annotations

from typing import Any

from core.contracts import Progress
from core.film_stages import MUX
from core.options import N_, read_options
from core.work import WorkOrder
from pipeline.reshaping.settings import GIF, WEBP, LoopSettings
from pipeline.works.export_kind import export_kind


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Make the picture; the figures tell its size, and in which role it lies."""
    from pipeline.reshaping.reshape import make_loop

    settings = LoopSettings(**read_options(LoopSettings, order.options))
    report = make_loop(order.inputs["film"].path, order.outputs[settings.format], settings, progress)
    return {name: value for name, value in report.as_json().items() if name != "file"}


FILM_LOOP = export_kind(
    name="film_loop",
    title=N_("A part of a film that plays for ever"),
    run=run,
    inputs={"film": "film"},
    outputs={GIF: ".gif", WEBP: ".webp"},
    options=LoopSettings,
    stages=(MUX,),
    as_needed=(GIF, WEBP),
)
