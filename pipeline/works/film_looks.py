"""The kind of work that shows a moment of a film in every look."""

from __future__ import annotations

from typing import Any

from core.contracts import Progress
from core.film_stages import FRAMES
from core.options import N_
from core.work import WorkOrder
from pipeline.look_settings import look_titles
from pipeline.works.export_kind import export_kind


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Draw the pictures."""
    from pipeline.look_pictures import write_look_pictures

    return {"pictures": write_look_pictures(order.inputs["film"].path, order.outputs, progress)}


FILM_LOOKS = export_kind(
    name="film_looks",
    title=N_("A moment of a film in every look"),
    run=run,
    inputs={"film": "film"},
    outputs=dict.fromkeys(look_titles(), ".jpg"),
    stages=(FRAMES,),
)
