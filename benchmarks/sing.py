"""How fast films are made and how much memory that takes, for songs of several lengths and films of several heights.

`python -m benchmarks.sing [--portrait P] [--song S] [--durations 10 60 300] [--heights 512 1080] [--quick] [--json]`
makes each film with `python -m pipeline sing` in a process and a cache of its own; a song that is too short is played in a loop.
`--against-encoder` holds each film's frames against the encoder alone instead (`benchmarks/encoder_alone.py`).
`--profile` makes one film under Python's profiler instead and lists the functions that took most time. Not for Windows.
"""

from __future__ import annotations

import argparse
import json
import os
import pstats
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import imageio_ffmpeg

from benchmarks.encoder_alone import AgainstEncoder, encoder_table, measure_against_encoder
from benchmarks.ending import ends_in_words
from benchmarks.machine import Machine, describe_machine
from benchmarks.programs import ROOT, last_line, run_measured
from core.errors import InputError
from core.messages import as_written
from media.media import probe_audio

DEMO = ROOT / "demo"
DURATIONS_S = (10.0, 60.0, 300.0)
HEIGHTS_PX = (512, 1080)
#: Samples of a block of a song played in a loop.
FLAC_BLOCK = 4096
#: Lines of the profile.
PROFILE_LINES = 30
#: What the project aims at, on two cores: seconds per second of film at 512 px; memory at 300 s against 60 s, and at most.
TARGET_SECONDS_PER_SECOND = 1.0
TARGET_MEMORY_RATIO = 1.10
TARGET_MEMORY_MB = 1500.0


@dataclass(frozen=True)
class Measurement:
    """One film.

    duration_s, height: of the film. seconds: wall time, `total` and of each stage as the program tells; start is the time before
    and after, mostly of loading Python. seconds_per_second: wall time of the whole program for one second of film.
    processor_seconds: of it and its children. peak_rss_mb: the most memory of the program itself; tree_mb: with its children.
    """

    duration_s: float
    height: int
    seconds: dict[str, float]
    wall_seconds: float
    seconds_per_second: float
    processor_seconds: float
    peak_rss_mb: float
    tree_mb: float | None


def loop_arguments(ffmpeg: str, song: Path, target: Path, duration_s: float) -> list[str]:
    """Play the song again and again until it is long enough, as FLAC.

    Its blocks are as long as usual: left to itself ffmpeg makes them as short as an MP3's last frame (47 samples of the demo's),
    and to read the 56,000 blocks of a minute takes thirty times as long as that of any song that a person has.
    """
    sound = ["-map", "0:a:0", "-t", f"{duration_s:.6f}", "-c:a", "flac", "-frame_size", str(FLAC_BLOCK), "-y", str(target)]
    return [ffmpeg, "-v", "error", "-nostdin", "-stream_loop", "-1", "-i", str(song), *sound]


