"""How fast the anime engine is, and what bounds it: the networks, asked once, and the frames, drawn one by one.

`python -m benchmarks.anime DRAWING [--durations 10] [--height 512] [--poses 28] [--expressions 48] [--compare]
[--json]` renders a film without encoding it, for every length; the head sways and the mouth sings made-up vowels. With
--compare some of the frames are drawn exactly besides, and it says how far the interpolated ones are from those.

What bounds a short film: the two large networks of head and body, which are asked for a bounded number of poses; then, a frame,
the mixing of their answers and the sampling of the picture. A longer film asks for hardly more poses: its frames bound it.
docs/RESULTS.md has the figures.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.ending import ends_in_words
from benchmarks.machine import describe_machine
from core.contracts import BLENDSHAPE_INDEX, ByteArray, Motion, Portrait
from core.timebase import frame_count, frame_times_s
from media.pictures import load_picture

FPS = 25.0
#: Frames that are drawn exactly, for comparison.
COMPARED = 12


@dataclass(frozen=True)
class Run:
    """One film: seconds of wall and processor time until the first frame, and of all frames after it; networks' answers asked
    for.
    """

    duration_s: float
    frames: int
    answers: int
    prepare_s: float
    prepare_processor_s: float
    frames_s: float
    frames_processor_s: float

    def line(self) -> str:
        """The run as text."""
        each_ms = 1000 * self.frames_s / max(1, self.frames - 1)
        return (
            f"{self.duration_s:6.1f} s of song: {self.prepare_s + self.frames_s:7.1f} s in all"
            f" ({self.prepare_processor_s + self.frames_processor_s:.1f} s of processor); {self.answers} answers of the networks"
            f" {self.prepare_s:.1f} s ({self.prepare_processor_s:.1f}), {self.frames} frames {each_ms:.0f} ms each"
        )


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
    portrait: Portrait, motion: Motion, poses: int, expressions: int, kept: Sequence[int] = ()
) -> tuple[Run, list[ByteArray]]:
    """Render a film; the frames of the numbers `kept` are returned with the figures."""
    runner = importlib.import_module("animators.anime.runner")
    settings = runner.AnimeSettings(most_poses=poses, most_expressions=expressions)
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


def distance(portrait: Portrait, motion: Motion, poses: int, expressions: int, threads: int) -> tuple[float, float]:
    """How far interpolated frames are from exact ones, in levels of 255: (root of the mean square, 99th percentile of pixels).

    Exact are a few frames of the same motion for whose every pose the networks were asked.
    """
    numbers = np.linspace(0, len(motion) - 1, min(COMPARED, len(motion))).astype(int)
    _, quick = film(portrait, motion, poses, expressions, numbers.tolist())
    pose, drawing, runner = (importlib.import_module(f"animators.anime.{name}") for name in ("pose", "frame_drawer", "runner"))
    settings = runner.AnimeSettings(most_poses=COMPARED, most_expressions=2 * COMPARED, tolerance=0.0)
    curves = pose.pose_curves(motion, settings.body_lag_s)
    few = pose.PoseCurves(curves.parameters[numbers], curves.shift[numbers])
    exact = drawing.FrameDrawer(portrait, few, settings, threads, lambda: None)
    difference = np.array(quick, np.float32) - np.array([exact.draw(i) for i in range(len(numbers))], np.float32)
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


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.anime", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("drawing", type=Path, help="a drawing of a character, best with a transparent background")
    parser.add_argument("--durations", type=float, nargs="+", default=[10.0], metavar="S", help="lengths of the films in seconds")
    parser.add_argument("--height", type=int, default=512, help="height of the film in pixels, even (default 512)")
    parser.add_argument("--poses", type=int, default=28, help="poses of head and body that the networks are asked for at most")
    parser.add_argument("--expressions", type=int, default=48, help="mouths, and states of the eyes, likewise")
    parser.add_argument("--compare", action="store_true", help="also compare interpolated frames with exact ones")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    machine = describe_machine()
    portrait = load_portrait(options.drawing, options.height)
    film(portrait, made_up_motion(0.2), 2, 4)  # compiles and converts what is not yet
    runs = [film(portrait, made_up_motion(s), options.poses, options.expressions)[0] for s in options.durations]
    far = None
    if options.compare:
        motion = made_up_motion(options.durations[0])
        far = distance(portrait, motion, options.poses, options.expressions, machine.cores)
    if options.json:
        print(json.dumps({"machine": asdict(machine), "runs": [asdict(run) for run in runs], "distance": far}, indent=1))
        return 0
    print(machine.sentence())
    for run in runs:
        print(run.line())
    if far:
        print(
            f"Interpolated frames differ from exact ones by {far[0]:.2f} of 255 (RMS); 99 of 100 pixels by at most {far[1]:.0f}."
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
