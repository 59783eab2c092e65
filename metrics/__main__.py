"""`python -m metrics sheet|report`: looks at a film, and says in figures how good it is."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from core import contracts
from core.errors import BelcantoError, Cancelled
from core.messages import message
from core.places import call_of
from media.media import check_free_space, check_output, probe_video, whole_file
from metrics.contact_sheet import ContactSheetSettings, contact_sheet, sheet_bytes, write_png
from metrics.verdict import COLUMNS, Verdict

#: A report's page with its plots and its contact sheet.
PAGE_BYTES = 1_000_000


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog=call_of("metrics"), description="How good is a film?")
    commands = parser.add_subparsers(dest="command", required=True)
    sheet = commands.add_parser("sheet", help="write a contact sheet of a film as PNG")
    sheet.add_argument("video", type=Path, help="the film")
    sheet.add_argument("--out", type=Path, required=True, metavar="F.png", help="the sheet")
    sheet.add_argument("--frames", type=int, default=24, metavar="N", help="frames spread evenly over the film (default 24)")
    sheet.add_argument("--at", type=float, nargs="+", default=(), metavar="S", help="times in seconds instead of --frames")
    sheet.add_argument("--columns", type=int, default=6, metavar="N", help="pictures side by side (default 6)")
    sheet.add_argument("--cell", type=int, default=320, metavar="PX", help="longer side of a picture (default 320)")
    sheet.add_argument("--crop", choices=("whole", "face", "mouth"), default="whole", help="what of each frame to show")
    sheet.set_defaults(run=run_sheet)
    report = commands.add_parser("report", help="measure a film against its song")
    report.add_argument("video", type=Path, help="the film")
    report.add_argument("--song", type=Path, metavar="S", help="the song it was made of; the film of a text needs none")
    report.add_argument("--voice", type=Path, metavar="V", help="its voice alone; else taken out of the song")
    report.add_argument("--portrait", type=Path, metavar="P", help="the picture it was made of; else its first frame")
    report.add_argument("--face", type=int, metavar="N", help="which face of the portrait sings, where there are several")
    report.add_argument("--start", type=float, default=0.0, metavar="S", help="second of the song at which the film begins")
    report.add_argument("--duration", type=float, metavar="S", help="seconds of the song that the film takes")
    report.add_argument("--title", metavar="T", help="what the page calls the film, in place of its file's name")
    report.add_argument("--song-title", metavar="T", help="what the page calls the song")
    report.add_argument("--portrait-title", metavar="T", help="what the page calls the source picture")
    report.add_argument("--html", type=Path, metavar="OUT.html", help="write a page with plots and a contact sheet")
    report.add_argument("--json", action="store_true", help="end with one JSON object on stdout, errors too")
    report.set_defaults(run=run_report)
    return parser


def run_sheet(options: argparse.Namespace) -> None:
    """Write the contact sheet and say where it is."""
    check_output(options.out, ".png", (options.video,))
    settings = ContactSheetSettings(options.frames, tuple(options.at), options.columns, options.cell, options.crop)
    check_free_space(options.out.parent, sheet_bytes(probe_video(options.video), settings))
    write_png(contact_sheet(options.video, settings), options.out)
    print(options.out)


def run_report(options: argparse.Namespace) -> None:
    """Measure, print the verdicts or the JSON object, and write the page."""
    from metrics.report import ReportSettings, make_report

    if options.html is not None:
        given = (options.video, options.song, options.voice, options.portrait)
        check_output(options.html, (".html", ".htm"), [path for path in given if path is not None], PAGE_BYTES)
    settings = ReportSettings(options.voice, options.portrait, options.face, options.start, options.duration)
    with progress_bar(Console(stderr=True)) as progress:
        report, evidence = make_report(options.video, options.song, settings, progress)
    if options.html is not None:
        from metrics.html import Titles, html_page

        titles = Titles(options.title, options.song_title, options.portrait_title)
        write_text(options.html, html_page(report, evidence, titles))
    if options.json:
        print(json.dumps(report.as_json(), allow_nan=False))
    else:
        print_verdicts(report.verdicts)
        print(evidence.measure.sentence)


def write_text(path: Path, text: str) -> None:
    """Write a text file, which is there as a whole or not at all. Raises `InputError` where it can't be written."""
    with whole_file(path, "The page") as file:
        file.write(text.encode())


def print_verdicts(verdicts: Sequence[Verdict]) -> None:
    """The demands as a table on stdout."""
    table = Table(*(str(message(code)) for code in COLUMNS))
    words = {True: "yes", False: "NO", None: "can't be judged"}
    for verdict in verdicts:
        value = "" if verdict.value is None else f"{verdict.value:.3f}"
        table.add_row(str(verdict.name), value, str(verdict.wanted), words[verdict.passed])
    Console().print(table)
    for reason in dict.fromkeys(str(verdict.reason) for verdict in verdicts if verdict.reason):
        print(reason)


@contextmanager
def progress_bar(console: Console) -> Iterator[contracts.Progress]:
    """A bar with the time left on the console, as a progress callback."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("report", total=None)
        yield lambda stage, done, total: bar.update(task, description=stage, completed=done, total=total)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 done, 2 unusable input, 3 something missing, 130 cancelled."""
    options = build_parser().parse_args(arguments)
    console = Console(stderr=True)
    try:
        options.run(options)
    except BelcantoError as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        if getattr(options, "json", False):
            print(json.dumps(error.as_json()))
        return error.exit_code
    except KeyboardInterrupt:
        console.print("Cancelled.")
        return Cancelled.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