def write_looped(song: Path, target: Path, duration_s: float) -> None:
    """Write a song of exactly that length. Raises `InputError` where ffmpeg can't."""
    done = subprocess.run(
        loop_arguments(imageio_ffmpeg.get_ffmpeg_exe(), song, target, duration_s), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise InputError(as_written(f"The song {song} can't be played in a loop: {done.stderr.strip() or 'ffmpeg failed'}."))


def sing_arguments(portrait: Path, song: Path, film: Path, height: int) -> list[str]:
    """The module and its options, without the Python before it."""
    files = ["--portrait", str(portrait), "--song", str(song), "--out", str(film)]
    return ["-m", "pipeline", "sing", *files, "--height", str(height), "--json"]


def measure(portrait: Path, song: Path, duration_s: float, height: int) -> Measurement:
    """Make one film with nothing in the cache. Raises `InputError` with the program's sentence where it fails."""
    with tempfile.TemporaryDirectory(prefix="belcanto-benchmark-") as name:
        folder = Path(name)
        write_looped(song, folder / "song.flac", duration_s)
        arguments = sing_arguments(portrait.resolve(), folder / "song.flac", folder / "film.mp4", height)
        run = run_measured([sys.executable, *arguments], {"BELCANTO_CACHE_DIR": str(folder / "cache")})
        if run.code != 0:
            raise InputError(as_written(f"No film of {duration_s:g} s at {height} px: {last_line(run.stderr)}"))
        told = json.loads(run.stdout.strip().splitlines()[-1])
    seconds = {name: float(value) for name, value in told["seconds"].items()}
    seconds["start"] = run.seconds - seconds["total"]
    return Measurement(
        duration_s=told["duration_s"],
        height=told["height"],
        seconds=seconds,
        wall_seconds=run.seconds,
        seconds_per_second=run.seconds / told["duration_s"],
        processor_seconds=run.processor_seconds,
        peak_rss_mb=told["peak_rss_mb"],
        tree_mb=run.tree_mb,
    )


def against_encoder(portrait: Path, song: Path, duration_s: float, height: int) -> AgainstEncoder:
    """One film's frames against the encoder alone. Raises `InputError` with the program's sentence where it fails."""
    with tempfile.TemporaryDirectory(prefix="belcanto-benchmark-") as name:
        folder = Path(name)
        write_looped(song, folder / "song.flac", duration_s)
        arguments = sing_arguments(portrait.resolve(), folder / "song.flac", folder / "film.mp4", height)
        return measure_against_encoder([sys.executable, *arguments], folder)


def targets(rows: Sequence[Measurement]) -> dict[str, bool | None]:
    """Whether the project's aims are reached by these figures; None where they don't tell."""
    at_512 = [row for row in rows if row.height == 512]
    longest = max(at_512, key=lambda row: row.duration_s, default=None)
    by_length = {(round(row.duration_s), row.height): row.peak_rss_mb for row in rows}
    ratios = [
        by_length[300, height] / by_length[60, height]
        for length, height in by_length
        if length == 300 and (60, height) in by_length
    ]
    return {
        "512 px in at most the song's length": longest.seconds_per_second <= TARGET_SECONDS_PER_SECOND if longest else None,
        "memory at 300 s within 10% of 60 s": max(ratios) <= TARGET_MEMORY_RATIO if ratios else None,
        "memory under 1.5 GB": max(row.peak_rss_mb for row in rows) < TARGET_MEMORY_MB if rows else None,
    }


def table(rows: Sequence[Measurement], machine: Machine) -> str:
    """The figures as a Markdown table: wall seconds per second of film, total and of each stage, and memory."""
    stages = [name for name in rows[0].seconds if name != "total"]
    head = ["film", "total s/s", *(f"{name} s/s" for name in stages), "processor s/s", "peak MB", "with ffmpeg MB"]
    lines = [machine.sentence(), "", "| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for row in rows:
        shares = [f"{row.seconds.get(name, 0.0) / row.duration_s:.3f}" for name in stages]
        tree = f"{row.tree_mb:.0f}" if row.tree_mb is not None else ""
        cells = [f"{row.duration_s:g} s, {row.height} px", f"{row.seconds_per_second:.3f}", *shares]
        cells += [f"{row.processor_seconds / row.duration_s:.3f}", f"{row.peak_rss_mb:.0f}", tree]
        lines.append("| " + " | ".join(cells) + " |")
    words = {True: "yes", False: "no", None: "not measured"}
    return "\n".join([*lines, "", *(f"- {name}: {words[reached]}" for name, reached in targets(rows).items())])


def profile(portrait: Path, song: Path, duration_s: float, height: int) -> str:
    """Make one film under cProfile and list where the main thread's own time went. Raises `InputError` where it fails."""
    with tempfile.TemporaryDirectory(prefix="belcanto-benchmark-") as name:
        folder = Path(name)
        write_looped(song, folder / "song.flac", duration_s)
        arguments = sing_arguments(portrait.resolve(), folder / "song.flac", folder / "film.mp4", height)
        recorder = [sys.executable, "-m", "cProfile", "-o", str(folder / "profile")]
        run = run_measured([*recorder, *arguments], {"BELCANTO_CACHE_DIR": str(folder / "cache")})
        if run.code != 0 or not (folder / "profile").exists():
            raise InputError(as_written(f"No film of {duration_s:g} s at {height} px: {last_line(run.stderr)}"))
        with (folder / "text").open("w+") as text:
            pstats.Stats(str(folder / "profile"), stream=text).sort_stats("tottime").print_stats(PROFILE_LINES)
            text.seek(0)
            return text.read()


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sing", description="How fast are films made?")
    parser.add_argument("--portrait", type=Path, default=DEMO / "portrait.jpg", metavar="P", help="default: the demo's")
    parser.add_argument("--song", type=Path, default=DEMO / "song.mp3", metavar="S", help="default: the demo's")
    parser.add_argument("--durations", type=float, nargs="+", default=DURATIONS_S, metavar="S", help="lengths in seconds")
    parser.add_argument("--heights", type=int, nargs="+", default=HEIGHTS_PX, metavar="PX", help="heights in pixels")
    parser.add_argument("--quick", action="store_true", help="only 10 s at 512 px")
    parser.add_argument("--against-encoder", action="store_true", help="hold each film's frames against the encoder alone")
    parser.add_argument("--profile", action="store_true", help="profile the first length and height instead")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout")
    return parser


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 done, 2 unusable input, 3 something missing, 130 cancelled."""
    options = build_parser().parse_args(arguments)
    durations, heights = ((10.0,), (512,)) if options.quick else (options.durations, options.heights)
    probe_audio(options.song)
    if options.profile:
        print(profile(options.portrait, options.song, durations[0], heights[0]))
        return 0
    machine = describe_machine()
    if options.against_encoder:
        pairs = [
            against_encoder(options.portrait, options.song, duration, height) for height in heights for duration in durations
        ]
        found = {"machine": asdict(machine), "rows": [{**asdict(pair), "ratio": pair.ratio} for pair in pairs]}
        print(json.dumps(found) if options.json else encoder_table(pairs, machine))
        return 0
    rows = []
    for height in heights:
        for duration_s in durations:
            rows.append(measure(options.portrait, options.song, duration_s, height))
            print(f"{duration_s:g} s at {height} px: {rows[-1].wall_seconds:.1f} s", file=sys.stderr)
    if options.json:
        found = {"machine": asdict(machine), "rows": [asdict(row) for row in rows], "targets": targets(rows)}
        print(json.dumps(found))
    else:
        print(table(rows, machine))
    return 0


if __name__ == "__main__":
    if os.name == "nt":
        sys.exit("The benchmark needs os.wait4, which Windows lacks.")
    sys.exit(main())
