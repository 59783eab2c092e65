"""Requests that carry a key are carried out once."""

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



def test_a_request_with_a_key_is_carried_out_once(session, person_id):
    assert begin_request(session, person_id, "k", b"order 1") is None
    with pytest.raises(Conflict, match="being carried out"):
        begin_request(session, person_id, "k", b"order 1")
    answer_request(session, person_id, "k", 202, {"id": "f"})
    assert begin_request(session, person_id, "k", b"order 1") == StoredAnswer(202, {"id": "f"})
    with pytest.raises(Refused, match="another request"):
        begin_request(session, person_id, "k", b"order 2")
    assert begin_request(session, new_id(), "k", b"order 2") is None
    with pytest.raises(Refused, match="1 to 200"):
        begin_request(session, person_id, "", b"x")


def test_a_request_that_failed_or_was_never_answered_can_be_tried_again(session, person_id):
    assert begin_request(session, person_id, "k", b"x") is None
    forget_request(session, person_id, "k")
    assert begin_request(session, person_id, "k", b"x") is None
    session.get(IdempotencyKey, (person_id, "k")).created_at = now() - timedelta(minutes=6)
    session.commit()
    assert begin_request(session, person_id, "k", b"x") is None


def test_a_key_from_many_threads_is_carried_out_once(database, person_id):
    start = threading.Barrier(6)

    def begin(_):
        start.wait()
        with database.session() as session:
            try:
                return begin_request(session, person_id, "k", b"x") is None
            except AppError:
                return False

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(begin, range(6))) == 1
