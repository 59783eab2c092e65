"""How fast the anime engine is: the networks, asked once a drawing, and the frames, drawn one by one.

`python -m benchmarks.anime DRAWING [--song SONG --voice VOICE --start 3 --style auto --seed 100] [--durations 10] [--height 512]
[--poses 34] [--expressions 60] [--further 16] [--compare] [--json]` renders films without encoding them, each in a process of its
own: for every length the first one of the drawing, which asks the networks, a second one, for which their answers are kept and
only a few of its own poses are asked for, and one that asks for none. Without a song the head sways and the mouth sings made-up
vowels. With --compare some of the frames are drawn exactly besides, the networks asked for each of their poses, and it says how
far the others are from those: best by a song of which no key pose comes.

docs/RESULTS.md has the figures.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import math
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.ending import ends_in_words
from benchmarks.machine import describe_machine
from benchmarks.programs import last_line, run_measured
from core.contracts import BLENDSHAPE_INDEX, ByteArray, Keep, Motion, Portrait
from core.timebase import frame_count, frame_times_s
from media.pictures import load_picture
from motion.singing.runner import SingingSettings, analyse, perform

FPS = 25.0
#: The films of each length, in turn, and what is added to their options.
FILMS: dict[str, tuple[str, ...]] = {"first": (), "prepared": (), "prepared, no network asked": ("--further", "0")}
#: Frames that are drawn exactly, for comparison.
COMPARED = 12


@dataclass(frozen=True)
class Run:
    """One film: seconds of wall and processor time until the first frame, and of all frames after it; networks' answers asked
    for; the most memory of its process in 10^6 bytes, where the system tells.
    """

    duration_s: float
    frames: int
    answers: int
    prepare_s: float
    prepare_processor_s: float
    frames_s: float
    frames_processor_s: float
    peak_mb: float | None = None
    name: str = ""

    def line(self) -> str:
        """The run as text."""
        each_ms, busy_ms = (1000 * value / max(1, self.frames - 1) for value in (self.frames_s, self.frames_processor_s))
        return (
            f"{self.duration_s:6.1f} s of song, {self.name}: {self.prepare_s:6.1f} s"
            f" ({self.prepare_processor_s:.1f} s of processor) to the first frame, {self.answers} answers of networks;"
            f" {self.frames} frames, {each_ms:.0f} ms each ({busy_ms:.0f} of processor); {self.peak_mb or math.nan:.0f} MB"
        )


def kept_in(folder: Path) -> Keep:
    """Keeps in a folder what is made of a drawing."""

    def keep(choices: Mapping[str, object], make: Callable[[Path], None]) -> Path:
        entry = folder / hashlib.sha256(json.dumps(choices, sort_keys=True).encode()).hexdigest()[:16]
        if not entry.exists():
            entry.mkdir(parents=True)
            make(entry)
        return entry

    return keep


def sung_motion(song: Path, voice: Path | None, start_s: float, duration_s: float, style: str, seed: int) -> Motion:
    """A part of a song as it is performed; without its voice the song is taken for a voice alone."""
    settings = SingingSettings(seed=seed, style=style)  # type: ignore[arg-type]
    first, count = frame_count(start_s, FPS), frame_count(duration_s, FPS)
    whole = perform(analyse(voice or song, song, FPS, first + count, lips="learned", alone=voice is None), settings)
    names = ("blendshapes", "rotation_deg", "translation", "gaze_deg", "intensity")
    return Motion(FPS, *(getattr(whole, name)[first:] for name in names))


def made_up_motion(duration_s: float) -> Motion:
    """A head that sways and nods, and a mouth that sings four vowels a second with a rest in every fourth."""
    frames = frame_count(duration_s, FPS)
    t = frame_times_s(frames, FPS)
    shapes = np.zeros((frames, len(BLENDSHAPE_INDEX)), np.float32)
    syllable = np.clip(np.sin(np.pi * (4 * t % 1)), 0, 1) * ((4 * t % 4) < 3)
    vowel = np.floor(4 * t).astype(int) % 3
    curves = {
        "jawOpen": 0.6 * syllable,
        "mouthFunnel": 0.4 * syllable * (vowel == 1),
        "mouthPucker": 0.3 * syllable * (vowel == 1),
        "mouthStretchLeft": 0.3 * syllable * (vowel == 2),
        "mouthStretchRight": 0.3 * syllable * (vowel == 2),
        "eyeBlinkLeft": (t % 3 < 0.15).astype(float),
        "eyeBlinkRight": (t % 3 < 0.15).astype(float),
        "browInnerUp": 0.3 + 0.3 * np.sin(0.7 * t),
    }
    for name, curve in curves.items():
        shapes[:, BLENDSHAPE_INDEX[name]] = curve
    rotation = np.stack([5 * np.sin(0.9 * t), 3 * np.sin(2.1 * t), 4 * np.sin(1.3 * t)], axis=1).astype(np.float32)
    shift = 0.01 * np.stack([np.sin(0.9 * t), np.sin(1.9 * t), 0 * t], axis=1).astype(np.float32)
    gaze = np.stack([4 * np.sin(0.5 * t), 2 * np.sin(0.8 * t)], axis=1).astype(np.float32)
    return Motion(FPS, shapes, rotation, shift, gaze, np.full(frames, 0.5, np.float32))


def film(
    portrait: Portrait, motion: Motion, poses: int, expressions: int, further: int, kept: Sequence[int] = ()
) -> tuple[Run, list[ByteArray]]:
    """Render a film; the frames of the numbers `kept` are returned with the figures."""
    runner = importlib.import_module("animators.anime.runner")
    settings = runner.AnimeSettings(key_poses=poses, key_expressions=expressions, most_further=further)
    answers, frames = -1, []  # the first call comes before any answer
    start, processor = time.perf_counter(), time.process_time()
    first = first_processor = 0.0

    def listen(stage: str, done: int, total: int) -> None:
        nonlocal answers
        answers += done == 0

    for number, frame in enumerate(runner.AnimeRenderer(settings).frames(portrait, motion, listen)):
        if number == 0:
            first, first_processor = time.perf_counter() - start, time.process_time() - processor
        if number in kept:
            frames.append(frame)
    whole, whole_processor = time.perf_counter() - start, time.process_time() - processor
    duration_s = len(motion) / motion.fps
    return Run(duration_s, len(motion), answers, first, first_processor, whole - first, whole_processor - first_processor), frames


def distance(portrait: Portrait, motion: Motion, size: tuple[int, int, int], threads: int) -> tuple[float, float]:
    """How far the film's frames are from exact ones, in levels of 255: (root of the mean square, 99th percentile of pixels).

    Exact are a few frames of the same motion for whose every pose the networks were asked.
    """
    numbers = np.linspace(0, len(motion) - 1, min(COMPARED, len(motion))).astype(int)
    _, quick = film(portrait, motion, *size, numbers.tolist())
    pose, drawing, runner = (importlib.import_module(f"animators.anime.{name}") for name in ("pose", "frame_drawer", "runner"))
    settings = runner.AnimeSettings(key_poses=2, key_expressions=4, most_further=COMPARED, tolerance=0.0)
    curves = pose.pose_curves(motion, settings.body_lag_s)
    few, shifts = curves.parameters[numbers], curves.shift[numbers]
    exact = drawing.FrameDrawer(portrait, settings, threads, lambda: None, few)
    difference = np.array(quick, np.float32) - np.array(list(map(exact.draw, few, shifts)), np.float32)
    return float(np.sqrt(np.mean(difference**2))), float(np.percentile(np.abs(difference).max(axis=-1), 99))


def load_portrait(path: Path, height: int) -> Portrait:
    """The drawing with its face found, at the height of the film. Raises InputError where it can't be read or has no face."""
    picture = load_picture(path)
    scale = height / picture.image.shape[0]
    size = (2 * round(picture.image.shape[1] * scale / 2), height)
    image = np.asarray(Image.fromarray(picture.image).resize(size, Image.Resampling.LANCZOS))
    alpha = None
    if picture.alpha is not None:
        alpha = np.asarray(Image.fromarray(picture.alpha).resize(size, Image.Resampling.LANCZOS))
    face = importlib.import_module("animators.anime.drawn_face").find_drawn_face(image)
    return Portrait(image, face, alpha)


