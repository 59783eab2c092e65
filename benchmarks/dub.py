"""How good dubbed films are: a list of films and sounds, dubbed by each engine, the film's own frames as reference.

`python -m benchmarks.dub --films F... --sounds S... [--engines mesh] [--duration 6] [--options="..."] [--json]` dubs every film
with every sound by the command line that people use, and prints a line a film. Controls stand beside it: the film untouched under
its own sound, and under its own sound 200 ms late. A sound that names the film itself dubs it with its own sound.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.dub_measures import DubFigures, compared, loudness_db, opening_of, voice_correlation
from benchmarks.ending import ends_in_words
from benchmarks.machine import describe_machine
from benchmarks.programs import last_line, run_measured
from core.errors import InputError, MissingError
from core.messages import as_written
from faces.tracking.film_tracking import track_faces
from faces.tracking.tracks import FaceTrack
from media.film_source import FilmSource
from media.media import open_film
from metrics.likeness import IdentityNetwork

#: By how much the control's sound is late, in seconds.
LATE_S = 0.2


@dataclass(frozen=True)
class Figure:
    """One line of the result.

    seconds: of work for a second of film. tree_mb: most memory of all programs together. Both None for the controls.
    """

    film: str
    sound: str
    engine: str
    figures: DubFigures
    seconds: float | None
    tree_mb: float | None

    def sentence(self) -> str:
        """The line for a person."""
        told = [f"{name.replace('_', ' ')} {value:.3g}" for name, value in asdict(self.figures).items() if value is not None]
        cost = [] if self.seconds is None else [f"{self.seconds:.2f} s a second of film, {self.tree_mb or 0:.0f} MB"]
        return f"{self.film} says {self.sound}, {self.engine}: {', '.join([*told, *cost])}"


@dataclass(frozen=True)
class Subject:
    """A film with the face that is dubbed."""

    path: Path
    source: FilmSource
    track: FaceTrack


def measure(
    films: Sequence[Path], sounds: Sequence[Path], engines: Sequence[str], duration_s: float, options: Sequence[str]
) -> Iterator[Figure]:
    """The figures, a film at a time, the controls first. Raises InputError where a film has no face, or dubbing fails."""
    network = identity_network()
    for film in films:
        with tempfile.TemporaryDirectory(prefix="belcanto-dub-") as name:
            folder = Path(name)
            subject = subject_of(film, duration_s, folder)
            yield from controls(subject, folder, network)
            for sound in sounds:
                for engine in engines:
                    yield dubbed(subject, sound, engine, folder, duration_s, options, network)


def identity_network() -> IdentityNetwork | None:
    """What compares faces; None, said on stderr, where its weights can't be had."""
    try:
        return IdentityNetwork()
    except MissingError as error:
        print(f"No likeness: {error}", file=sys.stderr)
        return None


def subject_of(film: Path, duration_s: float, folder: Path) -> Subject:
    """The film's part with its face that is seen most. Raises InputError where there is none."""
    source = open_film(film, duration_s=duration_s)
    return Subject(film, source, face_of(source, folder / "own"))


def face_of(source: FilmSource, folder: Path) -> FaceTrack:
    """The face that is seen most. Raises InputError where there is none."""
    folder.mkdir()
    faces = track_faces(source.frames(), source.fps, source.width, source.height, source.count, folder)
    if not faces.tracks:
        raise InputError("pipeline.film_without_faces")
    return faces.tracks[0]


def controls(subject: Subject, folder: Path, network: IdentityNetwork | None) -> Iterator[Figure]:
    """The film under its own sound, and under it 200 ms late; none of a film without sound."""
    source = subject.source
    if not source.has_sound:
        return
    sound = source.write_sound(folder / "own.wav")
    tracks = subject.track, subject.track
    untouched = compared(source.frames(), source.frames(), tracks, sound, source.fps, network)
    yield Figure(subject.path.name, "its own", "untouched", untouched, None, None)
    late = loudness_db(sound, source.fps, source.count)
    late[round(LATE_S * source.fps) :] = late[: len(late) - round(LATE_S * source.fps)]
    agrees = voice_correlation(opening_of(subject.track), late)
    figures = DubFigures(agrees, None, None, None, None, None, 0)
    yield Figure(subject.path.name, "its own, 200 ms late", "untouched", figures, None, None)


def dubbed(
    subject: Subject,
    sound: Path,
    engine: str,
    folder: Path,
    duration_s: float,
    options: Sequence[str],
    network: IdentityNetwork | None,
) -> Figure:
    """Dub the film by the command line, and measure what came out. Raises InputError where the command fails."""
    out = folder / f"{engine}-{sound.stem}.mp4"
    command = [sys.executable, "-m", "pipeline", "dub", "--film", str(subject.path), "--sound", str(sound), "--out", str(out)]
    command += ["--engine", engine, "--duration", f"{duration_s:g}", "--json", *options]
    ended = run_measured(command)
    if ended.code:
        raise InputError(as_written(last_line(ended.stderr)))
    report = json.loads(last_line(ended.stdout))
    source = open_film(out)
    own = open_film(subject.path, duration_s=source.duration_s)
    track = face_of(source, folder / out.stem)
    figures = compared(own.frames(), source.frames(), (subject.track, track), out, source.fps, network)
    cost = report["seconds"]["total"] / report["duration_s"]
    return Figure(subject.path.name, sound.name, engine, figures, cost, ended.tree_mb)


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dub", description=__doc__)
    parser.add_argument("--films", nargs="+", type=Path, required=True, metavar="F", help="films of one speaker each")
    parser.add_argument("--sounds", nargs="+", type=Path, required=True, metavar="S", help="what they are to say")
    parser.add_argument("--engines", nargs="+", default=["mesh"], metavar="E", help="engines of lips (default: mesh)")
    parser.add_argument("--duration", type=float, default=6.0, metavar="S", help="of each film in seconds (default: 6)")
    parser.add_argument("--options", default="", help="further options of dub, in one string")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    options = parser.parse_args(arguments)
    figures = []
    for figure in measure(options.films, options.sounds, options.engines, options.duration, shlex.split(options.options)):
        figures.append(figure)
        if not options.json:
            print(figure.sentence(), flush=True)
    machine = describe_machine()
    print(
        json.dumps({"machine": asdict(machine), "figures": [asdict(each) for each in figures]})
        if options.json
        else machine.sentence()
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
