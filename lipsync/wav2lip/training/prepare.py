"""Makes clips of films: `python -m lipsync.wav2lip.training.prepare --films FOLDER --out FOLDER`.

Every face of a film is followed; where it is clearly seen for long enough, its crops and the film's sound become a clip. The one
who is seen is taken to be the one who is heard: where several people are seen or heard, clips teach wrong things.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.contracts import ByteArray, FloatArray
from core.errors import BelcantoError, InputError
from core.messages import as_written
from core.timebase import frame_count
from faces.tracking.film_tracking import track_faces
from faces.tracking.tracks import FaceTrack, FilmFaces
from lipsync.crop_places import cut, places_of, stretches
from lipsync.wav2lip.boxes import face_box
from lipsync.wav2lip.lips import SIDE
from lipsync.wav2lip.training.dataset import FPS, LEAST_FRAMES, write_clip
from media.film_opening import open_film
from media.film_source import FilmSource
from media.sound_reader import read_audio_blocks
from neural.wav2lip_mel import HOPS_PER_SECOND, SAMPLE_RATE_HZ, mel_spectrogram_of_blocks

FILMS = (".mp4", ".mov", ".mkv", ".webm", ".avi")
BLOCK_SAMPLES = 10 * SAMPLE_RATE_HZ


def clips_of_film(path: Path, out: Path) -> int:
    """Write the clips of one film into `out`; returns how many. Raises InputError where it can't be read or has no sound."""
    film = open_film(path)
    with tempfile.TemporaryDirectory() as folder:
        sound = film.write_sound(Path(folder) / "sound.wav")
        spectrogram = mel_spectrogram_of_blocks(
            block[:, 0] for block in read_audio_blocks(sound, SAMPLE_RATE_HZ, 1, BLOCK_SAMPLES)
        )
        rows = Path(folder) / "faces"
        rows.mkdir()
        faces = track_faces(film.frames(), film.fps, film.width, film.height, film.count, rows)
        return sum(clips_of_person(film, faces, track, spectrogram, out) for track in faces.tracks if track.human)


def clips_of_person(film: FilmSource, faces: FilmFaces, track: FaceTrack, spectrogram: FloatArray, out: Path) -> int:
    """Write the clips of one person in a film; returns how many."""
    boxes = places_of(faces, track, face_box).boxes
    made = 0
    for first, beyond in stretches(np.isfinite(boxes[:, 0]), [int(each) for each in faces.cuts]):
        count = frame_count((beyond - first) / film.fps, FPS)
        if count < LEAST_FRAMES:
            continue
        shown = np.minimum(first + (np.arange(count) * (film.fps / FPS) + 0.5).astype(int), beyond - 1)
        begin = round(first / film.fps * HOPS_PER_SECOND)
        heard = spectrogram[begin : begin + round(count / FPS * HOPS_PER_SECOND) + 1]
        person = f"{film.path.stem}-{track.number}"
        write_clip(out / f"{person}-{first}", person, crops_at(film, boxes, shown), count, heard)
        made += 1
    return made


def crops_at(film: FilmSource, boxes: FloatArray, shown: npt.NDArray[np.int64]) -> Iterator[ByteArray]:
    """(96, 96, 3) uint8 RGB of the face in the film's frames of those numbers, which never fall."""
    first, last = int(shown[0]), int(shown[-1])
    for number, frame in enumerate(film.frames(first, last - first + 1), start=first):
        crop = cut(frame, boxes[number], SIDE) if number in shown else None
        for _ in range(int((shown == number).sum())):
            assert crop is not None
            yield crop


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m lipsync.wav2lip.training.prepare", description="Makes clips of films.")
    parser.add_argument("--films", type=Path, required=True, metavar="FOLDER", help="films of people who speak, with sound")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the clips go")
    given = parser.parse_args(argv)
    try:
        films = sorted(each for each in given.films.glob("*") if each.suffix.lower() in FILMS)
        if not films:
            raise InputError(as_written(f"{given.films} holds no film ({', '.join(FILMS)})."))
        for path in films:
            sys.stdout.write(f"{path.name}: {clips_of_film(path, given.out)} clips\n")
    except BelcantoError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
