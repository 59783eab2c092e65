"""How long Wav2Lip's and LipGAN's networks take for a crop, by batch and precision.

`python -m benchmarks.wav2lip [--networks wav2lip lipgan] [--batches 1 8] [--device auto] [--repeats 3] [--json]`.
Weights of chance stand in for the published ones: what they compute costs the same. Crops are counted from pixels to pixels, with
what is done before and after the network.
"""

from __future__ import annotations

import argparse
import importlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.ending import ends_in_words
from benchmarks.machine import print_figures

#: The networks by name, and where they are.
NETWORKS = {"wav2lip": ("generator", "Wav2LipGenerator"), "lipgan": ("lipgan", "LipGanGenerator")}
#: Batches that are drawn at a time.
ROUNDS = 2
FPS = 25.0


@dataclass(frozen=True)
class Figure:
    """One line of the result. Times are of the fastest of several runs, for one crop."""

    network: str
    device: str
    precision: str
    batch: int
    wall_s: float
    processor_s: float

    def sentence(self) -> str:
        """The line for a person."""
        where = f"{self.network}, batch {self.batch}, {self.precision}, {self.device}"
        times = f"{1000 * self.wall_s:.2f} ms a crop ({1000 * self.processor_s:.2f} ms of processor)"
        return f"{where}: {times}, {self.wall_s * FPS:.2f} s a second of film at {FPS:g} frames"


def measure(names: Sequence[str], batches: Sequence[int], device: str, repeats: int) -> list[Figure]:
    """The figures; both precisions where there is an NVIDIA card. Raises InputError where the device is not here."""
    chosen = importlib.import_module("neural.device").choose_device(device)
    figures = []
    for name in names:
        module, kind = NETWORKS[name]
        for precision in ("float32", "half") if chosen.type == "cuda" else ("float32",):
            network = getattr(importlib.import_module(f"lipsync.wav2lip.networks.{module}"), kind)().eval()
            for batch in batches:
                wall_s, processor_s = seconds_a_crop(network, batch, chosen.type, precision, repeats)
                figures.append(Figure(name, str(chosen), precision, batch, wall_s, processor_s))
    return figures


def seconds_a_crop(network: Any, batch: int, device: str, precision: str, repeats: int) -> tuple[float, float]:
    """Wall and processor time of a crop, of the fastest of `repeats` runs after one to warm up."""
    painter = importlib.import_module("lipsync.wav2lip.lips").LipPainter(network, device, precision, batch)
    random = np.random.default_rng(0)
    crops = random.integers(0, 256, (ROUNDS * batch, 96, 96, 3), np.uint8)
    windows = random.uniform(-4, 4, (ROUNDS * batch, 1, 80, network.WINDOW_HOPS)).astype(np.float32)
    times = []
    for _ in range(repeats + 1):
        wall_s, processor_s = time.perf_counter(), time.process_time()
        count = sum(1 for _ in painter.lips(crops, windows))
        times.append(((time.perf_counter() - wall_s) / count, (time.process_time() - processor_s) / count))
    return min(times[1:])


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.wav2lip", description=__doc__)
    parser.add_argument("--networks", nargs="+", choices=list(NETWORKS), default=list(NETWORKS), help="what is measured")
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 8], help="crops at a time")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto", help="where torch works")
    parser.add_argument("--repeats", type=int, default=3, help="runs of which the quickest counts")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    print_figures(lambda: measure(options.networks, options.batches, options.device, max(1, options.repeats)), options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
