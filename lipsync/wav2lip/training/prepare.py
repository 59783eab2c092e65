"""Makes clips of films: `python -m lipsync.wav2lip.training.prepare --films FOLDER --out FOLDER`.

Every face of a film is followed; where it is clearly seen for long enough, its crops and the film's sound become a clip. The one
who is seen is taken to be the one who is heard: where several people are seen or heard, clips teach wrong things.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from core.contracts import FloatArray
from faces.tracking.tracks import FaceTrack
from lipsync.crop_places import cut, places_of
from lipsync.training_films import FollowedFilm, crops_at, films_in, followed, shown_at, told
from lipsync.wav2lip.boxes import face_box
from lipsync.wav2lip.lips import SIDE
from lipsync.wav2lip.training.dataset import FPS, LEAST_FRAMES, write_clip
from media.sound_reader import read_audio_blocks
from neural.wav2lip_mel import HOPS_PER_SECOND, SAMPLE_RATE_HZ, mel_spectrogram_of_blocks

BLOCK_SAMPLES = 10 * SAMPLE_RATE_HZ


def clips_of_film(path: Path, out: Path) -> int:
    """Write the clips of one film into `out`; returns how many. Raises InputError where it can't be read or has no sound."""
    with followed(path) as film:
        blocks = read_audio_blocks(film.sound, SAMPLE_RATE_HZ, 1, BLOCK_SAMPLES)
        spectrogram = mel_spectrogram_of_blocks(block[:, 0] for block in blocks)
        return sum(clips_of_person(film, track, spectrogram, out) for track in film.faces.tracks if track.human)


def clips_of_person(film: FollowedFilm, track: FaceTrack, spectrogram: FloatArray, out: Path) -> int:
    """Write the clips of one person in a film; returns how many."""
    boxes = places_of(film.faces, track, face_box).boxes
    made = 0
    for first, _, shown in shown_at(film, boxes, FPS, LEAST_FRAMES):
        count = len(shown)
        begin = round(first / film.film.fps * HOPS_PER_SECOND)
        heard = spectrogram[begin : begin + round(count / FPS * HOPS_PER_SECOND) + 1]
        person = f"{film.film.path.stem}-{track.number}"
        crops = crops_at(film.film, shown, lambda frame, number: cut(frame, boxes[number], SIDE))
        write_clip(out / f"{person}-{first}", person, crops, count, heard)
        made += 1
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m lipsync.wav2lip.training.prepare", description="Makes clips of films.")
    parser.add_argument("--films", type=Path, required=True, metavar="FOLDER", help="films of people who speak, with sound")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the clips go")
    given = parser.parse_args(argv)

    def work() -> None:
        for path in films_in(given.films):
            sys.stdout.write(f"{path.name}: {clips_of_film(path, given.out)} clips\n")

    return told(work)


if __name__ == "__main__":
    raise SystemExit(main())
