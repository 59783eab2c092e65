"""Does a portrait do what a person in a film does? Openings, turns and gaze of both, by tracking the result again.

    python -m benchmarks.transfer [--portraits P...] [--driving F...] [--engine mesh] [--seconds 8] [--height 512] [--out FOLDER]
    python -m benchmarks.transfer --speed [--driving F] [--durations 10 60]
    python -m benchmarks.transfer --gains [--portraits P...]

Each portrait follows each driver through the whole recipe, and its film is tracked as the driver's was. Of every measure that the
driver moves it tells the correlation with the driver's, the lag, how much of the movement is seen again, and for controls the
correlation with another driver and with the driver's own blocks shuffled. Likeness is the mean cosine with the portrait's face;
beside it stands that of the driver with the own neutral face, which changes with every expression, too. Without --driving the
drivers are drawn: the demo portrait that speaks, and that sings. --out keeps the films, and a sheet of each under its driver.
--speed makes driving films of these durations, follows them by the command line and tells time and memory. --gains tells how
much of each shape that the mesh engine draws is seen again by the tracker (`motion/driving/shape_fit.py`).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from benchmarks.dub_media import DEMO, own_films
from benchmarks.ending import ends_in_words
from benchmarks.machine import describe_machine
from benchmarks.programs import last_line, run_measured
from benchmarks.transfer_films import Seen, looked_at, portrait_face, sheet
from benchmarks.transfer_gains import gains_of
from benchmarks.transfer_measures import WANTED, Agreement, agreements
from core.errors import InputError
from core.messages import as_written
from media.film_opening import open_film
from media.film_writer import FilmWriter
from metrics.likeness import IdentityNetwork
from pipeline.engine_list import ENGINES
from pipeline.film_settings import SongToVideoSettings
from pipeline.transfer import transfer
from pipeline.transfer_settings import TransferSettings


@dataclass(frozen=True)
class Followed:
    """A portrait that followed a driver. likeness, own_likeness: of the portrait's film with the portrait, and of the driver's
    with the own neutral face. flicker, own_flicker: of skin patches, in levels of 255, of both films."""

    portrait: str
    driver: str
    engine: str
    frames: int
    agreements: tuple[Agreement, ...]
    likeness: float
    own_likeness: float
    flicker: float | None
    own_flicker: float | None

    def sentence(self) -> str:
        """In a line, and one more for each measure."""
        told = [
            f"{self.portrait} after {self.driver}, {self.engine}, {self.frames} frames: likeness {self.likeness:.2f} "
            f"(the driver's {self.own_likeness:.2f}), flicker {self.flicker or 0:.2f} (the driver's {self.own_flicker or 0:.2f})"
        ]
        return "\n".join([*told, *(f"    {each.sentence()}" for each in self.agreements if each.correlation is not None)])


@dataclass(frozen=True)
class Speed:
    """A driving film of that length, followed. total, faces, frames: seconds of work a second of film, in all, for following the
    driver's face and for drawing. tree_mb: most memory."""

    film_s: float
    total: float
    faces: float
    frames: float
    processor: float
    tree_mb: float | None

    def sentence(self) -> str:
        """In one line."""
        memory = "unknown" if self.tree_mb is None else f"{self.tree_mb:.0f} MB"
        return (
            f"{self.film_s:.0f} s: {self.total:.2f} s a second of film (faces {self.faces:.2f}, frames {self.frames:.2f}, "
            f"of processor {self.processor:.2f}), most memory {memory}"
        )


def follow(portrait: Path, driving: Path, options: argparse.Namespace, folder: Path) -> Path:
    """The film of a portrait that follows a driver."""
    film = SongToVideoSettings(engine=options.engine, height=options.height)
    settings = TransferSettings(sound="none", start_s=options.start, duration_s=options.seconds, film=film)
    out = folder / f"{portrait.stem}-{driving.stem}-{options.engine}.mp4"
    transfer(portrait, driving, out, settings)
    return out


def measured(options: argparse.Namespace, folder: Path) -> list[Followed]:
    """Every portrait after every driver. Raises InputError where no face is found again."""
    network = IdentityNetwork()
    films = options.driving or own_films(folder, options.seconds)
    drivers = [looked_at(film, folder, network, None, options.start, options.seconds) for film in films]
    kept = options.out or folder
    kept.mkdir(parents=True, exist_ok=True)
    found = []
    for portrait in options.portraits:
        face = portrait_face(portrait, network)
        for number, (film, driver) in enumerate(zip(films, drivers, strict=True)):
            drawn = looked_at(out := follow(portrait, film, options, kept), folder, network, face)
            Image.fromarray(sheet(driver, drawn)).save(out.with_suffix(".png"))
            other = drivers[(number + 1) % len(drivers)] if len(drivers) > 1 else None
            found.append(compared(portrait.stem, film.stem, options.engine, driver, drawn, other))
            if not options.json:
                print(found[-1].sentence(), flush=True)
    return found


