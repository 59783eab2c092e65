"""How good dubbed films are: a list of films and sounds, dubbed by each engine, the film's own frames as reference.

`python -m benchmarks.dub [--films F... --sounds S...] [--engines mesh] [--duration 12] [--options="..."] [--keep FOLDER]`
dubs every film with every sound and with its own, by the command line that people use, and prints a line for each (`--json`:
one object). Without --films and --sounds it makes its own (`benchmarks/dub_media.py`), the same for everyone. Controls stand
beside it: the film written anew by the encoder that dubbed films have, under its own sound, and the untouched film under its own
sound 200 ms late. With --keep the films stay, and beside them a page on which people say which they prefer
(`metrics/preference.py`): the film dubbed with its own sound against the film written anew, and, as a hidden control, that one
against itself under a late sound.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from benchmarks.dub_lips import LipFigures, lip_figures
from benchmarks.dub_measures import PictureFigures, compared
from benchmarks.dub_media import Sound, own_films, own_voices
from benchmarks.ending import ends_in_words
from benchmarks.machine import describe_machine
from benchmarks.programs import last_line, run_measured
from core.errors import InputError, MissingError
from core.messages import as_written
from faces.tracking.film_tracking import track_faces
from faces.tracking.tracks import FaceTrack
from media.film_source import FilmSource
from media.media import FilmWriter, open_film
from metrics.likeness import IdentityNetwork
from metrics.preference import FIRST, Pair, page_of

if TYPE_CHECKING:
    from metrics.syncnet import SyncNet

#: By how much the control's sound is late, in seconds.
LATE_S = 0.2
#: What a film that says its own sound is called.
OWN = "own"
QUESTION = "Which film is real: whose lips go with the sound?"


@dataclass(frozen=True)
class Figure:
    """One line of the result.

    seconds: of work for a second of film. tree_mb: most memory of all programs together. Both None for the controls.
    """

    film: str
    sound: str
    engine: str
    lips: LipFigures
    pictures: PictureFigures | None
    seconds: float | None = None
    tree_mb: float | None = None

    def sentence(self) -> str:
        """The line for a person."""
        figures = {**asdict(self.lips), **(asdict(self.pictures) if self.pictures else {})}
        told = [f"{name.replace('_', ' ')} {value:.3g}" for name, value in figures.items() if value is not None]
        cost = [] if self.seconds is None else [f"{self.seconds:.2f} s a second of film, {self.tree_mb or 0:.0f} MB"]
        return f"{self.film} says {self.sound}, {self.engine}: {', '.join([*told, *cost])}"


@dataclass(frozen=True)
class Subject:
    """A film with the face that is dubbed."""

    path: Path
    source: FilmSource
    track: FaceTrack


def measure(
    films: Sequence[Path], sounds: Sequence[Sound], engines: Sequence[str], duration_s: float, more: More
) -> Iterator[Figure]:
    """The figures, a film at a time, the controls first. Raises InputError where a film has no face, or dubbing fails."""
    for film in films:
        with tempfile.TemporaryDirectory(prefix="belcanto-dub-") as name:
            folder = Path(name)
            subject = subject_of(film, duration_s, folder)
            own = [Sound(film, own=True)] if subject.source.has_sound else []
            if own:
                yield from controls(subject, folder, more)
            for sound in (*sounds, *own):
                for engine in engines:
                    yield dubbed(subject, sound, engine, folder, duration_s, more)


@dataclass(frozen=True)
class More:
    """What all films share. options: further ones of `dub`. network: compares faces. syncnet: None leaves its figures
    out. keep: where films stay; None: nowhere."""

    options: Sequence[str] = ()
    network: IdentityNetwork | None = None
    syncnet: SyncNet | None = None
    keep: Path | None = None

    def kept(self, folder: Path) -> Path:
        """The folder of films: the one that stays, or one of this run."""
        return folder if self.keep is None else self.keep


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


def controls(subject: Subject, folder: Path, more: More) -> Iterator[Figure]:
    """The film written anew under its own sound, and the untouched one under its own sound `LATE_S` late."""
    source, sound, late = subject.source, folder / "own.wav", folder / "late.wav"
    samples, rate_hz = soundfile.read(source.write_sound(sound), dtype="float32", always_2d=True)
    delay = np.zeros((round(LATE_S * rate_hz), samples.shape[1]), np.float32)
    soundfile.write(late, np.concatenate([delay, samples])[: len(samples)], rate_hz)
    anew = written(source, sound, more.kept(folder) / f"{subject.path.stem}-anew.mp4")
    figures = compared(source.frames(), anew.frames(), subject.track, more.network)
    track = face_of(anew, folder / "anew")
    lips = lip_figures(track, sound, source.fps, own=subject.track)
    lips = heard_by_syncnet(lips, anew, track, sound, more)
    yield Figure(subject.path.name, "its own", "written anew", lips, figures)
    lips = heard_by_syncnet(lip_figures(subject.track, late, source.fps), source, subject.track, late, more)
    yield Figure(subject.path.name, "its own, 200 ms late", "untouched", lips, None)
    if more.keep is not None:
        written(source, late, more.keep / f"{subject.path.stem}-late.mp4")


def written(source: FilmSource, sound: Path, path: Path) -> FilmSource:
    """The film's own frames as this program writes films."""
    with FilmWriter(path, (source.width, source.height), source.fps, sound, duration_s=source.duration_s) as writer:
        for frame in source.frames():
            writer.write(frame)
    return open_film(path)