def measured(arguments: Sequence[str], duration_s: float, folder: Path) -> Run:
    """Render one film in a process of its own, which keeps what it makes of the drawing in `folder`."""
    own = [sys.executable, "-m", "benchmarks.anime", *arguments, "--durations", str(duration_s), "--kept-in", str(folder)]
    ended = run_measured(own)
    if ended.code:
        raise RuntimeError(f"The film in a process of its own ended with {ended.code}: {last_line(ended.stderr)}")
    return replace(Run(**json.loads(last_line(ended.stdout))), peak_mb=ended.tree_mb)


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(given)
    portrait = load_portrait(options.drawing, options.height)

    def motion_of(duration_s: float) -> Motion:
        if options.song is None:
            return made_up_motion(duration_s)
        return sung_motion(options.song, options.voice, options.start, duration_s, options.style, options.seed)

    size = (options.poses, options.expressions, options.further)
    if options.kept_in:
        portrait = replace(portrait, keep=kept_in(options.kept_in))
        print(json.dumps(asdict(film(portrait, motion_of(options.durations[0]), *size)[0])))
        return 0
    machine, runs = describe_machine(), []
    film(portrait, made_up_motion(0.2), 2, 4, 1)  # compiles and converts what is not yet
    for duration_s in options.durations:
        with tempfile.TemporaryDirectory() as folder:
            for name, more in FILMS.items():
                runs.append(replace(measured([*given, *more], duration_s, Path(folder)), name=name))
    far = distance(portrait, motion_of(options.durations[0]), size, machine.cores) if options.compare else None
    if options.json:
        print(json.dumps({"machine": asdict(machine), "runs": [asdict(run) for run in runs], "distance": far}, indent=1))
        return 0
    print(machine.sentence())
    for run in runs:
        print(run.line())
    if far:
        print(f"Frames differ from exact ones by {far[0]:.2f} of 255 (RMS); 99 of 100 pixels by at most {far[1]:.0f}.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.anime", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("drawing", type=Path, help="a drawing of a character, best with a transparent background")
    parser.add_argument("--song", type=Path, help="a song that is sung; without it the motion is made up")
    parser.add_argument("--voice", type=Path, help="the song's voice alone")
    parser.add_argument("--start", type=float, default=3.0, metavar="S", help="where in the song the films begin (default 3)")
    parser.add_argument("--style", default="auto", help="what the face feels (default auto)")
    parser.add_argument("--seed", type=int, default=100, help="which performance of the song (default 100)")
    parser.add_argument("--durations", type=float, nargs="+", default=[10.0], metavar="S", help="lengths of the films in seconds")
    parser.add_argument("--height", type=int, default=512, help="height of the film in pixels, even (default 512)")
    parser.add_argument("--poses", type=int, default=34, help="key poses of head and body that the networks are asked for")
    parser.add_argument("--expressions", type=int, default=60, help="those of the eyes, twice those of the mouth")
    parser.add_argument("--further", type=int, default=16, help="poses of each part that a film asks for besides, at most")
    parser.add_argument("--compare", action="store_true", help="also compare frames with exact ones")
    parser.add_argument("--kept-in", type=Path, metavar="FOLDER", help="make one film alone and keep what the networks say there")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


if __name__ == "__main__":
    sys.exit(main())
