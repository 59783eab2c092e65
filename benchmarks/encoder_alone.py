"""A film's frames against the encoder alone, in one run: how many times as long does drawing and encoding take as encoding?

Part of `python -m benchmarks.sing --against-encoder`. No film is made faster than its frames can be encoded, so the ratio says
more than seconds do, on any machine and under any load that both had.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import Machine
from benchmarks.programs import Run, last_line, run_measured
from core.errors import InputError
from core.messages import as_written
from media.ffmpeg_args import FilmSettings, frame_rate, global_arguments, raw_frames_arguments, video_arguments
from media.ffmpeg_run import ffmpeg_path
from media.media import probe_video, read_frames


@dataclass(frozen=True)
class AgainstEncoder:
    """One film whose portrait, voice and motion lay in the cache, and its frames through the encoder alone.

    frames_seconds: the program's stages `frames` and `mux`, everything in them. encoder_seconds: the film's frames, raw in a
    file, through the same ffmpeg with the same settings, without sound. *_processor_seconds: of all threads; the program's with
    its start.
    """

    duration_s: float
    height: int
    frames_seconds: float
    encoder_seconds: float
    program_processor_seconds: float
    encoder_processor_seconds: float

    @property
    def ratio(self) -> float:
        """How many times as long as the encoder alone."""
        return self.frames_seconds / self.encoder_seconds


def measure_against_encoder(arguments: Sequence[str], folder: Path) -> AgainstEncoder:
    """Make a film twice, first to fill the cache in `folder`, then measured; and encode its frames alone.

    arguments: the whole command, which names the film after `--out` and ends with `--json`. Raises `InputError` where one fails.
    """
    cache = {"BELCANTO_CACHE_DIR": str(folder / "cache")}
    succeeded(run_measured(arguments, cache), "No film")
    made = succeeded(run_measured(arguments, cache), "No film")
    told = json.loads(made.stdout.strip().splitlines()[-1])
    film = Path(arguments[arguments.index("--out") + 1])
    alone = encode_alone(film, folder)
    return AgainstEncoder(
        duration_s=told["duration_s"],
        height=told["height"],
        frames_seconds=told["seconds"]["frames"] + told["seconds"]["mux"],
        encoder_seconds=alone.seconds,
        program_processor_seconds=made.processor_seconds,
        encoder_processor_seconds=alone.processor_seconds,
    )


def encode_alone(film: Path, folder: Path) -> Run:
    """The frames of a film, decoded into a file first, through the encoder with the settings of films."""
    info, raw = probe_video(film), folder / "frames.raw"
    with raw.open("wb") as file:
        for frame in read_frames(film):
            file.write(frame.tobytes())
    rate = frame_rate(info.fps)
    source = raw_frames_arguments(info.width, info.height, rate, f"file:{raw}")
    encoding = [*video_arguments(rate, FilmSettings()), "-f", "mp4", "-y", f"file:{folder / 'alone.mp4'}"]
    run = succeeded(run_measured([*global_arguments(ffmpeg_path()), *source, *encoding]), "The encoder alone failed")
    raw.unlink()
    return run


def succeeded(run: Run, what: str) -> Run:
    """The run; raises `InputError` with the program's last line where it failed."""
    if run.code != 0:
        raise InputError(as_written(f"{what}: {last_line(run.stderr)}"))
    return run


def encoder_table(rows: Sequence[AgainstEncoder], machine: Machine) -> str:
    """The figures as a Markdown table."""
    head = ["film", "frames s", "encoder alone s", "ratio", "program processor s", "encoder processor s"]
    lines = [machine.sentence(), "", "| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for row in rows:
        cells = [f"{row.duration_s:g} s, {row.height} px", f"{row.frames_seconds:.1f}", f"{row.encoder_seconds:.1f}"]
        cells += [f"{row.ratio:.2f}", f"{row.program_processor_seconds:.1f}", f"{row.encoder_processor_seconds:.1f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
