"""What signing and the invisible mark are worth and cost: `python -m benchmarks.provenance FILM... [--pictures FOLDER] [--json]`.

Of every film a few seconds are marked as every film of ours is, written, and then done to what happens to films: coded anew,
scaled, cropped. Told is in how many the number was found again, in how many of the unmarked ones anything was found, how far the
marked frames are from the plain ones, what the mark costs a frame, and what signing and reading cost a film.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from core.contracts import ByteArray
from media.ffmpeg_run import ffmpeg_path
from media.film_opening import open_film
from media.film_writer import FilmWriter
from media.pictures import load_picture
from provenance.account import Account
from provenance.identity import Identity, new_key_and_chain
from provenance.ledger import new_mark
from provenance.mark.embedding import FilmMark
from provenance.mark.finding import find_mark
from provenance.reading import read_manifest
from provenance.signing import sign_film

#: Frames of each film that are marked, and every how-manyth is looked at afterwards.
FRAMES, EVERY = 100, 3
PICTURE_ENDS = (".jpg", ".jpeg", ".png", ".webp")
#: What is done to a marked film: ffmpeg's arguments.
DONE: dict[str, tuple[str, ...]] = {
    "crf 23": ("-crf", "23"),
    "crf 28": ("-crf", "28"),
    "crf 33": ("-crf", "33"),
    "500 kbit/s": ("-b:v", "500k"),
    "HEVC crf 28": ("-c:v", "libx265", "-x265-params", "log-level=none", "-crf", "28"),
    "0.75, crf 23": ("-vf", "scale=trunc(iw*0.375)*2:trunc(ih*0.375)*2", "-crf", "23"),
    "0.5, crf 23": ("-vf", "scale=trunc(iw*0.25)*2:trunc(ih*0.25)*2", "-crf", "23"),
    "360 rows, crf 28": ("-vf", "scale=-2:360", "-crf", "28"),
    "sides -5 %": ("-vf", "crop=trunc(iw*0.45)*2:trunc(ih*0.45)*2", "-crf", "23"),
    "sides -10 %": ("-vf", "crop=trunc(iw*0.4)*2:trunc(ih*0.4)*2", "-crf", "23"),
    "sides -20 %": ("-vf", "crop=trunc(iw*0.3)*2:trunc(ih*0.3)*2", "-crf", "23"),
    "sides -10 %, 0.75": ("-vf", "crop=trunc(iw*0.4)*2:trunc(ih*0.4)*2,scale=trunc(iw*0.375)*2:-2", "-crf", "23"),
    "full range": ("-vf", "scale=in_range=tv:out_range=pc", "-color_range", "pc", "-crf", "23"),
    "brighter, more contrast": ("-vf", "eq=brightness=0.06:contrast=1.15", "-crf", "23"),
}


class Marking:
    """A `Finisher` that marks alone."""

    def __init__(self, number: str) -> None:
        self.mark = number

    def marker(self, width: int, height: int) -> FilmMark:
        """See `Finisher`."""
        return FilmMark(int(self.mark, 16), width, height)

    def finish(self, part: Path, suffix: str, engines: tuple[str, ...]) -> None:
        """See `Finisher`."""


@dataclass
class Figures:
    """Of one film. psnr_db, ssim: of the marked luma to the plain one. mark_ms, write_ms: of the mark, and of writing the film, a
    frame. sign_s, read_s: of a whole film's signing and reading. found: whether the number was, by what was done to the film.
    """

    film: str
    size: str
    psnr_db: float = 0.0
    ssim: float = 0.0
    mark_ms: float = 0.0
    write_ms: float = 0.0
    sign_s: float = 0.0
    read_s: float = 0.0
    found: dict[str, bool] = field(default_factory=dict)
    falsely_found: bool = False
    search_s: float = 0.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print tables or JSON. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.provenance", description=__doc__)
    parser.add_argument("films", type=Path, nargs="+", metavar="FILM")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="pictures in which no mark may be found")
    parser.add_argument("--frames", type=int, default=FRAMES, help=f"of each film (default {FRAMES})")
    parser.add_argument("--only", nargs="+", choices=DONE, default=list(DONE), metavar="NAME", help="what is done, not all of it")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args(arguments)
    figures = []
    for film in options.films:
        figures.append(figures_of(film, options.frames, options.only))
        print(figures[-1], file=sys.stderr, flush=True)
    pictures = (
        sorted(each for each in options.pictures.iterdir() if each.suffix.lower() in PICTURE_ENDS) if options.pictures else []
    )
    falsely = [each.name for each in pictures if find_mark([load_picture(each).image]) is not None]
    if options.json:
        print(json.dumps({"films": [asdict(each) for each in figures], "pictures": len(pictures), "falsely": falsely}))
    else:
        print("\n".join(table(figures)))
        films = f"{sum(each.falsely_found for each in figures)} of {len(figures)} films"
        print(f"falsely found: {films}, {len(falsely)} of {len(pictures)} pictures")
    return 0


def figures_of(film: Path, count: int, only: Sequence[str]) -> Figures:
    """All of one film: of so many frames, after what is done of that name."""
    source = open_film(film)
    frames = list(islice(source.frames(), count))
    height, width = frames[0].shape[:2]
    told = Figures(film.name, f"{width}x{height}")
    number = new_mark()
    told.psnr_db, told.ssim, told.mark_ms = marked_and_plain(frames, number)
    began_s = time.perf_counter()
    told.falsely_found = find_mark(frames[::EVERY]) is not None
    told.search_s = time.perf_counter() - began_s
    with TemporaryDirectory() as name:
        marked = Path(name) / "marked.mp4"
        told.write_ms = written(frames, source.fps, marked, number)
        for what in only:
            how = DONE[what]
            recoded = Path(name) / "recoded.mp4"
            run_ffmpeg("-i", marked, "-an", *(() if "-c:v" in how else ("-c:v", "libx264")), *how, recoded)
            found = find_mark(every(open_film(recoded).frames()))
            told.found[what] = found is not None and f"{found.number:012x}" == number
        began_s = time.perf_counter()
        sign_film(marked, ".mp4", Account("sing", number=number, marked=True), Identity(*new_key_and_chain()))
        told.sign_s = time.perf_counter() - began_s
        began_s = time.perf_counter()
        assert read_manifest(marked).state == "unchanged"
        told.read_s = time.perf_counter() - began_s
    return told


def marked_and_plain(frames: Sequence[ByteArray], number: str) -> tuple[float, float, float]:
    """PSNR in dB and SSIM of the marked luma to the plain one, and milliseconds of the mark a frame."""
    height, width = frames[0].shape[:2]
    mark, spent_s, errors, likenesses = FilmMark(int(number, 16), width, height), 0.0, [], []
    for frame in frames:
        plain = np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8)
        luma = plain.copy()
        began_s = time.perf_counter()
        mark.mark(luma)
        spent_s += time.perf_counter() - began_s
        errors.append(float(np.mean((luma.astype(np.float32) - plain) ** 2)))
        likenesses.append(ssim(luma, plain))
    return float(10 * np.log10(255**2 / np.mean(errors))), float(np.mean(likenesses)), 1000 * spent_s / len(frames)


def ssim(first: ByteArray, second: ByteArray) -> float:
    """Structural similarity (Wang et al., 2004) of two pictures (H, W) uint8, with a Gaussian window of 1.5 pixels."""
    one, other = first.astype(np.float32), second.astype(np.float32)

    def mean(values: np.ndarray) -> np.ndarray:
        return np.asarray(cv2.GaussianBlur(values, (11, 11), 1.5), np.float32)

    mean_one, mean_other = mean(one), mean(other)
    spread = mean(one * one) - mean_one**2 + mean(other * other) - mean_other**2
    shared = mean(one * other) - mean_one * mean_other
    flat, lively = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    likeness = (2 * mean_one * mean_other + flat) * (2 * shared + lively)
    return float(np.mean(likeness / ((mean_one**2 + mean_other**2 + flat) * (spread + lively))))


def written(frames: Sequence[ByteArray], fps: float, path: Path, number: str) -> float:
    """Write the film with its mark, as recipes do; gives milliseconds a frame."""
    from core.finishing import finishing

    height, width = frames[0].shape[:2]
    began_s = time.perf_counter()
    with finishing(Marking(number)), FilmWriter(path, (width, height), fps, None, duration_s=len(frames) / fps) as writer:
        for frame in frames:
            writer.write(frame)
    return 1000 * (time.perf_counter() - began_s) / len(frames)


def run_ffmpeg(*arguments: object) -> None:
    """Run it; raises CalledProcessError where it fails."""
    subprocess.run([ffmpeg_path(), "-v", "error", "-y", *map(str, arguments)], check=True)


def every(frames: Iterable[ByteArray]) -> Iterator[ByteArray]:
    """Those that are looked at."""
    yield from islice(frames, 0, None, EVERY)


def table(figures: Sequence[Figures]) -> Iterator[str]:
    """The figures as Markdown."""
    yield "| film | size | PSNR, dB | SSIM | mark, ms a frame | of writing | signing, s | reading, s | search, s |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for each in figures:
        share = each.mark_ms / each.write_ms
        yield (
            f"| {each.film} | {each.size} | {each.psnr_db:.1f} | {each.ssim:.4f} | {each.mark_ms:.2f} | {share:.1%} |"
            f" {each.sign_s:.3f} | {each.read_s:.3f} | {each.search_s:.1f} |"
        )
    yield ""
    yield "| what was done | found |"
    yield "|---|---|"
    for what in figures[0].found:
        yield f"| {what} | {sum(each.found[what] for each in figures)} of {len(figures)} |"


if __name__ == "__main__":
    sys.exit(main())
