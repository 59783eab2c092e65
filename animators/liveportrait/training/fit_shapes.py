"""Finds what shapes do to LivePortrait's key points: `python -m animators.liveportrait.training.fit_shapes --film FILM`.

Films of people who speak and make faces are looked through: the shapes of a face are what the face tracker reads, the key points
what LivePortrait's motion extractor reads. The fit is written beside the weights, where `sing --engine liveportrait` finds it. A
minute of one lively person is enough; the last fifth of each film is held out, and tells how well the fit foretells it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import get_args

import numpy as np
import numpy.typing as npt

from animators.liveportrait.checkpoint import read_motion, weight_files
from animators.liveportrait.crops import driver_places
from animators.liveportrait.files import folder_of
from animators.liveportrait.fit_file import TRAINING, place_of_fit
from animators.liveportrait.heads import Heads, gathered
from animators.liveportrait.reading import HeadReader, read_heads
from animators.liveportrait.shape_fit import ShapeFit, explained, fitted
from core.contracts import FloatArray
from core.driving import FaceFilm
from core.errors import BelcantoError, InputError
from core.places import call_of
from faces.tracking.film_tracking import track_faces
from faces.tracking.tracks import FaceState, FaceTrack
from media.film_opening import open_film
from media.film_source import FilmSource
from neural.device import CardChoice, choose_dtype, choose_nvidia

#: Faces that must be read, twice as many as there are shapes, and the share of each film that is held out.
LEAST_FACES, HELD_OUT = 104, 0.2
#: Share of the changes in faces held out that a fit must foretell, to be of any use.
LEAST_FORETOLD = 0.1


@dataclass(frozen=True)
class Examples:
    """Faces whose shapes are known: shapes (N, 52), rotation_deg (N, 3) as `Face` has them, heads as the networks read them."""

    shapes: FloatArray
    rotation_deg: FloatArray
    heads: Heads

    def __len__(self) -> int:
        return len(self.shapes)

    def part(self, rows: slice | npt.NDArray[np.int64]) -> Examples:
        """Some of them."""
        heads = Heads(*(getattr(self.heads, each.name)[rows] for each in fields(self.heads)))
        return Examples(self.shapes[rows], self.rotation_deg[rows], heads)


def examples_of(path: Path, reader: HeadReader) -> list[Examples]:
    """The faces of each person who is seen in a film. Raises InputError where it can't be read."""
    film = open_film(path)
    with tempfile.TemporaryDirectory() as name:
        faces = track_faces(film.frames(), film.fps, film.width, film.height, film.count, Path(name))
        return [examples_of_person(film, track, faces.cuts, reader) for track in faces.tracks if track.human]


def examples_of_person(film: FilmSource, track: FaceTrack, cuts: npt.NDArray[np.int64], reader: HeadReader) -> Examples:
    """The faces of one person, where they are clearly seen."""
    seen = np.asarray(track.state) == FaceState.CLEAR
    shown = [track.face(number) if seen[number] else None for number in range(film.count)]
    places = driver_places(shown, [int(cut) for cut in cuts], film.fps)
    face_film = FaceFilm(film.fps, film.count, film.width, film.height, film.frames, track.face)
    heads = read_heads(face_film, places, seen, reader, lambda: None)
    whole = Examples(np.asarray(track.blendshapes), np.asarray(track.rotation_deg), heads)
    return whole.part(np.flatnonzero(seen))


def fit_of_films(films: Sequence[Path], reader: HeadReader) -> tuple[ShapeFit, float]:
    """The fit, and the share of the changes in faces held out that it foretells; a line about each film goes to standard error.

    Raises InputError where there are too few faces, or the fit foretells nothing.
    """
    people = []
    for film in films:
        found = [examples for examples in examples_of(film, reader) if len(examples)]
        sys.stderr.write(f"{film.name}: {sum(map(len, found))} faces\n")
        people += found
    count = sum(len(examples) for examples in people)
    if count < LEAST_FACES:
        raise InputError("animators.liveportrait.too_few_faces", count=count, least=LEAST_FACES)
    edges = [round(len(examples) * (1 - HELD_OUT)) for examples in people]
    learned = joined([examples.part(slice(0, edge)) for examples, edge in zip(people, edges, strict=True)])
    held_out = joined([examples.part(slice(edge, None)) for examples, edge in zip(people, edges, strict=True)])
    share = explained(fitted(*learned), *held_out)
    if share < LEAST_FORETOLD:
        raise InputError("animators.liveportrait.fit_foretells_nothing", share=share, least=LEAST_FORETOLD)
    return fitted(*joined(people)), share


def joined(people: Sequence[Examples]) -> tuple[FloatArray, FloatArray, Heads, npt.NDArray[np.int64]]:
    """All people's examples, and by number whose each is."""
    person = np.repeat(np.arange(len(people)), [len(examples) for examples in people])
    shapes = np.concatenate([examples.shapes for examples in people])
    rotation_deg = np.concatenate([examples.rotation_deg for examples in people])
    return shapes, rotation_deg, gathered([examples.heads for examples in people]), person


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog=call_of(TRAINING), description="Finds what shapes do to LivePortrait's key points.")
    parser.add_argument("--film", type=Path, action="append", required=True, metavar="FILM", help="people who make faces")
    parser.add_argument("--liveportrait-folder", type=Path, metavar="FOLDER", help="of the five files of weights")
    parser.add_argument("--device", choices=get_args(CardChoice), default="auto", help="where the network runs")
    given = parser.parse_args(argv)
    try:
        files = weight_files(folder_of(given.liveportrait_folder))
        device = choose_nvidia(given.device)
        reader = HeadReader(read_motion(files["motion_extractor"]), device, choose_dtype(device, "auto", wide_range=False))
        fit, share = fit_of_films(given.film, reader)
        path = place_of_fit(given.liveportrait_folder, files)
        fit.save(path)
    except BelcantoError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{path}: foretells {share:.0%} of the changes in faces held out\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
