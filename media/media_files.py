"""What is asked of a song or film before ffmpeg sees it."""

from __future__ import annotations

import os
from pathlib import Path

from core.errors import InputError
from core.messages import Message, message

ACCEPTED_SONGS = message("media.accepted_songs")
ACCEPTED_FILMS = message("media.accepted_films")


def check_media_file(path: Path, what: str, accepted: Message) -> None:
    """Raises InputError unless `path` is a readable file with something in it; `what` and `accepted` go into the sentence."""
    if not path.exists():
        raise InputError("media.file_not_there", what=what, path=path)
    if not path.is_file():
        raise InputError("media.file_is_no_file", what=what, path=path, accepted=accepted)
    if not os.access(path, os.R_OK):
        raise InputError("media.file_unreadable", what=what, path=path)
    if path.stat().st_size == 0:
        raise InputError("media.file_is_empty", what=what, path=path, accepted=accepted)
