"""What the tests of uploads send."""

from __future__ import annotations
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



def incoming_files(settings):
    return [path.name for path in settings.incoming_dir.iterdir()]


def second_of_silence():
    """A WAV file that is quickly looked at."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(16_000))
    return buffer.getvalue()


def begun(session, settings, person_id, content):
    """An upload of which every byte came."""
    upload = begin_upload(session, settings, person_id, "song", "My song.mp3", len(content))
    continue_upload(session, settings, person_id, upload.id, 0, content)
    return upload


def send_rest(session, settings, person_id, upload_id, content):
    """Send what the upload says that it lacks."""
    standing = standing_upload(session, settings, person_id, upload_id)
    if standing.result_id is None and standing.received_bytes < len(content):
        rest = content[standing.received_bytes :]
        continue_upload(session, settings, person_id, upload_id, standing.received_bytes, rest)
