"""The kind of work that measures how good a film is, while nothing else waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.contracts import Progress
from core.messages import message
from core.option_kinds import Whole
from core.options import N_, option, read_options
from core.output_files import whole_file
from core.work import WorkKind, WorkOrder
from pipeline.works.part_of_song import PartOfSong

#: Figures that tell where and how files are kept, or that a person knows anyway.
FILES = ("video", "song", "portrait", "voice")


@dataclass(frozen=True)
class PartOfFilm(PartOfSong):
    """Of what the film was made."""

    face: int | None = option(None, Whole(1, 100), "which face of the portrait sings")


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Measure the film and write its page; the figures are `Report.as_json` without what names files."""
    from metrics.html import Titles, html_page
    from metrics.report import ReportSettings, make_report

    part = PartOfFilm(**read_options(PartOfFilm, order.options))
    film, song, portrait = (order.inputs[role] for role in ("film", "song", "portrait"))
    settings = ReportSettings(None, portrait.path, part.face, part.start_s, part.duration_s)
    report, evidence = make_report(film.path, song.path, settings, progress)
    with whole_file(order.outputs["page"], "The page") as file:
        file.write(html_page(report, evidence, Titles(film.title, song.title, portrait.title)).encode())
    return {name: value for name, value in report.as_json().items() if name not in FILES}


QUALITY_REPORT = WorkKind(
    name="quality_report",
    title=N_("How good a film is"),
    run=run,
    inputs={"film": "film", "song": "sound", "portrait": "picture"},
    outputs={"page": ".html"},
    options=PartOfFilm,
    turn="idle",
    broke=message("pipeline.report_broke"),
    late=lambda _: message("pipeline.report_late"),
)
