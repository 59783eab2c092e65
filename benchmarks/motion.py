"""How fast a song's motion is made, whether its head keeps the beat, and whether it repeats itself.

`python -m benchmarks.motion SONG ... [--voices VOICE ...] [--duration 180] [--seeds 3] [--lips features] [--json]`
makes the motion of each song with `python -m pipeline motion` in a process of its own: once played in a loop for `--duration`
seconds, for time, memory and repetition, and once a seed at its own length, for the beat. Separation is not counted. `--parts`
makes the long one once more under Python's profiler and tells the parts. Not for Windows.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import pstats
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.ending import ends_in_words
from benchmarks.machine import describe_machine
from benchmarks.programs import last_line, run_measured
from benchmarks.sing import write_looped
from core.errors import InputError
from core.messages import as_written
from core.timebase import frame_times_s
from metrics.head_beat import HeadBeat, head_beat
from metrics.repetition import Repetition, repetition
from metrics.song_beats import song_beats
from metrics.voice import voice_of

FPS = 25.0
DURATION_S = 180.0
#: What the project aims at for three minutes on two cores, in seconds.
TARGET_SECONDS = 20.0
#: Chance of beats of another tempo to be kept as firmly, under which a head is said to keep the beat.
SURE = 0.05
#: Columns of the Live Link Face file, and the signs that lead from it to yaw, pitch, roll: the file is the performer's.
HEAD_COLUMNS = ("HeadYaw", "HeadPitch", "HeadRoll")
#: Parts of the work: the source file and the function that hold each; a part within another one is counted in both.
PARTS = {
    "decode": ("media/media.py", "read_audio_blocks"),
    "mix": ("singing/mix_features.py", "mix_features"),
    "voice": ("singing/voice_features.py", "voice_features"),
    "sung pitch": ("singing/sung_pitch.py", "listening"),
    "learned lips": ("singing/learned_lips.py", "curves"),
    "rhythm": ("singing/rhythm.py", "rhythm"),
    "plan": ("singing/planner.py", "plan_song"),
    "head": ("singing/head.py", "head_motion"),
    "perform, with plan and head": ("singing/runner.py", "perform"),
}


@dataclass(frozen=True)
class SongMotion:
    """One song: seconds, processor seconds and memory (MB, largest) of its long motion, and what its head does."""

    song: str
    duration_s: float
    seconds: float
    processor_seconds: float
    peak_mb: float | None
    repetition: Repetition
    beat: tuple[HeadBeat, ...]

    @property
    def keeps_the_beat(self) -> bool:
        """Whether under every seed the head keeps the beat more firmly than beats of another tempo."""
        return all(beat.p_value is not None and beat.p_value < SURE for beat in self.beat)


def motion_arguments(voice: Path, song: Path, out: Path, seed: int, lips: str) -> list[str]:
    """The module and its options, without the Python before it."""
    files = ["--voice", str(voice), "--song", str(song), "--out", str(out)]
    return ["-m", "pipeline", "motion", *files, "--fps", f"{FPS:g}", "--seed", str(seed), "--lips", lips]


def read_head(path: Path) -> np.ndarray:
    """(T, 3) yaw, pitch, roll in degrees of a Live Link Face file, in the file's signs."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return np.degrees(np.asarray([[float(row[name]) for name in HEAD_COLUMNS] for row in rows]))


def head_height(rotation_deg: np.ndarray) -> np.ndarray:
    """(T,) how low the nose stands, by the nod alone: the pitch, up to its sign, which locking does not know."""
    return np.asarray(np.sin(np.radians(rotation_deg[:, 1])))


def made(arguments: list[str], out: Path, before: Sequence[str] = ()) -> tuple[np.ndarray, float, float, float | None]:
    """Run the program; head (T, 3), seconds, processor seconds, memory. Raises `InputError` with its sentence where it fails."""
    run = run_measured([sys.executable, *before, *arguments])
    if run.code != 0:
        raise InputError(as_written(f"No motion was made: {last_line(run.stderr)}"))
    return read_head(out), run.seconds, run.processor_seconds, run.tree_mb


def measure(song: Path, voice: Path, duration_s: float, seeds: int, lips: str) -> SongMotion:
    """Make and judge the motions of one song."""
    with tempfile.TemporaryDirectory(prefix="belcanto-benchmark-") as place:
        folder = Path(place)
        write_looped(song, folder / "song.flac", duration_s)
        write_looped(voice, folder / "voice.flac", duration_s)
        out = folder / "motion.csv"
        arguments = motion_arguments(folder / "voice.flac", folder / "song.flac", out, 0, lips)
        head, seconds, processor_seconds, peak_mb = made(arguments, out)
        beats_s = song_beats(song)
        beats = []
        for seed in range(seeds):
            short = made(motion_arguments(voice, song, out, seed, lips), out)[0]
            beats.append(head_beat(frame_times_s(len(short), FPS), head_height(short), short, beats_s))
    return SongMotion(song.name, duration_s, seconds, processor_seconds, peak_mb, repetition(head, FPS), tuple(beats))


