"""Makes a film of every portrait with every song, measures each, and puts all on one table and one sheet.

`python -m benchmarks.gallery --portraits DIR --songs DIR --out DIR [--seconds N] [--height H]` writes the films, a report
page for each, `gallery.md`, `gallery.json` and `gallery.png` into the folder. Pictures and songs that are refused are listed with
the sentence that refused them. Beside `NAME_mix.flac`, a `NAME_voice.flac` counts as its true voice and
`NAME_accompaniment.flac` is passed over.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.ending import ends_in_words
from benchmarks.machine import describe_machine
from benchmarks.programs import last_line, run_measured
from core.contracts import ByteArray
from core.errors import BelcantoError, InputError
from core.messages import as_written
from metrics.background import BACKGROUND
from metrics.blinks import BLINKS
from metrics.contact_sheet import ContactSheetSettings, contact_sheet, write_png
from metrics.flicker import FLICKER
from metrics.head_beat import HEAD_BEAT
from metrics.html import html_page
from metrics.likeness import LIKENESS
from metrics.lip_sync import LIP_SYNC, LIP_SYNC_IN_VOICE
from metrics.report import Report, ReportSettings, make_report
from metrics.seam import SEAM
from metrics.sharpness import SHARPNESS
from metrics.silence import SILENCE

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".heic")
SONGS = (".mp3", ".wav", ".flac", ".m4a", ".aac", ".ogg", ".opus")
MIX, VOICE, ACCOMPANIMENT = "_mix", "_voice", "_accompaniment"
#: Frames of each film on the sheet, and the height of its row in pixels.
SHEET_FRAMES = 8
SHEET_CELL_PX = 220


@dataclass(frozen=True)
class Film:
    """One film, or why there is none.

    refused: the sentence that refused portrait or song; empty where a film was made. seconds: wall time. The figures are those of
    `metrics.report` (None where they could not be told): failed names the demands that were not reached.
    """

    portrait: str
    song: str
    refused: str = ""
    seconds: float | None = None
    correlation: float | None = None
    in_voice: float | None = None
    above_shuffled: float | None = None
    lag_ms: float | None = None
    shut_share: float | None = None
    shut_over_rest: float | None = None
    likeness: float | None = None
    swim_px: float | None = None
    new_edges: float | None = None
    contour_edges: float | None = None
    flicker: float | None = None
    sharpness: float | None = None
    head_locking: float | None = None
    head_p_value: float | None = None
    blinks_per_minute: float | None = None
    failed: tuple[str, ...] = ()


@dataclass(frozen=True)
class GallerySettings:
    """How the films are made."""

    #: seconds of each song from its beginning; None: all of it.
    seconds: float | None = None
    #: height of the films in pixels; None: each picture's own.
    height: int | None = None
    #: which face sings in pictures with several, counted from 1; None: such pictures are refused.
    face: int | None = None


def files_of(folder: Path, suffixes: Sequence[str]) -> list[Path]:
    """Files of a folder with one of the suffixes, by name. Raises `InputError` where there is none."""
    found = sorted(path for path in folder.glob("*") if path.suffix.lower() in suffixes) if folder.is_dir() else []
    if not found:
        raise InputError(as_written(f"There is no file with one of the endings {', '.join(suffixes)} in {folder}."))
    return found


def songs_of(folder: Path) -> list[tuple[Path, Path | None]]:
    """(song, its true voice where that lies beside it) of a folder, stems passed over."""
    pairs: list[tuple[Path, Path | None]] = []
    for path in files_of(folder, SONGS):
        if path.stem.endswith((VOICE, ACCOMPANIMENT)):
            continue
        voice = path.with_name(path.stem.removesuffix(MIX) + VOICE + path.suffix)
        pairs.append((path, voice if path.stem.endswith(MIX) and voice.exists() else None))
    return pairs


def sing_arguments(portrait: Path, song: Path, film: Path, settings: GallerySettings) -> list[str]:
    """The command that makes one film."""
    arguments = [sys.executable, "-m", "pipeline", "sing", "--portrait", str(portrait.resolve()), "--song", str(song.resolve())]
    arguments += ["--out", str(film.resolve()), "--json"]
    for name, value in (("--duration", settings.seconds), ("--height", settings.height), ("--face", settings.face)):
        arguments += [name, f"{value:g}"] if value is not None else []
    return arguments


def make_film(portrait: Path, song: Path, voice: Path | None, out: Path, settings: GallerySettings) -> Film:
    """Make and measure one film; a refusal is a result.

    Raises `BelcantoError` where a weight is missing or the program ends in another way.
    """
    video = out / f"{portrait.stem}__{song.stem}.mp4"
    run = run_measured(sing_arguments(portrait, song, video, settings))
    if run.code == InputError.exit_code:
        return Film(portrait.name, song.name, refused=last_line(run.stderr))
    if run.code != 0:
        raise BelcantoError(as_written(f"The film of {portrait.name} with {song.name} failed: {last_line(run.stderr)}"))
    against = ReportSettings(voice=voice, portrait=portrait, face=settings.face, duration_s=settings.seconds)
    try:
        report, evidence = make_report(video, song, against)
    except InputError as error:
        return Film(portrait.name, song.name, refused=f"The film was made but can't be measured: {error}", seconds=run.seconds)
    video.with_suffix(".html").write_text(html_page(report, evidence), encoding="utf-8")
    return measured(portrait.name, song.name, run.seconds, report)


def measured(portrait: str, song: str, seconds: float, report: Report) -> Film:
    """The figures of a report that go into the table."""
    lips = report.of(LIP_SYNC)
    return Film(
        portrait=portrait,
        song=song,
        seconds=seconds,
        correlation=lips.correlation,
        in_voice=report.of(LIP_SYNC_IN_VOICE).correlation,
        above_shuffled=None if lips.correlation is None else lips.correlation - (lips.shuffled_correlation or 0.0),
        lag_ms=lips.lag_ms,
        shut_share=report.of(SILENCE).shut_share,
        shut_over_rest=report.of(SILENCE).over_rest_share,
        likeness=report.of(LIKENESS).film.mean,
        swim_px=report.of(BACKGROUND).film.swim_px,
        new_edges=report.of(SEAM).film.new_edges,
        contour_edges=report.of(SEAM).film.contour_edges,
        flicker=report.of(FLICKER).film.together,
        sharpness=report.of(SHARPNESS).film.mean,
        head_locking=report.of(HEAD_BEAT).locking,
        head_p_value=report.of(HEAD_BEAT).p_value,
        blinks_per_minute=report.of(BLINKS).per_minute,
        failed=tuple(str(verdict.name) for verdict in report.verdicts if verdict.passed is False),
    )


COLUMNS = (
    ("correlation", "voice r", 2),
    ("in_voice", "r in voice", 2),
    ("above_shuffled", "above shuffled", 2),
    ("lag_ms", "lag ms", 0),
    ("shut_share", "shut", 2),
    ("shut_over_rest", "shut over rest", 2),
    ("likeness", "likeness", 2),
    ("swim_px", "swim px", 2),
    ("new_edges", "new edges", 3),
    ("contour_edges", "contour", 2),
    ("flicker", "flicker", 2),
    ("sharpness", "sharp", 2),
    ("head_locking", "beat", 2),
    ("blinks_per_minute", "blinks/min", 0),
)


def markdown(films: Sequence[Film]) -> str:
    """All films as a Markdown table, then those that were refused with their sentences."""
    head = ["portrait", "song", *(title for _, title, _ in COLUMNS), "not reached"]
    lines = [describe_machine().sentence(), "", "| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for film in films:
        if film.refused:
            continue
        values = [(getattr(film, name), digits) for name, _, digits in COLUMNS]
        cells = [f"{value:.{digits}f}" if value is not None else "–" for value, digits in values]
        lines.append("| " + " | ".join([film.portrait, film.song, *cells, "; ".join(film.failed) or "–"]) + " |")
    refusals = sorted({f"- {film.portrait}, {film.song}: {film.refused}" for film in films if film.refused})
    return "\n".join([*lines, *(["", "Refused:", "", *refusals] if refusals else [])]) + "\n"


def big_sheet(films: Sequence[Film], out: Path) -> ByteArray | None:
    """One row of frames for each film, (H, W, 3) uint8; None where there is no film."""
    settings = ContactSheetSettings(frames=SHEET_FRAMES, columns=SHEET_FRAMES, cell_px=SHEET_CELL_PX)
    rows = []
    for film in films:
        video = out / f"{Path(film.portrait).stem}__{Path(film.song).stem}.mp4"
        if not film.refused and video.exists():
            rows.append(contact_sheet(video, settings))
    if not rows:
        return None
    sheet = np.full((sum(row.shape[0] for row in rows), max(row.shape[1] for row in rows), 3), 24, np.uint8)
    top = 0
    for row in rows:
        sheet[top : top + row.shape[0], : row.shape[1]] = row
        top += row.shape[0]
    return sheet


def write_table(films: Sequence[Film], out: Path) -> None:
    """Write the table and the figures."""
    (out / "gallery.md").write_text(markdown(films), encoding="utf-8")
    found = {"machine": asdict(describe_machine()), "films": [asdict(film) for film in films]}
    (out / "gallery.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gallery", description="Every portrait with every song.")
    parser.add_argument("--portraits", type=Path, required=True, metavar="DIR", help="folder of pictures")
    parser.add_argument("--songs", type=Path, required=True, metavar="DIR", help="folder of songs")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for films, pages, table and sheet")
    parser.add_argument("--seconds", type=float, metavar="N", help="seconds of each song (default: all of it)")
    parser.add_argument("--height", type=int, metavar="H", help="height of the films (default: each picture's own)")
    parser.add_argument("--face", type=int, metavar="N", help="which face sings in pictures with several")
    return parser


@ends_in_words("Cancelled; the films made so far are in the folder.")
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 done, 2 unusable input, 3 something missing, 130 cancelled."""
    options = build_parser().parse_args(arguments)
    settings = GallerySettings(options.seconds, options.height, options.face)
    films: list[Film] = []
    portraits, songs = files_of(options.portraits, PICTURES), songs_of(options.songs)
    options.out.mkdir(parents=True, exist_ok=True)
    for portrait in portraits:
        for song, voice in songs:
            films.append(make_film(portrait, song, voice, options.out, settings))
            print(f"{portrait.name}, {song.name}: {films[-1].refused or 'made'}", file=sys.stderr)
            write_table(films, options.out)
    sheet = big_sheet(films, options.out)
    if sheet is not None:
        write_png(sheet, options.out / "gallery.png")
    print(options.out / "gallery.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
