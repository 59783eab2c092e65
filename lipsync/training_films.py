"""What the trainings of lips share: films of a folder, followed and cut into pictures of faces, and people held out of clips."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from core.contracts import ByteArray, FloatArray
from core.errors import BelcantoError, InputError
from core.messages import as_written
from core.timebase import frame_count
from faces.tracking.film_tracking import track_faces
from faces.tracking.tracks import FilmFaces
from lipsync.crop_places import stretches
from media.film_opening import open_film
from media.film_source import FilmSource

FILMS = (".mp4", ".mov", ".mkv", ".webm", ".avi")


class OfPerson(Protocol):
    """A clip that knows who is in it."""

    @property
    def person(self) -> str: ...


Some = TypeVar("Some", bound=OfPerson)


@dataclass(frozen=True)
class FollowedFilm:
    """A film with its faces, and its sound as a file that begins with the first frame. They are there as long as the block."""

    film: FilmSource
    faces: FilmFaces
    sound: Path


def films_in(folder: Path) -> list[Path]:
    """The films of a folder, by their names. Raises InputError where there is none."""
    films = sorted(each for each in folder.glob("*") if each.suffix.lower() in FILMS)
    if not films:
        raise InputError(as_written(f"{folder} holds no film ({', '.join(FILMS)})."))
    return films


@contextmanager
def followed(path: Path) -> Iterator[FollowedFilm]:
    """The film, looked through once. Raises InputError where it can't be read or has no sound."""
    film = open_film(path)
    with tempfile.TemporaryDirectory() as name:
        sound, rows = film.write_sound(Path(name) / "sound.wav"), Path(name) / "faces"
        rows.mkdir()
        yield FollowedFilm(film, track_faces(film.frames(), film.fps, film.width, film.height, film.count, rows), sound)


def shown_at(
    film: FollowedFilm, boxes: FloatArray, fps: float, least_frames: int
) -> Iterator[tuple[int, int, npt.NDArray[np.int64]]]:
    """Where a face's boxes (T, 4) are known without a gap, within a shot, for so many frames at `fps` at least.

    (first, beyond the last, (n,) the film's frame that is shown at each of the clip's).
    """
    for first, beyond in stretches(np.isfinite(boxes[:, 0]), [int(each) for each in film.faces.cuts]):
        count = frame_count((beyond - first) / film.film.fps, fps)
        if count >= least_frames:
            shown = first + (np.arange(count) * (film.film.fps / fps) + 0.5).astype(int)
            yield first, beyond, np.minimum(shown, beyond - 1)


def crops_at(film: FilmSource, shown: npt.NDArray[np.int64], crop: Callable[[ByteArray, int], ByteArray]) -> Iterator[ByteArray]:
    """What `crop` makes of the film's frames of those numbers, which never fall; a frame that is shown twice is cropped once."""
    first, last = int(shown[0]), int(shown[-1])
    for number, frame in enumerate(film.frames(first, last - first + 1), start=first):
        if times := int((shown == number).sum()):
            yield from [crop(frame, number)] * times


def apart(clips: Sequence[Some], held_out: Iterable[str]) -> tuple[list[Some], list[Some]]:
    """Clips to learn from, and those of the people that are held out."""
    strangers = set(held_out)
    return [clip for clip in clips if clip.person not in strangers], [clip for clip in clips if clip.person in strangers]


def told(work: Callable[[], object]) -> int:
    """Do the work of a command and print what it gives, if anything; the exit code, 2 with a sentence where it fails."""
    try:
        if (said := work()) is not None:
            sys.stdout.write(f"{said}\n")
    except BelcantoError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0
