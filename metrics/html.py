"""The report as one HTML page that needs no other file."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass, fields, is_dataclass
from html import escape
from pathlib import Path

from PIL import Image

from core.contracts import ByteArray
from metrics.plots import Plot, svg
from metrics.registry import WithControls, all_metrics
from metrics.report import Evidence, Report
from metrics.verdict import Verdict

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: #212121 }
h1, h2 { line-height: 1.2 } table { border-collapse: collapse; margin: .5rem 0 }
th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #e0e0e0; vertical-align: top }
td.number { text-align: right; font-variant-numeric: tabular-nums }
.yes { color: #1b5e20 } .no { color: #b71c1c; font-weight: bold }
img, svg { max-width: 100%; height: auto } figure { display: inline-block; margin: .5rem 0; vertical-align: top }
code { color: #555 }
figcaption { color: #555; font-size: 85% } section.columns { display: flex; flex-wrap: wrap; gap: 1rem 3rem }
"""


@dataclass(frozen=True)
class Titles:
    """What the page calls film, song and source picture; None: the name of the file."""

    film: str | None = None
    song: str | None = None
    portrait: str | None = None


def html_page(report: Report, evidence: Evidence, titles: Titles | None = None) -> str:
    """The whole page."""
    # Names without their folders: the page may be shown to people who should not learn where the files lie.
    titles = titles or Titles()
    title = escape(f"How good is {titles.film or Path(report.video).name}?")
    seen = f"Face found in {100 * report.face_share:.1f}% of {evidence.facts.frames} frames"
    source = escape(titles.portrait or (Path(report.portrait).name if report.portrait else "first frame"))
    song = escape(titles.song or Path(report.song).name)
    intro = f"{song}, voice: {escape(Path(report.voice).name)}; source picture: {source}. {seen}."
    figures = "".join(figure(plot.caption, svg(plot)) for plot in plots(report, evidence))
    tables = "".join(f"<div><h2>{escape(title)}</h2>{record_table(figure)}</div>" for title, figure in titled(report))
    sheet = image_tag(evidence.track.thumbnails.sheet(evidence.track.fps), "Contact sheet of the film")
    verdicts = f"<p>{escape(str(evidence.measure.sentence))}</p>{verdict_table(report.verdicts)}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style></head><body>'
        f"<h1>{title}</h1><p>{intro}</p><h2>Verdicts</h2>{verdicts}{sheet}<h2>Over time</h2>{figures}"
        f'<section class="columns">{tables}</section></body></html>\n'
    )


def plots(report: Report, evidence: Evidence) -> list[Plot]:
    """The plots of all metrics for which there is something to show, by their places."""
    found = [
        (metric.placed(plot.place), plot)
        for metric in all_metrics()
        if metric.plots is not None
        for plot in metric.plots(report, evidence)
    ]
    return [plot for _, plot in sorted(found, key=lambda pair: pair[0])]


def titled(report: Report) -> list[tuple[str, object]]:
    """(heading, figure) of the metrics that have a table, by their places."""
    shown = sorted(all_metrics(), key=lambda metric: metric.placed(metric.table_place))
    return [(metric.title, report.figures[metric.name]) for metric in shown if metric.title is not None]


def figure(caption: str, picture: str) -> str:
    """A picture with a line under it."""
    return f"<figure>{picture}<figcaption>{escape(caption)}</figcaption></figure>"


def verdict_table(rows: list[Verdict]) -> str:
    """The demands with what was measured."""
    words = {True: '<td class="yes">yes</td>', False: '<td class="no">no</td>'}
    body = ""
    for row in rows:
        value = f'<td class="number">{shown(row.value)}</td>'
        unsure = f"<td>can't be told. {escape(str(row.reason))}</td>"
        reached = unsure if row.passed is None else words[row.passed]
        body += f"<tr><td>{escape(str(row.name))}</td>{value}<td>{escape(str(row.wanted))}</td>{reached}</tr>"
    return f"<table><tr><th>demand</th><th>measured</th><th>wanted</th><th>reached</th></tr>{body}</table>"


def record_table(record: object) -> str:
    """A record as a table of names and values; one with controls has a column for each of them."""
    if isinstance(record, WithControls):
        columns = [("film", record.film), ("still film", record.still)]
        columns += [(record.flaw, record.spoiled)] if record.spoiled is not None else []
        head = "".join(f"<th>{escape(name)}</th>" for name, _ in columns)
        records = [values for _, values in columns]
        return f"<table><tr><th></th>{head}</tr>{rows_of(records)}</table>"
    return f"<table>{rows_of([record])}</table>"


def rows_of(records: list[object]) -> str:
    """One row for each field of the records, which are of one kind."""
    first = records[0]
    assert is_dataclass(first)
    rows = []
    for item in fields(first):
        cells = "".join(f'<td class="number">{shown(getattr(record, item.name))}</td>' for record in records)
        rows.append(f"<tr><td><code>{escape(item.name)}</code></td>{cells}</tr>")
    return "".join(rows)


def shown(value: object) -> str:
    """A value as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
    if isinstance(value, tuple):
        return " to ".join(shown(part) for part in value) if len(value) == 2 else ", ".join(shown(part) for part in value)
    return "–" if value is None or str(value) == "" else escape(str(value))


def image_tag(image: ByteArray, description: str) -> str:
    """A picture (H, W, 3) uint8 inside of the page, as JPEG."""
    data = io.BytesIO()
    Image.fromarray(image).save(data, format="JPEG", quality=85)
    text = base64.b64encode(data.getvalue()).decode("ascii")
    return f'<img alt="{escape(description)}" src="data:image/jpeg;base64,{text}">'
