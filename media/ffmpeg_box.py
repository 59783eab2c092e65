"""The box of one run of ffmpeg: it may read the files that its command reads, write those that it writes, nothing else."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from core.sandbox.box import FILM_BYTES, LOG_BYTES, Box

URL = "file:"


def files_of(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The files that a command of `media.ffmpeg_args` reads, and those that it writes."""
    read: list[str] = []
    written: list[str] = []
    for before, part in zip(["", *arguments], arguments, strict=False):
        if part.startswith(URL):
            (read if before == "-i" else written).append(str(Path(part.removeprefix(URL)).absolute()))
    return read, written


def box_for(arguments: Sequence[str]) -> tuple[Box, list[Path]]:
    """The box, and the files that were made, empty, so that no whole folder has to be open for writing.

    Where a folder lacks or nothing can be written there, ffmpeg says so itself.
    """
    read, written = files_of(arguments)
    made = [Path(path) for path in written if begun(path)]
    return Box(tuple(read), tuple(written), output_bytes=FILM_BYTES if written else LOG_BYTES), made


def begun(path: str) -> bool:
    """Whether the file was not there and is now, empty."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    except OSError:
        return False
    return True