def compared(portrait: str, film: str, engine: str, driver: Seen, drawn: Seen, other: Seen | None) -> Followed:
    """The figures of one film."""
    figures = agreements(driver.series, drawn.series, None if other is None else other.series, driver.fps)
    return Followed(
        portrait, film, engine, drawn.frames, tuple(figures), drawn.likeness, driver.likeness, drawn.flicker, driver.flicker
    )


def summary(found: Sequence[Followed]) -> str:
    """Mean and least correlation of each measure over all films, and what was reached."""
    lines = []
    for measure in WANTED:
        told = [each for film in found for each in film.agreements if each.measure == measure and each.correlation is not None]
        if told:
            values, lags = [each.correlation or 0.0 for each in told], [abs(each.lag_frames or 0.0) for each in told]
            reached = sum(bool(each.reached) for each in told)
            lines.append(
                f"{measure:12s} mean {np.mean(values):.2f}, least {min(values):.2f}, lag at most {max(lags):.1f} frames; "
                f"{reached} of {len(told)} reach {WANTED[measure][0]}"
            )
    likeness = [film.likeness for film in found]
    lines.append(f"likeness mean {np.mean(likeness):.2f}, least {min(likeness):.2f}")
    return "\n".join(lines)


def speeds(options: argparse.Namespace, folder: Path) -> list[Speed]:
    """Driving films of several lengths, by the command line that people use. Raises InputError where it fails."""
    source = open_film((options.driving or own_films(folder, 10.0))[0])
    found = []
    for duration_s in options.durations:
        film, out = folder / f"driving-{duration_s:g}.mp4", folder / "out.mp4"
        frames = (frame for _ in cycle((None,)) for frame in source.frames())
        with FilmWriter(film, (source.width, source.height), source.fps, None, duration_s=duration_s) as writer:
            for frame in islice(frames, round(duration_s * source.fps)):
                writer.write(frame)
        command = [sys.executable, "-m", "pipeline", "transfer", "--portrait", str(options.portraits[0]), "--driving", str(film)]
        given = ["--engine", options.engine, "--height", str(options.height), "--sound", "none", "--no-cache", "--json"]
        ended = run_measured([*command, "--out", str(out), *given])
        if ended.code:
            raise InputError(as_written(last_line(ended.stderr)))
        seconds = json.loads(last_line(ended.stdout))["seconds"]
        parts = (seconds["total"], seconds["faces"], seconds["frames"], ended.processor_seconds)
        total, followed, drawn, processor = (round(part / duration_s, 3) for part in parts)
        found.append(Speed(duration_s, total, followed, drawn, processor, ended.tree_mb))
        if not options.json:
            print(found[-1].sentence(), flush=True)
    return found


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.transfer", description=(__doc__ or "").splitlines()[0])
    demo = [DEMO / "portrait.jpg"]
    parser.add_argument("--portraits", nargs="+", type=Path, default=demo, metavar="P", help="pictures (default: the demo's)")
    parser.add_argument("--driving", nargs="+", type=Path, metavar="F", help="films of one person (default: drawn ones)")
    parser.add_argument("--engine", choices=ENGINES, default="mesh", help="what draws (default: mesh)")
    parser.add_argument("--start", type=float, default=0.0, metavar="S", help="of the part of each film (default: 0)")
    parser.add_argument("--seconds", type=float, default=8.0, metavar="S", help="of each film (default: 8)")
    parser.add_argument("--height", type=int, default=512, metavar="PX", help="of the drawn films (default: 512)")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where films and sheets are kept")
    parser.add_argument("--speed", action="store_true", help="how long it takes, and what memory")
    parser.add_argument("--durations", nargs="+", type=float, default=[10.0, 60.0], metavar="S", help="for --speed")
    parser.add_argument("--gains", action="store_true", help="how much of each drawn shape is seen again")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    return parser.parse_args(arguments)


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; see the module."""
    options, machine = parsed(arguments), describe_machine()
    with TemporaryDirectory(prefix="belcanto-transfer-") as name:
        folder = Path(name)
        if options.gains:
            gains = gains_of(options.portraits)
            print(json.dumps(gains) if options.json else "\n".join(f"{shape:20s} {gain:.2f}" for shape, gain in gains.items()))
            return 0
        if options.speed:
            figures = [asdict(each) for each in speeds(options, folder)]
        else:
            found = measured(options, folder)
            figures = [asdict(each) for each in found]
            if not options.json:
                print(summary(found))
    print(json.dumps({"machine": asdict(machine), "figures": figures}) if options.json else machine.sentence())
    return 0


if __name__ == "__main__":
    sys.exit(main())
