"""Makes the glimpse of a film that plays in a list."""

from __future__ import annotations

import threading
import uuid
from pathlib import Path

from core.errors import InputError
from media.ffmpeg_run import Ffmpeg, FfmpegError, ffmpeg_path
from media.glimpse_args import glimpse_arguments, glimpse_start_s

#: A file without pictures is smaller: of a film that is shorter than it says, whose beginning is taken then.
LEAST_BYTES = 1024


def write_glimpse(film: Path, out: Path, duration_s: float, limit_s: float) -> None:
    """Write a silent MP4 of a few seconds of the film, of that length, to `out`: the whole of it or nothing.

    limit_s: longest time that it may take. Raises InputError for a film that can't be read in that time.
    """
    part = out.with_name(f"{uuid.uuid4().hex}.part")
    try:
        for start_s in dict.fromkeys((glimpse_start_s(duration_s), 0.0)):
            run_within(glimpse_arguments(ffmpeg_path(), film, part, start_s), limit_s)
            if part.stat().st_size >= LEAST_BYTES:
                part.replace(out)
                return
        raise InputError("media.no_glimpse", name=film.name)
    except (FfmpegError, FileNotFoundError) as error:
        raise InputError("media.no_glimpse", name=film.name) from error
    finally:
        part.unlink(missing_ok=True)


def run_within(arguments: list[str], limit_s: float) -> None:
    """Run ffmpeg, at most so long. Raises FfmpegError where it failed or did not end."""
    with Ffmpeg(arguments) as run:
        timer = threading.Timer(limit_s, run.kill)
        timer.start()
        try:
            run.wait()
        finally:
            timer.cancel()
