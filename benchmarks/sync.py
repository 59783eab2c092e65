"""Is a known offset between sound and lips found, and is nothing said where the sound is another film's, or no lips move?

    python -m benchmarks.sync [--portraits P...] [--films F... [--in-step]] [--offsets-ms -300 ... 300] [--json]

Films of the portraits (default: the demo's) say a sentence each by voices of Kokoro, in step. The sound of each is put off by
each of the offsets. Films of people may be named instead: how far apart they are is unknown, so that each is compared with
its own first measurement, unless `--in-step` says that they are in step. Then all lips are measured under all other films'
sounds, and so is each portrait that is moved about and never opens its mouth.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import soundfile
from PIL import Image, ImageOps

from benchmarks.dub_media import DEMO, HEIGHT_PX
from benchmarks.ending import ends_in_words
from benchmarks.machine import describe_machine
from core.contracts import ByteArray, FloatArray
from faces.tracking.film_tracking import track_faces
from media.media import FilmWriter, open_film
from motion.singing.lips.lip_curves import LIP_RATE_HZ
from pipeline.film_settings import SongToVideoSettings
from pipeline.film_sync import SoundOffset, heard_lips, offset_between, seen_lips
from pipeline.sync_settings import LOOKED_AT_S
from pipeline.text_settings import TextToVideoSettings
from pipeline.text_to_video import text_to_video

OFFSETS_MS = (-300, -200, -100, 0, 100, 200, 300)
#: As near as an offset is to be found, in milliseconds.
NEAR_MS = 40.0
STILL_FPS = 25.0
SAYINGS = (
    ("af_bella", "Good morning, everybody. Today we build a bridge, and a bridge must bear its own weight."),
    ("am_puck", "When the rain stops, could you bring me two apples and a map of the village?"),
    ("bf_emma", "I never thought that I would see the sea again before winter, but here we are."),
    ("bm_george", "Please tell him that the train to London will leave from platform nine, and not before noon."),
    ("af_heart", "My mother moved to Boston, and the big mill became a home for bats."),
    ("am_michael", "Nobody knows why the old clock began to strike at five, or who wound it up."),
    ("bf_alice", "We had potatoes and peas for supper, and afterwards somebody played the violin."),
    ("bm_daniel", "If you walk along the river for an hour, you will come to a house without windows."),
    ("af_sarah", "The doctor wrote five letters, but only one of them was ever answered."),
    ("am_adam", "What a beautiful garden! I wish that we had more time to look at all the flowers."),
)


@dataclass(frozen=True)
class Clip:
    """A film's lips (T, C) as `seen_lips` gives them, and its sound, a file with its length in seconds."""

    name: str
    lips: FloatArray
    fps: float
    sound: Path

    @property
    def duration_s(self) -> float:
        """Length of the pictures."""
        return len(self.lips) / self.fps


@dataclass(frozen=True)
class Figures:
    """What was found.

    near: offsets found within `NEAR_MS`, of `measured`; unknown: not told; wrong: told, but not near. error_ms: median of those
    told. foreign, still: pairs of lips, or of portraits without moving lips, with others' sounds; *_told: that got an offset.
    """

    clips: int
    measured: int
    near: int
    unknown: int
    wrong: int
    error_ms: float
    foreign: int
    foreign_told: int
    still: int
    still_told: int


def own_films(portraits: Sequence[Path], folder: Path) -> Iterator[Path]:
    """Each saying by one of the portraits in turn."""
    height = SongToVideoSettings(height=HEIGHT_PX)
    for portrait, (voice, text) in zip(cycle(portraits), SAYINGS, strict=False):
        film = folder / f"{voice}.mp4"
        text_to_video(portrait, text, film, TextToVideoSettings(voice=voice, film=height))
        yield film


def moved_about(portrait: Path, sound: Path, film: Path, seed: int) -> Path:
    """A film of the portrait that turns and wanders under the sound, its mouth as it is."""
    picture = picture_of(portrait)
    height, width = picture.shape[:2]
    phases = np.random.default_rng(seed).uniform(0, 2 * np.pi, 4)
    with FilmWriter(film, (width, height), STILL_FPS, sound) as writer:
        for frame in range(int(soundfile.info(sound).duration * STILL_FPS)):
            turn, zoom, right, down = np.sin(np.array([1.1, 0.9, 1.7, 2.3]) * frame / STILL_FPS + phases)
            matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 4 * turn, 1 + 0.03 * zoom)
            matrix[:, 2] += 8 * np.array([right, down])
            writer.write(cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE))
    return film


def picture_of(portrait: Path) -> ByteArray:
    """The portrait at the height of the films, with an even width."""
    with Image.open(portrait) as file:
        picture = ImageOps.exif_transpose(file).convert("RGB")
        width = 2 * round(picture.width * HEIGHT_PX / picture.height / 2)
        return np.asarray(picture.resize((width, HEIGHT_PX)))


