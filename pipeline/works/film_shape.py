"""The kind of work that brings a finished film into another shape and size."""

from __future__ import annotations

from typing import Any

from core.contracts import Progress
from core.film_stages import FACES, MUX
from core.options import N_, read_options
from core.work import WorkOrder
from pipeline.film_settings import VIDEO_SUFFIX
from pipeline.reshaping.settings import ShapeSettings
from pipeline.works.export_kind import export_kind

#: The role of the file that it makes.
ROLE = "shaped"


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Make the film; the figures tell its size."""
    from pipeline.reshaping.reshape import reshape_film

    settings = ShapeSettings(**read_options(ShapeSettings, order.options))
    report = reshape_film(order.inputs["film"].path, order.outputs[ROLE], settings, progress)
    return {name: value for name, value in report.as_json().items() if name != "file"}


FILM_SHAPE = export_kind(
    name="film_shape",
    title=N_("A film in another shape"),
    run=run,
    inputs={"film": "film"},
    outputs={ROLE: VIDEO_SUFFIX},
    options=ShapeSettings,
    stages=(FACES, MUX),
)
