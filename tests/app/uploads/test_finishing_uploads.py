"""Uploads that are being finished, while others come, sweep or were killed."""

from __future__ import annotations
from tests.app.uploads.sending import incoming_files, second_of_silence, begun, send_rest
import io
import json
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



@pytest.mark.slow
def test_a_double_finish_is_one_song(database, settings, person_id, whole):
    start = threading.Barrier(2)

    def finish(_):
        start.wait()
        with database.session() as session:
            try:
                return finish_upload(session, settings, person_id, whole.id).id
            except Conflict:
                return None

    with ThreadPoolExecutor(2) as pool:
        ids = {song_id for song_id in pool.map(finish, range(2)) if song_id}
    assert len(ids) == 1
    with database.session() as session:
        assert len(list_songs(session, person_id).items) == 1


@pytest.fixture
def killed_at(settings, root_dir):
    """Finishes an upload in a process that is killed at a step: `killed_at(step, person_id, upload_id)` gives its exit code."""
    command = [sys.executable, "-m", "tests.app.killed_finish"]
    with subprocess.Popen(command, cwd=root_dir, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:

        def finish(step, person_id, upload_id):
            program.stdin.write(json.dumps([str(settings.data_dir), person_id, upload_id, step]) + "\n")
            program.stdin.flush()
            return int(program.stdout.readline())

        yield finish


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="copies a process")
def test_a_finish_that_was_killed_at_any_step_is_finished_again_at_once(database, settings, killed_at):
    content, outcomes = second_of_silence(), []
    for step in range(1, 100):
        person_id = new_id()
        with database.session() as session:
            upload_id = begun(session, settings, person_id, content).id
        outcomes.append(killed_at(step, person_id, upload_id))
        with database.session() as session:
            send_rest(session, settings, person_id, upload_id, content)
            song = finish_upload(session, settings, person_id, upload_id)
            assert finish_upload(session, settings, person_id, upload_id).id == song.id, step
            assert [each.id for each in list_songs(session, person_id).items] == [song.id], step
            assert (settings.uploads_dir / song.file_name).read_bytes() == content, step
        if outcomes[-1] != KILLED:
            break
    assert outcomes[-1] == 0 and outcomes.count(KILLED) == len(outcomes) - 1 >= 6
    assert {Path(name).suffix for name in incoming_files(settings)} <= {".lock"}  # which goes with its row


def test_a_song_that_was_there_already_ends_its_upload_too(session, settings, person_id, song, song_path):
    upload = begun(session, settings, person_id, song_path.read_bytes())
    assert finish_upload(session, settings, person_id, upload.id).id == song.id
    assert get_upload(session, person_id, upload.id).result_id == song.id and incoming_files(settings) == []


@pytest.mark.slow
def test_what_is_being_finished_is_neither_changed_nor_abandoned(session, settings, person_id, song_path, monkeypatch):
    upload = begun(session, settings, person_id, song_path.read_bytes())
    monkeypatch.setattr("app.services.uploads.PIECE_PATIENCE_S", 0.1)
    with held(settings, upload.id):
        for attempt in (
            lambda: finish_upload(session, settings, person_id, upload.id),
            lambda: continue_upload(session, settings, person_id, upload.id, upload.size_bytes, b""),
            lambda: abandon_upload(session, settings, person_id, upload.id),
        ):
            with pytest.raises(Conflict, match="worked on"):
                attempt()
        assert standing_upload(session, settings, person_id, upload.id).received_bytes == upload.size_bytes
    assert finish_upload(session, settings, person_id, upload.id).title == "My song"


def at_the_door(monkeypatch, happens):
    """`happens` is done once, by another request, between the first look at an upload and the hold on it."""
    real = uploads.held

    @contextmanager
    def late(settings, upload_id, patience_s=0.0):
        monkeypatch.setattr(uploads, "held", real)
        happens()
        with real(settings, upload_id, patience_s):
            yield

    monkeypatch.setattr(uploads, "held", late)


@pytest.mark.slow
def test_who_comes_as_another_has_just_finished_gets_the_same(database, session, settings, person_id, monkeypatch):
    upload, finished = begun(session, settings, person_id, second_of_silence()), []

    def finish():
        with database.session() as other:
            finished.append(finish_upload(other, settings, person_id, upload.id).id)

    at_the_door(monkeypatch, finish)
    assert finish_upload(session, settings, person_id, upload.id).id == finished[0]
    assert len(finished) == len(list_songs(session, person_id).items) == 1


@pytest.mark.slow
def test_a_piece_that_waited_for_the_finish_is_not_taken(database, session, settings, person_id, monkeypatch):
    content = second_of_silence()
    upload = begun(session, settings, person_id, content)

    def finish():
        with database.session() as other:
            finish_upload(other, settings, person_id, upload.id)

    at_the_door(monkeypatch, finish)
    with pytest.raises(WrongOffset) as error:
        continue_upload(session, settings, person_id, upload.id, len(content), b"")
    assert error.value.received_bytes == len(content)
    assert not [name for name in incoming_files(settings) if name.endswith(".part")], "no empty file is left for it"


@pytest.mark.slow
def test_no_sweep_takes_an_upload_that_is_being_finished(database, session, settings, person_id, monkeypatch):
    content = second_of_silence()
    upload = begun(session, settings, person_id, content)
    upload.touched_at = now() - timedelta(days=2)
    session.commit()
    look = songs.look_at_song

    def look_as_a_sweep_goes_by(*values):
        with database.session() as other:
            sweep(other, settings)
        return look(*values)

    monkeypatch.setattr(songs, "look_at_song", look_as_a_sweep_goes_by)
    song = finish_upload(session, settings, person_id, upload.id)
    assert (settings.uploads_dir / song.file_name).read_bytes() == content
