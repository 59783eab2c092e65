"""How fast `python -m separation` is, and how much memory it takes, for songs of several lengths.

`python -m benchmarks.separation SONG [--durations 10 60 300 3600] [--device auto] [--json]` plays the song in a loop
until it is long enough, separates it in a process of its own, and reports that process's wall time, processor time and largest
resident memory, start and loading of the network included, and the graphics card that torch sees. An hour needs about 3 GB of
temporary disk. Needs `os.wait4`, so not Windows.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import soundfile

from benchmarks.ending import ends_in_words
from core.errors import InputError
from core.messages import as_written
from core.timebase import seconds_to_samples
from media.media import read_audio

SAMPLE_RATE_HZ = 44100
CHANNELS = 2
DEFAULT_DURATIONS_S = (10.0, 60.0, 300.0)
#: ru_maxrss counts kilobytes on Linux and bytes on macOS.
_MAXRSS_PER_MB = 1e6 if sys.platform == "darwin" else 1e6 / 1024


@dataclass(frozen=True)
class Measurement:
    """One run: the song's length, wall and processor time in seconds, wall time per second of song, largest memory in MB."""

    duration_s: float
    seconds: float
    processor_seconds: float
    seconds_per_second: float
    peak_rss_mb: float


def measure(song: Path, duration_s: float, threads: int, device: str = "auto") -> Measurement:
    """Separate `duration_s` seconds of `song`, looped, in a process of its own. Raises InputError where that fails."""
    with tempfile.TemporaryDirectory() as folder:
        looped = Path(folder) / "song.flac"
        write_looped(song, looped, duration_s)
        command = [sys.executable, "-m", "separation", str(looped), "--out", folder]
        command += ["--threads", str(threads), "--device", device]
        log = Path(folder) / "log.txt"
        start_s = time.perf_counter()
        with log.open("w") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output)
            _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start_s
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise InputError(
                as_written(f"The separation of {song.name} failed with exit code {process.returncode}: {log.read_text().strip()}")
            )
    return Measurement(
        duration_s=duration_s,
        seconds=round(seconds, 2),
        processor_seconds=round(usage.ru_utime + usage.ru_stime, 2),
        seconds_per_second=round(seconds / duration_s, 4),
        peak_rss_mb=round(usage.ru_maxrss / _MAXRSS_PER_MB, 1),
    )


def write_looped(song: Path, path: Path, duration_s: float) -> None:
    """Write `song` over and over into the FLAC file `path`, until it is `duration_s` seconds long."""
    samples = read_audio(song, SAMPLE_RATE_HZ, CHANNELS, duration_s=duration_s)
    left = seconds_to_samples(duration_s, SAMPLE_RATE_HZ)
    with soundfile.SoundFile(str(path), "w", SAMPLE_RATE_HZ, CHANNELS, format="FLAC", subtype="PCM_16") as file:
        while left > 0:
            file.write(samples[:left])
            left -= min(left, len(samples))


def machine() -> dict[str, object]:
    """What the figures were taken on."""
    cpu_info = Path("/proc/cpuinfo")
    lines = cpu_info.read_text().splitlines() if cpu_info.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else os.uname().machine,
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0],
        "card": card_name(),
    }


def card_name() -> str | None:
    """The graphics card that torch sees, None where there is none or no torch."""
    if importlib.util.find_spec("torch") is None:
        return None
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else None


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.separation", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("song", type=Path, help="a real song; it is played in a loop")
    parser.add_argument("--durations", type=float, nargs="+", default=DEFAULT_DURATIONS_S, metavar="S", help="lengths in seconds")
    parser.add_argument("--threads", type=int, default=2, help="processor threads (default 2)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where the network runs (default auto)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    report: dict[str, object] = {"machine": machine(), "threads": options.threads, "device": options.device}
    runs = [measure(options.song, duration_s, options.threads, options.device) for duration_s in options.durations]
    if options.json:
        print(json.dumps(report | {"runs": [asdict(run) for run in runs]}, indent=1))
        return 0
    print(report)
    for run in runs:
        print(
            f"{run.duration_s:7.0f} s of song: {run.seconds:7.2f} s ({run.seconds_per_second:.3f} s per second), "
            f"{run.processor_seconds:.2f} s of processor time, {run.peak_rss_mb:.0f} MB"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