def dubbed(subject: Subject, sound: Sound, engine: str, folder: Path, duration_s: float, more: More) -> Figure:
    """Dub the film by the command line, and measure what came out. Raises InputError where the command fails."""
    said = OWN if sound.own else sound.path.stem
    out = more.kept(folder) / f"{subject.path.stem}-{engine}-{said}.mp4"
    command = [sys.executable, "-m", "pipeline", "dub", "--film", str(subject.path), "--sound", str(sound.path)]
    command += ["--out", str(out), "--engine", engine, "--duration", f"{duration_s:g}", "--json", *more.options]
    ended = run_measured(command)
    if ended.code:
        raise InputError(as_written(last_line(ended.stderr)))
    report = json.loads(last_line(ended.stdout))
    source = open_film(out)
    own = open_film(subject.path, duration_s=source.duration_s)
    figures = compared(own.frames(), source.frames(), subject.track, more.network)
    heard = source.write_sound(folder / f"{out.stem}.wav")
    track = face_of(source, folder / out.stem)
    lips = lip_figures(track, heard, source.fps, sound.phonemes, subject.track if sound.own else None)
    lips = heard_by_syncnet(lips, source, track, heard, more)
    cost = report["seconds"]["total"] / report["duration_s"]
    return Figure(subject.path.name, said, engine, lips, figures, cost, ended.tree_mb)


def heard_by_syncnet(lips: LipFigures, source: FilmSource, track: FaceTrack, sound: Path, more: More) -> LipFigures:
    """The figures with what SyncNet thinks of a film, where its file was named."""
    if more.syncnet is None:
        return lips
    from metrics.syncnet import lip_sync_error

    error = lip_sync_error(more.syncnet, source.frames(), track, source.fps, sound)
    return lips if error is None else replace(lips, lse_d=error.lse_d, lse_c=error.lse_c)


def syncnet_of(path: Path | None) -> SyncNet | None:
    """The network of that file. Raises MissingError where it is another one, or torch is not here."""
    if path is None:
        return None
    from metrics.syncnet import read_syncnet

    return read_syncnet(path)


def write_page(keep: Path, films: Sequence[Path], engines: Sequence[str]) -> None:
    """The page of preferences beside the films, and its list of pairs, of films with sound."""
    pairs = []
    for film in films:
        anew, late = f"{film.stem}-anew.mp4", f"{film.stem}-late.mp4"
        if (keep / late).exists():
            pairs += [Pair(f"{film.stem} {engine}", anew, f"{film.stem}-{engine}-{OWN}.mp4") for engine in engines]
            pairs.append(Pair(f"{film.stem} control", anew, late, FIRST))
    if pairs:
        (keep / "pairs.json").write_text(json.dumps([asdict(pair) for pair in pairs], indent=1) + "\n", encoding="utf-8")
        (keep / "page.html").write_text(page_of(pairs, QUESTION), encoding="utf-8")


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dub", description=__doc__)
    parser.add_argument("--films", nargs="+", type=Path, metavar="F", help="films of one speaker each (default: its own)")
    parser.add_argument("--sounds", nargs="+", type=Path, metavar="S", help="what they are to say (default: its own voices)")
    parser.add_argument("--engines", nargs="+", default=["mesh"], metavar="E", help="engines of lips (default: mesh)")
    parser.add_argument("--duration", type=float, default=12.0, metavar="S", help="of each film in seconds (default: 12)")
    parser.add_argument("--options", default="", help="further options of dub, in one string")
    parser.add_argument("--syncnet", type=Path, metavar="FILE", help="the published syncnet_v2.model, for LSE-C and LSE-D")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="films stay here, with a page of preferences")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    options = parser.parse_args(arguments)
    if options.keep is not None:
        options.keep.mkdir(parents=True, exist_ok=True)
    more = More(shlex.split(options.options), identity_network(), syncnet_of(options.syncnet), options.keep)
    figures = []
    with tempfile.TemporaryDirectory(prefix="belcanto-dub-media-") as name:
        films = options.films or own_films(Path(name), options.duration)
        sounds = [Sound(path) for path in options.sounds] if options.sounds else own_voices(Path(name))
        for figure in measure(films, sounds, options.engines, options.duration, more):
            figures.append(figure)
            if not options.json:
                print(figure.sentence(), flush=True)
    if options.keep is not None:
        write_page(options.keep, films, options.engines)
    machine = describe_machine()
    print(
        json.dumps({"machine": asdict(machine), "figures": [asdict(each) for each in figures]})
        if options.json
        else machine.sentence()
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
