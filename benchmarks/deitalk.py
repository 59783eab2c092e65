"""How fast a trained emotion network performs a voice, and how its memory grows with the voice's length.

`python -m benchmarks.deitalk [SONG] [--voice VOICE] [--model MODEL] [--durations 180 720] [--json]` makes the motion of the song,
played in a loop, with `python -m pipeline motion --performance deitalk` in a process of its own, cache empty; separation is not
counted. Without a model the network has the published sizes and weights by chance, which take as long. Not for Windows.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np

from benchmarks.ending import ends_in_words
from benchmarks.machine import describe_machine
from benchmarks.programs import last_line, run_measured
from benchmarks.sing import write_looped
from core.contracts import FloatArray
from core.errors import InputError
from core.messages import as_written
from core.rigs.rig_list import ARKIT
from motion.emotion.model_file import Facts, expected_shapes, save_model
from motion.emotion.networks.shape import DeitalkShape
from motion.emotion.styles import FPS

ROOT = Path(__file__).resolve().parents[1]
#: Three minutes on two cores are aimed at in so many seconds.
AIM_SECONDS = 20.0
#: Vectors of Whisper base, which the network hears through.
FEATURES = 512


@dataclass(frozen=True)
class Performed:
    """One motion. peak_mb: the most memory of the process and its children; None where the system does not tell."""

    performance: str
    duration_s: float
    seconds: float
    processor_seconds: float
    peak_mb: float | None

    def sentence(self) -> str:
        """The figures in one line."""
        memory = f", {self.peak_mb:.0f} MB at most" if self.peak_mb is not None else ""
        return (
            f"{self.performance:8} {self.duration_s:5.0f} s of motion in {self.seconds:5.1f} s "
            f"({self.processor_seconds:.1f} s of processor time){memory}"
        )


def write_chance(path: Path) -> Path:
    """A network of the published sizes for ARKit's rig, by chance."""
    shape = DeitalkShape(features=FEATURES, outputs=len(ARKIT.curves))
    generator = np.random.default_rng(0)
    tensors: dict[str, FloatArray] = {
        name: np.asarray(generator.normal(0.0, 1.0 / np.sqrt(np.prod(size[1:])) if len(size) > 1 else 0.1, size), np.float32)
        for name, size in expected_shapes(shape).items()
    }
    for name in ("feature_scale", "curve_scale"):
        tensors[name] = np.abs(tensors[name]) + 0.1
    save_model(path, tensors, Facts("whisper", (6,), ARKIT.name, ARKIT.curves, shape, fps=FPS))
    return path


def measure(song: Path, voice: Path, duration_s: float, model: Path | None) -> Performed:
    """Make one motion, by the model, or by the song's plan where there is none. Raises `InputError` where that fails."""
    with tempfile.TemporaryDirectory(prefix="belcanto-benchmark-") as place:
        folder = Path(place)
        write_looped(song, folder / "song.flac", duration_s)
        write_looped(voice, folder / "voice.flac", duration_s)
        files = ["--voice", str(folder / "voice.flac"), "--song", str(folder / "song.flac"), "--out", str(folder / "m.csv")]
        told = [] if model is None else ["--performance", "deitalk", "--performance-model", str(model)]
        with patch.dict(os.environ, {"BELCANTO_CACHE_DIR": str(folder / "cache")}):
            run = run_measured([sys.executable, "-m", "pipeline", "motion", *files, *told])
        if run.code != 0:
            raise InputError(as_written(f"No motion was made: {last_line(run.stderr)}"))
        performance = "plan" if model is None else "deitalk"
        return Performed(performance, duration_s, run.seconds, run.processor_seconds, run.tree_mb)


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.deitalk", description="Times learned performances.")
    parser.add_argument("song", type=Path, nargs="?", default=ROOT / "demo" / "song.mp3", metavar="SONG")
    parser.add_argument("--voice", type=Path, metavar="VOICE", help="the voice alone (default: the song)")
    parser.add_argument("--model", type=Path, metavar="MODEL", help="a trained network (default: one by chance)")
    parser.add_argument("--durations", type=float, nargs="+", default=[180.0, 720.0], metavar="S")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout")
    given = parser.parse_args(arguments)
    machine = describe_machine()
    print(machine.sentence())
    rows = []
    with tempfile.TemporaryDirectory(prefix="belcanto-benchmark-") as place:
        model = given.model or write_chance(Path(place) / "chance.safetensors")
        for duration_s in given.durations:
            for performer in (None, model):
                rows.append(measure(given.song, given.voice or given.song, duration_s, performer))
                print(rows[-1].sentence(), flush=True)
    if given.json:
        print(json.dumps({"machine": asdict(machine), "aim_seconds": AIM_SECONDS, "motions": [asdict(row) for row in rows]}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
