"""Does the first film wait for what the second one finds ready? The demo film twice, as after a fresh installation.

`python -m benchmarks.first_film [--portrait P] [--song S] [--duration 10] [--height 512] [--unprepared] [--json]` begins
with empty caches of compiled code and of fonts and with the published model files alone, runs `python -m pipeline.prepare` as
`make run` does, and makes two films with `--no-cache`. `--unprepared` leaves the preparation out. Not for Windows.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.ending import ends_in_words
from benchmarks.machine import Machine, describe_machine
from benchmarks.programs import last_line, run_measured
from benchmarks.sing import DEMO, sing_arguments
from core.errors import InputError
from core.messages import as_written
from weights.fetch import ensure, weights_dir
from weights.registry import registry

#: What the project aims at: the first film's time over the second's.
TARGET_RATIO = 1.2


@dataclass(frozen=True)
class ProgramRun:
    """A program that ran: seconds, seconds of all processors, and those of each stage as it told."""

    seconds: float
    processor_s: float
    stages: dict[str, float]


@dataclass(frozen=True)
class FirstFilm:
    """The preparation, and once more when there is nothing to do (None where it was left out), and both films."""

    prepared: ProgramRun | None
    again: ProgramRun | None
    first: ProgramRun
    second: ProgramRun

    @property
    def ratio(self) -> float:
        """The first film's time over the second's."""
        return self.first.seconds / self.second.seconds

    @property
    def processor_ratio(self) -> float:
        """The same of the processors' time, which others on the machine disturb less."""
        return self.first.processor_s / self.second.processor_s


def fresh_installation(folder: Path) -> dict[str, str]:
    """The environment of a machine on which nothing has run yet, in an empty folder. Raises `MissingError` where a weight is."""
    places = {
        "BELCANTO_WEIGHTS_DIR": "weights",
        "BELCANTO_CACHE_DIR": "stages",
        "NUMBA_CACHE_DIR": "numba",
        "MPLCONFIGDIR": "fonts",
    }
    environment = {name: str(folder / place) for name, place in places.items()}
    for path in environment.values():
        Path(path).mkdir()
    for weight in registry().values():
        if weight.default:
            ensure(weight.name)
            (folder / "weights" / weight.file).symlink_to((weights_dir() / weight.file).resolve())
    return environment


def timed(arguments: Sequence[str], environment: dict[str, str]) -> ProgramRun:
    """Run a program. Raises `InputError` with its last sentence where it fails."""
    run = run_measured([sys.executable, *arguments], environment)
    if run.code != 0:
        raise InputError(as_written(f"`python {' '.join(arguments[:3])}` failed: {last_line(run.stderr)}"))
    told = run.stdout.strip().splitlines()
    return ProgramRun(run.seconds, run.processor_seconds, json.loads(told[-1])["seconds"] if told else {})


def measure(portrait: Path, song: Path, duration_s: float, height: int, prepared: bool) -> FirstFilm:
    """Prepare, and make both films. Raises `InputError` or `MissingError` with a sentence where that fails."""
    with tempfile.TemporaryDirectory(prefix="belcanto-benchmark-") as name:
        folder = Path(name)
        environment = fresh_installation(folder)
        once, again = (timed(["-m", "pipeline.prepare"], environment) if prepared else None for _ in range(2))
        arguments = sing_arguments(portrait.resolve(), song.resolve(), folder / "film.mp4", height)
        arguments += ["--duration", f"{duration_s:g}", "--no-cache"]
        return FirstFilm(once, again, timed(arguments, environment), timed(arguments, environment))


def table(found: FirstFilm, machine: Machine) -> str:
    """The figures in Markdown."""
    names = list(found.second.stages)
    lines = [machine.sentence(), "", f"| film | whole s | processor s | {' | '.join(names)} |", "|" + " --- |" * (3 + len(names))]
    for name, film in (("first", found.first), ("second", found.second)):
        cells = [film.seconds, film.processor_s, *(film.stages.get(key, 0.0) for key in names)]
        lines.append(f"| {name} | " + " | ".join(f"{cell:.1f}" for cell in cells) + " |")
    lines.append("")
    if found.prepared and found.again:
        once = f"{found.prepared.seconds:.1f} s, {found.prepared.processor_s:.1f} s of the processors"
        lines.append(f"- preparation: {once}; once more, with nothing to do: {found.again.seconds:.2f} s")
    reached = "yes" if found.ratio <= TARGET_RATIO else "no"
    lines.append(f"- first over second: {found.ratio:.2f}; at most {TARGET_RATIO:g}: {reached}")
    return "\n".join([*lines, f"- by the processors' time: {found.processor_ratio:.2f}"])


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.first_film", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--portrait", type=Path, default=DEMO / "portrait.jpg", metavar="P", help="default: the demo's")
    parser.add_argument("--song", type=Path, default=DEMO / "song.mp3", metavar="S", help="default: the demo's")
    parser.add_argument("--duration", type=float, default=10.0, metavar="S", help="seconds of the song (default 10)")
    parser.add_argument("--height", type=int, default=512, metavar="PX", help="height of the films (default 512)")
    parser.add_argument("--unprepared", action="store_true", help="leave `python -m pipeline.prepare` out")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout")
    return parser


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns its exit code: 0 done, 2 unusable input, 3 something missing, 130 cancelled."""
    options = build_parser().parse_args(arguments)
    machine = describe_machine()
    found = measure(options.portrait, options.song, options.duration, options.height, not options.unprepared)
    if options.json:
        print(
            json.dumps(
                {
                    "machine": asdict(machine),
                    "films": asdict(found),
                    "ratio": found.ratio,
                    "processor_ratio": found.processor_ratio,
                }
            )
        )
    else:
        print(table(found, machine))
    return 0


if __name__ == "__main__":
    if os.name == "nt":
        sys.exit("The benchmark needs os.wait4, which Windows lacks.")
    sys.exit(main())
