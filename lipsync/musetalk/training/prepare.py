"""Makes MuseTalk's clips of films: `python -m lipsync.musetalk.training.prepare --films FOLDER --out FOLDER`.

Every face of a film is followed; where it is clearly seen for long enough, and large enough that its mouth is sharp, its crops
and what Whisper hears become a clip. The one who is seen is taken to be the one who is heard: where several people are seen or
heard, clips teach wrong things. A minute of film is 460 MB.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
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
from lipsync.musetalk.checkpoint import WEIGHTS, read_whisper
from lipsync.musetalk.crops import POINTS_68, SIDE, CropRule
from lipsync.musetalk.lips import box_rule
from lipsync.musetalk.runner import rows_heard
from lipsync.musetalk.sound import ROWS_PER_S
from lipsync.musetalk.training.dataset import BELOW, FPS, LEAST_FRAMES, write_clip
from media.film_opening import open_film
from media.film_source import FilmSource
from media.sound_reader import read_audio
from neural.device import choose_nvidia
from neural.log_mel import RATE_HZ
from weights.fetch import ensure

FILMS = (".mp4", ".mov", ".mkv", ".webm", ".avi")
#: Pixels of the film that a face's square is high at least, as in the published second stage.
LEAST_FACE_PX = 200
#: The square down to the lowest point of the face, and the points of the lips among the 68.
TO_THE_CHIN, LIPS = CropRule(), np.array(POINTS_68[48:])
CROP_SIDE = round(SIDE * (1 + BELOW))
#: What Whisper hears of a sound (n,) at 16 kHz: (rows, 5, 384).
Hear = Callable[[FloatArray], FloatArray]


def clips_of_film(path: Path, out: Path, hear: Hear, least_px: float = LEAST_FACE_PX) -> int:
    """Write the clips of one film into `out`; returns how many. Raises InputError where it can't be read or has no sound."""
    film = open_film(path)
    with tempfile.TemporaryDirectory() as folder:
        heard = hear(read_audio(film.write_sound(Path(folder) / "sound.wav"), RATE_HZ, 1)[:, 0])
        rows = Path(folder) / "faces"
        rows.mkdir()
        faces = track_faces(film.frames(), film.fps, film.width, film.height, film.count, rows)
        return sum(clips_of_person(film, faces, track, heard, out, least_px) for track in faces.tracks if track.human)


def clips_of_person(film: FilmSource, faces: FilmFaces, track: FaceTrack, heard: FloatArray, out: Path, least_px: float) -> int:
    """Write the clips of one person in a film; returns how many."""
    boxes = places_of(faces, track, box_rule(faces, TO_THE_CHIN)).boxes
    made = 0
    for first, beyond in stretches(np.isfinite(boxes[:, 0]), [int(each) for each in faces.cuts]):
        count = frame_count((beyond - first) / film.fps, FPS)
        heights = boxes[first:beyond, 3] - boxes[first:beyond, 1]
        if count < LEAST_FRAMES or np.median(heights) < least_px:
            continue
        shown = np.minimum(first + (np.arange(count) * (film.fps / FPS) + 0.5).astype(int), beyond - 1)
        begin = round(first / film.fps * ROWS_PER_S)
        rows = heard[begin : begin + round(count / FPS * ROWS_PER_S)]
        if not len(rows):
            continue
        person = f"{film.path.stem}-{track.number}"
        crops = crops_at(film, boxes, shown)
        write_clip(out / f"{person}-{first}", person, crops, CROP_SIDE, numbers_of(track, boxes, shown), rows)
        made += 1
    return made


def numbers_of(track: FaceTrack, boxes: FloatArray, shown: npt.NDArray[np.int64]) -> dict[str, FloatArray]:
    """Heights, poses and mouths of those frames; see `dataset.py`."""
    heights = boxes[shown, 3] - boxes[shown, 1]
    lips = np.asarray(track.landmarks[shown], np.float32)[:, LIPS, :2]
    lips = (lips - lips.mean(axis=1, keepdims=True)) / heights[:, None, None]
    return {"heights": heights, "poses": np.asarray(track.rotation_deg[shown]), "mouths": lips.reshape(len(shown), -1)}


def crops_at(film: FilmSource, boxes: FloatArray, shown: npt.NDArray[np.int64]) -> Iterator[ByteArray]:
    """(320, 320, 3) uint8 RGB of the face, and what is below it, in the film's frames of those numbers, which never fall."""
    first, last = int(shown[0]), int(shown[-1])
    for number, frame in enumerate(film.frames(first, last - first + 1), start=first):
        times = int((shown == number).sum())
        if not times:
            continue
        left, top, right, bottom = boxes[number]
        crop = cut(frame, np.array([left, top, right, bottom + BELOW * (bottom - top)], np.float32), CROP_SIDE)
        yield from [crop] * times


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m lipsync.musetalk.training.prepare", description="Makes clips of films.")
    parser.add_argument("--films", type=Path, required=True, metavar="FOLDER", help="films of people who speak, with sound")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the clips go")
    parser.add_argument(
        "--least-face", type=float, default=LEAST_FACE_PX, metavar="PX", help="height of the smallest faces taken"
    )
    parser.add_argument("--whisper", type=Path, metavar="FILE", help="Whisper tiny's weights; without it the registry's")
    given = parser.parse_args(argv)
    try:
        films = sorted(each for each in given.films.glob("*") if each.suffix.lower() in FILMS)
        if not films:
            raise InputError(as_written(f"{given.films} holds no film ({', '.join(FILMS)})."))
        whisper = read_whisper(given.whisper or ensure(WEIGHTS["whisper"])).to(choose_nvidia())
        for path in films:
            made = clips_of_film(path, given.out, partial(rows_heard, whisper), given.least_face)
            sys.stdout.write(f"{path.name}: {made} clips\n")
    except BelcantoError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
