"""What is asked of a song or film before ffmpeg sees it."""

from __future__ import annotations

import os
from pathlib import Path

from core.errors import InputError

ACCEPTED_SONGS = (
    "MP3, WAV, FLAC, M4A/AAC, OGG/Opus, WMA and most other sound files are accepted, and films with sound"
    " (MP4, MOV, WebM, MKV, AVI)"
)
ACCEPTED_FILMS = "MP4, MOV and WebM are accepted"


def check_media_file(path: Path, what: str, accepted: str) -> None:
    """Raises InputError unless `path` is a readable file with something in it; `what` and `accepted` go into the sentence."""
    if not path.exists():
        raise InputError(f"The {what} {path} does not exist; check its name.")
    if not path.is_file():
        raise InputError(f"The {what} {path} is not a file; {accepted}.")
    if not os.access(path, os.R_OK):
        raise InputError(f"The {what} {path} can't be read; check its permissions.")
    if path.stat().st_size == 0:
        raise InputError(f"The {what} {path} is empty; {accepted}.")