def parts(song: Path, voice: Path, duration_s: float, lips: str) -> dict[str, float]:
    """Seconds of each of `PARTS` under the profiler, which slows Python itself down; what other threads do is not in it."""
    with tempfile.TemporaryDirectory(prefix="belcanto-benchmark-") as place:
        folder = Path(place)
        write_looped(song, folder / "song.flac", duration_s)
        write_looped(voice, folder / "voice.flac", duration_s)
        out = folder / "motion.csv"
        recorder = ("-m", "cProfile", "-o", str(folder / "profile"))
        made(motion_arguments(folder / "voice.flac", folder / "song.flac", out, 0, lips), out, recorder)
        stats = pstats.Stats(str(folder / "profile")).stats  # type: ignore[attr-defined]
    found = dict.fromkeys(PARTS, 0.0)
    for (file, _, function), (_, _, _, cumulative, _) in stats.items():
        for part, (source, name) in PARTS.items():
            if function == name and Path(file).as_posix().endswith(source):
                found[part] = max(found[part], cumulative)
    return {part: round(seconds, 2) for part, seconds in found.items() if seconds > 0.0}


def table(rows: Sequence[SongMotion]) -> str:
    """The figures as a Markdown table; of several seeds the worst."""
    head = ["song", "motion s", "processor s", "MB", "locking", "control", "p", "z", "highest likeness", "noise", "loop"]
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for row in rows:
        worst = max(row.beat, key=lambda beat: 1.0 if beat.p_value is None else beat.p_value)
        cells = [
            f"{row.song} ({row.duration_s:g} s)",
            f"{row.seconds:.1f}",
            f"{row.processor_seconds:.1f}",
            number(row.peak_mb, 0),
        ]
        cells += [number(value) for value in (worst.locking, worst.control_mean, worst.p_value, worst.z_score)]
        again = row.repetition
        cells += [number(value) for value in (again.highest, again.noise_p95, again.loop)]
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", f"- motion in under {TARGET_SECONDS:g} s: {yes(all(row.seconds < TARGET_SECONDS for row in rows))}"]
    lines.append(f"- the head keeps the beat, every song and seed: {yes(all(row.keeps_the_beat for row in rows))}")
    lines.append(f"- no visible repetition: {yes(not any(row.repetition.visible for row in rows))}")
    return "\n".join(lines)


def number(value: float | None, digits: int = 2) -> str:
    """The value in so many digits; nothing where there is none."""
    return "" if value is None else f"{value:.{digits}f}"


def yes(reached: bool) -> str:
    """In a word."""
    return "yes" if reached else "no"


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.motion", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("songs", type=Path, nargs="+", metavar="SONG", help="songs")
    parser.add_argument("--voices", type=Path, nargs="+", default=(), metavar="V", help="their voices; else separated")
    parser.add_argument("--duration", type=float, default=DURATION_S, metavar="S", help="length of the loop (default 180)")
    parser.add_argument("--seeds", type=int, default=3, metavar="N", help="performances held against the beat (default 3)")
    parser.add_argument("--lips", choices=("learned", "features"), default="features", help="what moves the lips")
    parser.add_argument("--parts", action="store_true", help="tell the parts of the first song's time as well")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout")
    return parser


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns its exit code: 0 done, 2 unusable input, 3 something missing, 130 cancelled."""
    options = build_parser().parse_args(arguments)
    if options.voices and len(options.voices) != len(options.songs):
        raise InputError(
            as_written(f"{len(options.songs)} songs and {len(options.voices)} voices were given; give a voice for each song.")
        )
    machine, rows, found = describe_machine(), [], {}
    for index, song in enumerate(options.songs):
        with ExitStack() as stack:
            given = options.voices[index] if options.voices else None
            voice, _ = stack.enter_context(voice_of(song, given, 0.0, None))
            rows.append(measure(song, voice, options.duration, options.seeds, options.lips))
            if options.parts and index == 0:
                found = parts(song, voice, options.duration, options.lips)
    if options.json:
        print(json.dumps({"machine": asdict(machine), "rows": [asdict(row) for row in rows], "parts": found}))
    else:
        told = "".join(f"\n- {part}: {seconds:.2f} s" for part, seconds in found.items())
        print(f"{machine.sentence()}\n\n{table(rows)}\n{told}")
    return 0


if __name__ == "__main__":
    if os.name == "nt":
        sys.exit("The benchmark needs os.wait4, which Windows lacks.")
    sys.exit(main())
