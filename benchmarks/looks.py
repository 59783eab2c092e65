"""What vector shapes are worth where a film is drawn larger, beside plain scaling: `python -m benchmarks.looks FILM... [--json]`.

Every film is brought down to half its size and up again by each way: Lanczos, SPAN, and each look, drawn twice as large. Told of
each: error to the film's own frames, sharpness as a part of theirs, flicker where theirs stand still, bytes of the film that it
becomes, and time a frame. The control of steadiness is the same look with every frame traced for itself.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import islice, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from core.contracts import ByteArray
from drawing.resizing import resized
from filters.enhance import enlarge, load_network
from filters.look import LOOKS, LookName, make_tracer
from filters.looks.shapes import draw, to_svg
from media.film_opening import open_film
from media.film_writer import FilmWriter

#: Frames of each film, and up to which change, in levels of 255, a pixel of the film stands still.
FRAMES, STILL_LEVEL = 50, 3.0
TIMES = 2
#: Input tiles of the network, in pixels.
TILE_PX = 256

Way = Callable[[Sequence[ByteArray]], Iterable[ByteArray]]


@dataclass(frozen=True)
class Worth:
    """One way on one film. error: root of the mean squared one, in levels of 255. sharpness: variance of the Laplacian as a part
    of the film's own. flicker: mean change between frames, in levels, where the film's own stand still. kilobytes: of the
    film that the frames become. ms: a frame, of one core's work. svg_kilobytes: of the last frame as SVG; 0: none."""

    film: str
    way: str
    error: float
    sharpness: float
    flicker: float
    kilobytes: float
    ms: float
    svg_kilobytes: float = 0.0


def lanczos(frames: Sequence[ByteArray]) -> Iterable[ByteArray]:
    """Plain scaling."""
    return (resized(frame, TIMES * frame.shape[0], TIMES * frame.shape[1]) for frame in frames)


def span(frames: Sequence[ByteArray]) -> Iterable[ByteArray]:
    """The network that enhances portraits."""
    network = load_network(TIMES, 1)
    return (enlarge(frame, TIMES, network, TILE_PX) for frame in frames)


def steady(look: LookName) -> Way:
    """A look as films have it."""

    def way(frames: Sequence[ByteArray]) -> Iterable[ByteArray]:
        tracer = make_tracer(look)
        return (draw(tracer.trace(frame), TIMES) for frame in frames)

    return way


def for_itself(look: LookName) -> Way:
    """A look, every frame traced for itself."""
    return lambda frames: (draw(make_tracer(look).trace(frame), TIMES) for frame in frames)


def ways() -> dict[str, Way]:
    """All ways by their names."""
    looks: dict[str, Way] = {name: steady(name) for name in LOOKS}
    return {"lanczos": lanczos, "span": span, **looks, "vector, each for itself": for_itself("vector")}


def measure(film: Path, names: Sequence[str], count: int = FRAMES) -> list[Worth]:
    """What each way is worth on a film's first frames. Raises `InputError` where it can't be read."""
    source = open_film(film)
    whole = [frame[: frame.shape[0] // 4 * 4, : frame.shape[1] // 4 * 4].copy() for frame in islice(source.frames(), count)]
    small = [resized(frame, frame.shape[0] // TIMES, frame.shape[1] // TIMES) for frame in whole]
    still = [steady_part(one, two) for one, two in pairwise(whole)]
    return [worth_of(film.stem, name, ways()[name], whole, small, still, source.fps) for name in names]


def worth_of(
    film: str,
    name: str,
    way: Way,
    whole: Sequence[ByteArray],
    small: Sequence[ByteArray],
    still: Sequence[np.ndarray],
    fps: float,
) -> Worth:
    """One way's figures. The frames are held, which is why a film's first ones must do."""
    began = time.process_time()
    made = list(way(small))
    ms = 1000.0 * (time.process_time() - began) / len(made)
    error = float(np.sqrt(np.mean([np.mean((one.astype(float) - two) ** 2) for one, two in zip(made, whole, strict=True)])))
    sharpness = float(np.mean([edges(frame) for frame in made]) / np.mean([edges(frame) for frame in whole]))
    pairs = zip(made[:-1], made[1:], still, strict=True)
    changes = [np.abs(one.astype(float) - two)[where].mean() for one, two, where in pairs if where.any()]
    svg = len(to_svg(make_tracer(name).trace(small[-1]))) / 1000.0 if name in LOOKS else 0.0
    return Worth(film, name, error, sharpness, float(np.mean(changes)) if changes else 0.0, kilobytes(made, fps), ms, svg)


def steady_part(one: ByteArray, two: ByteArray) -> np.ndarray:
    """Where two frames (H, W, 3) are alike, (H, W)."""
    change = cv2.GaussianBlur(np.abs(one.astype(np.float32) - two).max(axis=2), (0, 0), 2.0)
    return np.asarray(change < STILL_LEVEL)


def edges(frame: ByteArray) -> float:
    """Variance of the Laplacian."""
    return float(cv2.Laplacian(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), cv2.CV_32F).var())


def kilobytes(frames: Sequence[ByteArray], fps: float) -> float:
    """How large the film of these frames is."""
    height, width = frames[0].shape[:2]
    with TemporaryDirectory(prefix="belcanto-looks-") as folder:
        path = Path(folder) / "film.mp4"
        with FilmWriter(path, (width, height), fps, None, duration_s=len(frames) / fps) as writer:
            for frame in frames:
                writer.write(frame)
        return path.stat().st_size / 1000.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print, a line a film and way; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.looks", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("films", type=Path, nargs="+", help="films, the larger the better")
    parser.add_argument("--ways", nargs="+", choices=list(ways()), default=list(ways()), help="which (all)")
    parser.add_argument("--frames", type=int, default=FRAMES, help=f"frames of each film ({FRAMES})")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    for film in options.films:
        for worth in measure(film, options.ways, options.frames):
            if options.json:
                print(json.dumps(asdict(worth)), flush=True)
            else:
                print(
                    f"{worth.film:12} {worth.way:24} error {worth.error:6.2f}  sharpness {worth.sharpness:5.2f}"
                    f"  flicker {worth.flicker:5.2f}  {worth.kilobytes:7.0f} kB  {worth.ms:5.0f} ms"
                    f"  SVG {worth.svg_kilobytes:5.0f} kB",
                    flush=True,
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
