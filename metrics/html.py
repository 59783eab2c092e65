"""The report as one HTML page that needs no other file.

It reads in English; its texts keep their messages, so that the wizard shows it in other languages (`core/message_html.py`).
"""

from __future__ import annotations

import base64
import io
import math
from dataclasses import dataclass, fields, is_dataclass
from html import escape
from pathlib import Path

from PIL import Image

from core.contracts import ByteArray
from core.message_html import START, element
from core.messages import Message, message, number, translatable
from metrics.likeness import FIRST_FRAME
from metrics.plots import STILL_FILM, Plot, svg
from metrics.registry import WithControls, all_metrics
from metrics.report import SEPARATED, Evidence, Report
from metrics.verdict import COLUMNS, Verdict

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: #212121 }
h1, h2 { line-height: 1.2 } table { border-collapse: collapse; margin: .5rem 0 }
th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #e0e0e0; vertical-align: top }
td.number { text-align: right; font-variant-numeric: tabular-nums }
.yes { color: #1b5e20 } .no { color: #b71c1c; font-weight: bold }
img, svg { max-width: 100%; height: auto } figure { display: inline-block; margin: .5rem 0; vertical-align: top }
code { color: #555 }
figcaption { color: #555; font-size: 85% }
.frames figure { width: 15%; min-width: 9rem; margin: 0 .5% } svg { overflow: visible }
section.columns { display: flex; flex-wrap: wrap; gap: 1rem 3rem }
"""
YES, NO = message("metrics.yes"), message("metrics.no")
#: Stands where a value lacks.
NOT_THERE = "–"


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
    title = message("metrics.report_title", title=titles.film or Path(report.video).name)
    figures = "".join(figure(plot.caption, svg(plot)) for plot in plots(report, evidence))
    tables = "".join(f"<div>{element('h2', name)}{record_table(record)}</div>" for name, record in titled(report))
    frames = "".join(figure(said, image_tag(image)) for image, said in evidence.track.thumbnails.pictures(evidence.track.fps))
    verdicts = f"{element('p', evidence.measure.sentence)}{verdict_table(report.verdicts)}"
    return (
        f'<!doctype html>{START}<head><meta charset="utf-8">{element("title", title)}<style>{STYLE}</style></head><body>'
        f"{element('h1', title)}{element('p', intro(report, evidence, titles))}{heading('metrics.verdicts')}{verdicts}"
        f'{heading("metrics.frames")}<section class="frames">{frames}</section>{heading("metrics.over_time")}{figures}'
        f'<section class="columns">{tables}</section></body></html>\n'
    )


def intro(report: Report, evidence: Evidence, titles: Titles) -> Message:
    """What was measured: song, voice, source picture, and how often the face was seen."""
    separated = message("metrics.separated")
    return message(
        "metrics.report_intro",
        song=titles.song or Path(report.song).name,
        voice=separated if report.voice == SEPARATED else Path(report.voice).name,
        picture=titles.portrait or (Path(report.portrait).name if report.portrait else FIRST_FRAME),
        share=100 * report.face_share,
        frames=evidence.facts.frames,
    )


def heading(code: str) -> str:
    """A heading of the second order."""
    return element("h2", message(code))


def plots(report: Report, evidence: Evidence) -> list[Plot]:
    """The plots of all metrics for which there is something to show, by their places."""
    found = [
        (metric.placed(plot.place), plot)
        for metric in all_metrics()
        if metric.plots is not None
        for plot in metric.plots(report, evidence)
    ]
    return [plot for _, plot in sorted(found, key=lambda pair: pair[0])]


def titled(report: Report) -> list[tuple[Message, object]]:
    """(heading, figure) of the metrics that have a table, by their places."""
    shown = sorted(all_metrics(), key=lambda metric: metric.placed(metric.table_place))
    return [(metric.title, report.figures[metric.name]) for metric in shown if metric.title is not None]


def figure(caption: Message, picture: str) -> str:
    """A picture with a line under it."""
    return f"<figure>{picture}{element('figcaption', caption)}</figure>"


def verdict_table(rows: list[Verdict]) -> str:
    """The demands with what was measured."""
    head = "".join(element("th", message(code)) for code in COLUMNS)
    body = ""
    for row in rows:
        name, wanted = element("td", row.name), element("td", row.wanted)
        body += f"<tr>{name}{value_cell(row.value)}{wanted}{reached_cell(row)}</tr>"
    return f"<table><tr>{head}</tr>{body}</table>"


def reached_cell(row: Verdict) -> str:
    """Whether a demand was reached, or why that can't be told."""
    if row.passed is None:
        because = message("metrics.cant_be_told_because", reason=row.reason)
        return element("td", because if row.reason else message("metrics.cant_be_told"))
    return element("td", YES, 'class="yes"') if row.passed else element("td", NO, 'class="no"')


def record_table(record: object) -> str:
    """A record as a table of names and values; one with controls has a column for each of them."""
    if isinstance(record, WithControls):
        columns = [(message("metrics.film"), record.film), (STILL_FILM, record.still)]
        columns += [(record.flaw, record.spoiled)] if record.spoiled is not None else []
        head = "".join(element("th", name) for name, _ in columns)
        records = [values for _, values in columns]
        return f"<table><tr><th></th>{head}</tr>{rows_of(records)}</table>"
    return f"<table>{rows_of([record])}</table>"


def rows_of(records: list[object]) -> str:
    """One row for each field of the records, which are of one kind. Its name is that of the JSON object, in every language."""
    first = records[0]
    assert is_dataclass(first)
    rows = []
    for item in fields(first):
        cells = "".join(value_cell(getattr(record, item.name)) for record in records)
        rows.append(f"<tr><td><code>{escape(item.name)}</code></td>{cells}</tr>")
    return "".join(rows)


def value_cell(value: object) -> str:
    """A cell with a value as a person reads it."""
    said = shown(value)
    return element("td", said, 'class="number"') if isinstance(said, Message) else f'<td class="number">{escape(said)}</td>'


def shown(value: object) -> Message | str:
    """A value as a person reads it; a text where it is the same in every language."""
    if isinstance(value, Message):
        return value if value else NOT_THERE
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, float):
        return number(value, 3 if abs(value) < 10 else 1) if math.isfinite(value) else NOT_THERE
    if isinstance(value, tuple):
        values = [shown(part) for part in value]
        if len(values) == 2:
            return message("metrics.range", low=values[0], high=values[1])
        places = "; ".join(f"{{value_{index}}}" for index in range(len(values)))
        return translatable(places, **{f"value_{index}": each for index, each in enumerate(values)})
    return NOT_THERE if value is None or value == "" else str(value)


def image_tag(image: ByteArray) -> str:
    """A picture (H, W, 3) uint8 inside of the page, as JPEG; what it shows stands under it."""
    data = io.BytesIO()
    Image.fromarray(image).save(data, format="JPEG", quality=85)
    text = base64.b64encode(data.getvalue()).decode("ascii")
    return f'<img alt="" src="data:image/jpeg;base64,{text}">'
