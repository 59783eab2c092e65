"""Does a long film with cuts, two people and a lost face stay in step when it is dubbed, and what memory and time does it take?

    python -m benchmarks.dub_in_step [--portraits A B] [--seconds 60 600] [--height 720] [--json]

A film of the two portraits is made for each length: one speaks, the other speaks, both side by side, nobody (three seconds), the
first again; between them hard cuts. Every frame carries its number as dark and light squares in a corner. It is dubbed by the
command line that people use, both faces, and each frame of the result is asked for its number. Without --portraits the demo
portrait and its mirror image in other colours stand in for two people.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain, cycle, islice, repeat
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile
from PIL import Image

from benchmarks.dub_media import DEMO, OWN_TEXT, own_voices
from benchmarks.ending import ends_in_words
from benchmarks.machine import describe_machine
from benchmarks.programs import last_line, run_measured
from core.contracts import ByteArray
from core.errors import InputError
from core.frame_stream import closing_frames
from core.messages import as_written
from media.media import FilmWriter, open_film, read_frames
from pipeline.film_settings import SongToVideoSettings
from pipeline.text_settings import TextToVideoSettings
from pipeline.text_to_video import text_to_video

FPS = 25.0
#: Squares in which a frame's number stands, and their side in pixels.
BITS, SQUARE_PX = 16, 16
#: How long nobody is seen, in seconds.
NOBODY_S = 3.0
VOICES = ("af_bella", "am_puck")


@dataclass(frozen=True)
class Figure:
    """One length. out_of_step: frames that show another number than theirs. faces, dubbed: people seen, and given other lips."""

    film_s: float
    frames: int
    out_of_step: int
    faces: int
    dubbed: int
    seconds_a_second: float
    following: float
    drawing: float
    tree_mb: float | None


def people(folder: Path, portraits: Sequence[Path], height: int) -> list[Path]:
    """A film of each portrait, speaking."""
    films = []
    for number, (portrait, voice) in enumerate(zip(portraits, VOICES, strict=True)):
        films.append(folder / f"person-{number}.mp4")
        settings = TextToVideoSettings(voice=voice, film=SongToVideoSettings(height=height))
        text_to_video(portrait, OWN_TEXT, films[-1], settings)
    return films


def stand_ins(folder: Path) -> list[Path]:
    """The demo portrait, and its mirror image in other colours."""
    other = folder / "other.png"
    with Image.open(DEMO / "portrait.jpg") as picture:
        Image.fromarray(np.asarray(picture.convert("RGB"))[:, ::-1, [0, 2, 1]]).save(other)
    return [DEMO / "portrait.jpg", other]


def on_stage(frame: ByteArray, width: int) -> ByteArray:
    """A picture in the middle of a wider one, its border columns repeated."""
    space = max(width - frame.shape[1], 0)
    wide = np.pad(frame, ((0, 0), (space // 2, space - space // 2), (0, 0)), mode="edge")
    left = (wide.shape[1] - width) // 2
    return np.ascontiguousarray(wide[:, left : left + width])


def film_frames(films: Sequence[Path], count: int, size: tuple[int, int]) -> Iterator[ByteArray]:
    """So many frames of all shots, each with its number."""
    width, height = size
    nobody, share = round(NOBODY_S * FPS), (count - round(NOBODY_S * FPS)) // 4
    one, other = (cycled(film) for film in films)
    with closing_frames(one, other):
        both = (np.hstack([on_stage(each, width // 2) for each in pair]) for pair in zip(one, other, strict=False))
        shots = (
            islice((on_stage(frame, width) for frame in one), share),
            islice((on_stage(frame, width) for frame in other), share),
            islice(both, share),
            repeat(np.full((height, width, 3), 90, np.uint8), nobody),
            (on_stage(frame, width) for frame in one),
        )
        for number, frame in enumerate(islice(chain.from_iterable(shots), count)):
            yield numbered(frame, number)


def cycled(film: Path) -> Iterator[ByteArray]:
    """The film's frames again and again."""
    for _ in cycle((None,)):
        yield from read_frames(film)


def numbered(frame: ByteArray, number: int) -> ByteArray:
    """The frame with its number in the upper left corner."""
    marked = frame.copy()
    for bit in range(BITS):
        marked[:SQUARE_PX, bit * SQUARE_PX : (bit + 1) * SQUARE_PX] = 235 if number >> bit & 1 else 20
    return marked


def number_of(frame: ByteArray) -> int:
    """The number that a frame carries."""
    middles = frame[SQUARE_PX // 2, SQUARE_PX // 2 : BITS * SQUARE_PX : SQUARE_PX]
    return sum(1 << bit for bit, colour in enumerate(middles) if colour.mean() > 128)


def long_voice(folder: Path, duration_s: float) -> Path:
    """The benchmark's own voices in turn, so long."""
    sounds = [soundfile.read(sound.path, dtype="float32") for sound in own_voices(folder)]
    rate_hz = sounds[0][1]
    wanted = round(duration_s * rate_hz)
    once = np.concatenate([samples for samples, _ in sounds])
    path = folder / "voice.wav"
    soundfile.write(path, np.tile(once, -(-wanted // len(once)))[:wanted], rate_hz)
    return path


def measure(films: Sequence[Path], duration_s: float, height: int, folder: Path) -> Figure:
    """Make the film of that length, dub it, and ask each frame. Raises InputError where the command fails."""
    size, count = (2 * round(height * 16 / 9 / 2), height), round(duration_s * FPS)
    voice, film, out = long_voice(folder, duration_s), folder / "film.mp4", folder / "dubbed.mp4"
    with FilmWriter(film, size, FPS, voice) as writer:
        for frame in film_frames(films, count, size):
            writer.write(frame)
    command = [sys.executable, "-m", "pipeline", "dub", "--film", str(film), "--sound", str(voice), "--out", str(out)]
    ended = run_measured([*command, "--engine", "mesh", "--face", "all", "--no-cache", "--json"])
    if ended.code:
        raise InputError(as_written(last_line(ended.stderr)))
    report = json.loads(last_line(ended.stdout))
    numbers = [number_of(frame) for frame in open_film(out).frames()]
    seconds = report["seconds"]
    return Figure(
        duration_s,
        len(numbers),
        sum(number != index for index, number in enumerate(numbers)) + abs(len(numbers) - count),
        report["faces"],
        len(report["dubbed"]),
        round(seconds["total"] / duration_s, 2),
        round(seconds["faces"] / duration_s, 2),
        round(seconds["frames"] / duration_s, 2),
        ended.tree_mb,
    )


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dub_in_step", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--portraits", nargs=2, type=Path, metavar="P", help="two people's pictures (default: the demo's)")
    parser.add_argument("--seconds", nargs="+", type=float, default=[60.0], metavar="S", help="lengths of the film (default: 60)")
    parser.add_argument("--height", type=int, default=720, metavar="PX", help="of the film (default: 720)")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    options = parser.parse_args(arguments)
    figures = []
    with TemporaryDirectory(prefix="belcanto-step-") as name:
        folder = Path(name)
        films = people(folder, options.portraits or stand_ins(folder), options.height)
        for duration_s in options.seconds:
            figures.append(measure(films, duration_s, options.height, folder))
            if not options.json:
                print(", ".join(f"{key.replace('_', ' ')} {value}" for key, value in asdict(figures[-1]).items()), flush=True)
    machine = describe_machine()
    found = {"machine": asdict(machine), "figures": [asdict(each) for each in figures]}
    print(json.dumps(found) if options.json else machine.sentence())
    return 0


if __name__ == "__main__":
    sys.exit(main())
