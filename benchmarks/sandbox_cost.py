"""What the sandbox costs: the same looks with it and without, in wall time and in processor time with all processes started.

python -m benchmarks.sandbox_cost --rounds 12
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.programs import ROOT
from core.sandbox.box import Box
from core.sandbox.sandbox import VARIABLE, boxed, fences
from media.boxed_pictures import load_given_picture
from media.ffmpeg_run import ffmpeg_path
from media.pictures import MAX_PIXELS
from pipeline.inspecting.inspection import inspect_picture, inspect_song

DEMO = ROOT / "demo"


def start_ffmpeg() -> None:
    """The smallest run that there is."""
    subprocess.run(boxed([ffmpeg_path(), "-version"], Box()), check=True, capture_output=True)


def tasks(folder: Path) -> dict[str, Callable[[], object]]:
    """What is measured, by what it is called."""
    song, picture = DEMO / "song.mp3", DEMO / "portrait.jpg"
    return {
        "a start of ffmpeg": start_ffmpeg,
        "a picture decoded": lambda: load_given_picture(picture),
        "the look at a song": lambda: inspect_song(song, 900.0),
        "the look at a picture": lambda: inspect_picture(picture, folder / "small.jpg", MAX_PIXELS),
    }


def processor_s() -> float:
    """Of this process and all that have ended, so far."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def measured(task: Callable[[], object], rounds: int, setting: str) -> tuple[float, float]:
    """Medians of the wall time and of the processor time of one call, in milliseconds."""
    os.environ[VARIABLE] = setting
    walls, processors = [], []
    task()
    for _ in range(rounds):
        begun_s, used_s = time.perf_counter(), processor_s()
        task()
        walls.append(time.perf_counter() - begun_s)
        processors.append(processor_s() - used_s)
    return statistics.median(walls) * 1000, statistics.median(processors) * 1000


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description="What the sandbox costs.")
    parser.add_argument("--rounds", type=int, default=12)
    options = parser.parse_args(arguments)
    print(fences().sentence())
    with tempfile.TemporaryDirectory() as folder:
        for name, task in tasks(Path(folder)).items():
            for setting in ("off", "on"):
                wall_ms, processor_ms = measured(task, options.rounds, setting)
                print(f"{name:24} {setting:4} {wall_ms:8.0f} ms, processor {processor_ms:8.0f} ms", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
