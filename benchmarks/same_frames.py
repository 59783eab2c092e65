"""Whether a rebuilding left films as they were: every frame's hash of short films, in this checkout and in another.

`python -m benchmarks.same_frames --against CHECKOUT --portraits P... --songs S... [--engine mesh] [--start 6] [--duration 1]
[--height 256] [--options="--label --fps 50"]` makes each film in both checkouts with this Python, decodes both, and compares the
MD5 of their frames and the keys of their JSON. It prints one line a film and ends with one line of JSON; the exit code is 1 where
anything differs.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ending import ends_in_words
from benchmarks.programs import ROOT, last_line
from core.errors import InputError
from core.messages import as_written
from media.ffmpeg_run import ffmpeg_path

Hashes = tuple[str, ...]


@dataclass(frozen=True)
class Film:
    """MD5 of each decoded frame, and the keys of the program's JSON."""

    frames: Hashes
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """What is filmed: the engine, the part of the song in seconds, the film's height in pixels, further options of the film."""

    engine: str
    start_s: float
    duration_s: float
    height: int
    options: tuple[str, ...] = ()


def arguments_of(portrait: Path, song: Path, video: Path, part: Part) -> list[str]:
    """The program's arguments for one film."""
    files = ["--portrait", str(portrait.resolve()), "--song", str(song.resolve()), "--out", str(video)]
    taken = ["--start", f"{part.start_s:g}", "--duration", f"{part.duration_s:g}", "--height", str(part.height)]
    return ["-m", "pipeline", "sing", *files, *taken, "--engine", part.engine, *part.options, "--no-cache", "--json"]


def frame_hashes(video: Path) -> Hashes:
    """MD5 of every decoded frame. Raises `InputError` where the film can't be decoded."""
    command = [ffmpeg_path(), "-v", "error", "-i", str(video), "-map", "0:v", "-f", "framemd5", "-"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise InputError(as_written(f"The film {video} can't be decoded: {last_line(done.stderr)}"))
    return tuple(line.rpartition(",")[2].strip() for line in done.stdout.splitlines() if not line.startswith("#"))


def film_in(checkout: Path, portrait: Path, song: Path, part: Part) -> Film:
    """Make one film in a checkout. Raises `InputError` with the program's last sentence where it fails."""
    with tempfile.TemporaryDirectory(prefix="belcanto-frames-") as folder:
        video = Path(folder) / "film.mp4"
        command = [sys.executable, *arguments_of(portrait, song, video, part)]
        done = subprocess.run(command, cwd=checkout, capture_output=True, text=True)
        if done.returncode:
            raise InputError(as_written(f"No film of {portrait.name} in {checkout}: {last_line(done.stderr)}"))
        return Film(frame_hashes(video), tuple(sorted(json.loads(done.stdout.strip().splitlines()[-1]))))


def compare(here: Film, there: Film) -> str:
    """What differs between two films, in words; empty where they are the same."""
    if here.keys != there.keys:
        return f"keys of the JSON: {sorted(set(here.keys) ^ set(there.keys))}"
    if len(here.frames) != len(there.frames):
        return f"{len(here.frames)} frames here, {len(there.frames)} there"
    differing = [number for number, pair in enumerate(zip(here.frames, there.frames, strict=True)) if pair[0] != pair[1]]
    return f"{len(differing)} of {len(here.frames)} frames, the first is {differing[0]}" if differing else ""


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Compare all films; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.same_frames", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--against", type=Path, required=True, metavar="CHECKOUT")
    parser.add_argument("--portraits", type=Path, nargs="+", required=True, metavar="P")
    parser.add_argument("--songs", type=Path, nargs="+", required=True, metavar="S")
    parser.add_argument("--engine", default="mesh")
    parser.add_argument("--start", type=float, default=6.0, metavar="S")
    parser.add_argument("--duration", type=float, default=1.0, metavar="S")
    parser.add_argument("--height", type=int, default=256, metavar="PX")
    parser.add_argument(
        "--options", type=shlex.split, default=[], metavar="TEXT", help="further options of each film, in one word"
    )
    given = parser.parse_args(arguments)
    part = Part(given.engine, given.start, given.duration, given.height, tuple(given.options))
    found = dict(told(given.against, given.portraits, given.songs, part))
    differ = {name: what for name, what in found.items() if what}
    print(json.dumps({"engine": part.engine, "films": len(found), "differ": differ}))
    return int(bool(differ))


def told(there: Path, portraits: Iterable[Path], songs: Sequence[Path], part: Part) -> Iterable[tuple[str, str]]:
    """Each film's name and what differs, printed as it is known."""
    for portrait in portraits:
        for song in songs:
            differs = compare(film_in(ROOT, portrait, song, part), film_in(there, portrait, song, part))
            name = f"{portrait.stem}, {song.stem}"
            print(f"{part.engine}: {name}: {differs or 'the same'}", file=sys.stderr, flush=True)
            yield name, differs


if __name__ == "__main__":
    sys.exit(main())
