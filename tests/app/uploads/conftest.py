"""An upload of which every piece has come."""

from __future__ import annotations
from tests.app.uploads.sending import incoming_files, second_of_silence, begun, send_rest
import io
import os
import subprocess
import sys
import threading
import wave
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from app.errors import AppError, Busy, Conflict, LimitReached, NotFound, Refused, WrongOffset, StorageFull, TooLarge
from app.models import IdempotencyKey, Upload, new_id, now
from app.services import songs, uploads
from app.services.idempotency import StoredAnswer, answer_request, begin_request, forget_request
from app.services.keeping import sweep
from app.services.songs import delete_song, list_songs
from app.services.uploads import (
    abandon_upload,
    begin_upload,
    continue_upload,
    finish_upload,
    get_upload,
    held,
    standing_upload,
)
from core.errors import InputError, MissingError
from tests.app.killed_finish import KILLED



@pytest.fixture
def whole(session, settings, person_id, song_path):
    """A song that came as a whole, in pieces, and is not finished."""
    content = song_path.read_bytes()
    upload = begin_upload(session, settings, person_id, "song", "dir/My song.mp3", len(content))
    for offset in range(0, len(content), 100_000):
        continue_upload(session, settings, person_id, upload.id, offset, content[offset : offset + 100_000])
    return upload
