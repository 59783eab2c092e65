"""The kind of work that finds the people in a film for somebody who looks on, before its dub is ordered."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.contracts import Progress
from core.film_stages import DECODE, FACES
from core.messages import message
from core.option_kinds import Number
from core.options import N_, check_options, option, read_options
from core.output_files import whole_file
from core.work import PlannedStage, WorkKind, WorkOrder, WorkPlan
from pipeline.part_options import MAX_S
from pipeline.works.dub import COSTS

STAGES = (DECODE, FACES)


@dataclass(frozen=True)
class PartOfClip:
    """The part of a film that is looked at."""

    start_s: float = option(0.0, Number(0.0, MAX_S, "s"), "second of the film at which the part begins")
    duration_s: float | None = option(
        None, Number(0.0, MAX_S, "s", above=True), "seconds of the part; without it to the film's end"
    )

    def __post_init__(self) -> None:
        """Raises `InputError` where an option is out of range."""
        check_options(self)


def picture_name(number: int | str) -> str:
    """The name of a person's picture in the archive of all."""
    return f"{number}.jpg"


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Find them, and write the archive of their pictures; what was followed stays in the cache, where the dub finds it."""
    from pipeline.film_faces import film_faces

    part = PartOfClip(**read_options(PartOfClip, order.options))
    report = film_faces(order.inputs["film"].path, part.start_s, part.duration_s, progress)
    with whole_file(order.outputs["pictures"], "The pictures") as file, zipfile.ZipFile(file, "w") as archive:
        for number, picture in report.pictures.items():
            archive.writestr(picture_name(number), picture)
    told = {name: getattr(report, name) for name in ("start_s", "duration_s", "width", "height")}
    notes = [note.as_json() for note in report.notes]
    return {**told, "faces": [face.as_json() for face in report.faces], "notes": notes}


def plan(order: WorkOrder, figures: Mapping[str, Any] | None) -> WorkPlan:
    """As long as the same stages of a dub."""
    part, film = PartOfClip(**read_options(PartOfClip, order.options)), order.inputs["film"]
    stages = [PlannedStage(name, COSTS[name], f"dub {name}", name == FACES) for name in STAGES]
    return WorkPlan(film.part_s(part.start_s, part.duration_s), film.pixels, tuple(stages))


FILM_FACES = WorkKind(
    name="film_faces",
    title=N_("The people in a film"),
    run=run,
    inputs={"film": "film"},
    outputs={"pictures": ".zip"},
    options=PartOfClip,
    turn="soon",
    plan=plan,
    broke=message("pipeline.film_faces_broke"),
    late=lambda _: message("pipeline.film_faces_took_too_long"),
    stages=STAGES,
)
