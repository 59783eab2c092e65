"""Makes MuseTalk's clips of films: `python -m lipsync.musetalk.training.prepare --films FOLDER --out FOLDER`.

Every face of a film is followed; where it is clearly seen for long enough, and large enough that its mouth is sharp, its crops
and what Whisper hears become a clip. The one who is seen is taken to be the one who is heard: where several people are seen or
heard, clips teach wrong things. A minute of film is 460 MB.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.contracts import ByteArray, FloatArray
from faces.tracking.tracks import FaceTrack
from lipsync.crop_places import cut, places_of
from lipsync.musetalk.checkpoint import WEIGHTS, read_whisper
from lipsync.musetalk.crops import POINTS_68, SIDE, CropRule
from lipsync.musetalk.lips import box_rule
from lipsync.musetalk.runner import rows_heard
from lipsync.musetalk.sound import ROWS_PER_S
from lipsync.musetalk.training.dataset import BELOW, FPS, LEAST_FRAMES, write_clip
from lipsync.training_films import FollowedFilm, crops_at, films_in, followed, shown_at, told
from media.sound_reader import read_audio
from neural.device import choose_nvidia
from neural.log_mel import RATE_HZ
from weights.fetch import ensure

#: Pixels of the film that a face's square is high at least, as in the published second stage.
LEAST_FACE_PX = 200
#: The square down to the lowest point of the face, and the points of the lips among the 68.
TO_THE_CHIN, LIPS = CropRule(), np.array(POINTS_68[48:])
CROP_SIDE = round(SIDE * (1 + BELOW))
#: What Whisper hears of a sound (n,) at 16 kHz: (rows, 5, 384).
Hear = Callable[[FloatArray], FloatArray]


def clips_of_film(path: Path, out: Path, hear: Hear, least_px: float = LEAST_FACE_PX) -> int:
    """Write the clips of one film into `out`; returns how many. Raises InputError where it can't be read or has no sound."""
    with followed(path) as film:
        heard = hear(read_audio(film.sound, RATE_HZ, 1)[:, 0])
        return sum(clips_of_person(film, track, heard, out, least_px) for track in film.faces.tracks if track.human)


def clips_of_person(film: FollowedFilm, track: FaceTrack, heard: FloatArray, out: Path, least_px: float) -> int:
    """Write the clips of one person in a film; returns how many."""
    boxes = places_of(film.faces, track, box_rule(film.faces, TO_THE_CHIN)).boxes
    made = 0
    for first, beyond, shown in shown_at(film, boxes, FPS, LEAST_FRAMES):
        heights = boxes[first:beyond, 3] - boxes[first:beyond, 1]
        begin = round(first / film.film.fps * ROWS_PER_S)
        rows = heard[begin : begin + round(len(shown) / FPS * ROWS_PER_S)]
        if np.median(heights) < least_px or not len(rows):
            continue
        person = f"{film.film.path.stem}-{track.number}"
        crops = crops_at(film.film, shown, lambda frame, number: face_and_below(frame, boxes[number]))
        write_clip(out / f"{person}-{first}", person, crops, CROP_SIDE, numbers_of(track, boxes, shown), rows)
        made += 1
    return made


def numbers_of(track: FaceTrack, boxes: FloatArray, shown: npt.NDArray[np.int64]) -> dict[str, FloatArray]:
    """Heights, poses and mouths of those frames; see `dataset.py`."""
    heights = boxes[shown, 3] - boxes[shown, 1]
    lips = np.asarray(track.landmarks[shown], np.float32)[:, LIPS, :2]
    lips = (lips - lips.mean(axis=1, keepdims=True)) / heights[:, None, None]
    return {"heights": heights, "poses": np.asarray(track.rotation_deg[shown]), "mouths": lips.reshape(len(shown), -1)}


def face_and_below(frame: ByteArray, box: FloatArray) -> ByteArray:
    """(320, 320, 3) uint8 RGB of the face in its box (4,), and what is below it."""
    left, top, right, bottom = box
    return cut(frame, np.array([left, top, right, bottom + BELOW * (bottom - top)], np.float32), CROP_SIDE)


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

    def work() -> None:
        films = films_in(given.films)
        whisper = read_whisper(given.whisper or ensure(WEIGHTS["whisper"])).to(choose_nvidia())
        for path in films:
            made = clips_of_film(path, given.out, partial(rows_heard, whisper), given.least_face)
            sys.stdout.write(f"{path.name}: {made} clips\n")

    return told(work)


if __name__ == "__main__":
    raise SystemExit(main())