def clip_of(film: Path, folder: Path) -> Clip:
    """Follow the face that is seen most, and write the sound. Raises InputError where the film can't be read."""
    source = open_film(film, duration_s=LOOKED_AT_S)
    with TemporaryDirectory(dir=folder) as name:
        faces = track_faces(source.frames(), source.fps, source.width, source.height, source.count, Path(name))
        lips = seen_lips(faces.tracks[0])
    return Clip(film.stem, lips, source.fps, source.write_sound(folder / f"{film.stem}.wav"))


def put_off(clip: Clip, late_s: float, path: Path) -> Path:
    """The clip's sound, later by `late_s`, as long as before."""
    sound, rate_hz = soundfile.read(clip.sound, dtype="float32", always_2d=True)
    shift = round(abs(late_s) * rate_hz)
    silence = np.zeros((shift, sound.shape[1]), np.float32)
    moved = np.concatenate([silence, sound])[: len(sound)] if late_s > 0 else np.concatenate([sound[shift:], silence])
    soundfile.write(path, moved, rate_hz)
    return path


def errors_of(clip: Clip, offsets_ms: Sequence[float], in_step: bool, folder: Path) -> list[float | None]:
    """How far off each offset is found, in milliseconds; None where it is not told, or the clip's own is not."""

    def measured(late_ms: float) -> SoundOffset:
        heard = heard_lips(put_off(clip, late_ms / 1000, folder / "put_off.wav"), clip.duration_s)
        return offset_between(heard, clip.lips, clip.fps)

    own = None if in_step else measured(0.0)
    if own is not None and not own.certain:
        return [None for late_ms in offsets_ms if late_ms]
    start_ms = 0.0 if own is None else 1000 * own.offset_s
    found = [(late_ms, measured(late_ms)) for late_ms in offsets_ms if in_step or late_ms]
    return [1000 * offset.offset_s - start_ms - late_ms if offset.certain else None for late_ms, offset in found]


def told_of(clips: Sequence[Clip], sounds: Sequence[Clip]) -> list[bool]:
    """Whether an offset is told, of each clip under each sound of another name."""
    heard = {sound.name: heard_lips(sound.sound, sound.duration_s) for sound in sounds}
    told = []
    for clip in clips:
        for name, curves in heard.items():
            if name != clip.name:
                told.append(offset_between(curves[: round(clip.duration_s * LIP_RATE_HZ)], clip.lips, clip.fps).certain)
    return told


def measure(
    films: Sequence[Path], portraits: Sequence[Path], offsets_ms: Sequence[float], in_step: bool, folder: Path
) -> Figures:
    """All figures of the films and the portraits. Raises InputError where one can't be read."""
    clips = [clip_of(film, folder) for film in films]
    errors = [error for clip in clips for error in errors_of(clip, offsets_ms, in_step, folder)]
    told_ms = np.abs([error for error in errors if error is not None])
    foreign = told_of(clips, clips)
    (folder / "still").mkdir()
    still = []
    for number, portrait in enumerate(portraits):
        film = moved_about(portrait, clips[number % len(clips)].sound, folder / "still" / f"portrait {number}.mp4", number)
        still += told_of([clip_of(film, folder / "still")], clips)
    near = int((told_ms <= NEAR_MS).sum())
    median_ms = round(float(np.median(told_ms)), 1) if len(told_ms) else float("nan")
    unknown = len(errors) - len(told_ms)
    wrong = len(told_ms) - near
    return Figures(len(clips), len(errors), near, unknown, wrong, median_ms, len(foreign), sum(foreign), len(still), sum(still))


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sync", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--portraits", nargs="+", type=Path, default=[DEMO / "portrait.jpg"], metavar="P", help="who speaks")
    parser.add_argument("--films", nargs="+", type=Path, metavar="F", help="films of people who speak, instead of own ones")
    parser.add_argument("--in-step", action="store_true", help="the named films are known to be in step")
    parser.add_argument(
        "--offsets-ms", nargs="+", type=float, default=OFFSETS_MS, metavar="MS", help="by how much sounds are put off"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    options = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="belcanto-sync-") as name:
        folder = Path(name)
        films = options.films or list(own_films(options.portraits, folder))
        figures = measure(films, options.portraits, options.offsets_ms, options.in_step or not options.films, folder)
    machine = describe_machine()
    if options.json:
        print(json.dumps({"machine": asdict(machine), "figures": asdict(figures)}))
        return 0
    print(", ".join(f"{key.replace('_', ' ')} {value}" for key, value in asdict(figures).items()))
    print(machine.sentence())
    return 0


if __name__ == "__main__":
    sys.exit(main())
