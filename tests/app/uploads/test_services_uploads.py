"""Uploads in pieces, and requests that are carried out once."""

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



def test_pieces_become_a_song(session, settings, person_id, whole, song_path):
    assert get_upload(session, person_id, whole.id).received_bytes == song_path.stat().st_size
    song = finish_upload(session, settings, person_id, whole.id)
    assert (song.title, song.size_bytes) == ("My song", song_path.stat().st_size)
    assert (settings.uploads_dir / song.file_name).read_bytes() == song_path.read_bytes()
    assert incoming_files(settings) == []
    assert finish_upload(session, settings, person_id, whole.id).id == song.id
    delete_song(session, settings, person_id, song.id)
    with pytest.raises(NotFound):
        finish_upload(session, settings, person_id, whole.id)


@pytest.mark.slow
def test_a_picture_comes_in_pieces_too(session, settings, person_id, picture_path):
    content = picture_path.read_bytes()
    upload = begin_upload(session, settings, person_id, "picture", "p.jpg", len(content))
    continue_upload(session, settings, person_id, upload.id, 0, content)
    assert finish_upload(session, settings, person_id, upload.id).faces[0]["ok"]


def test_only_the_place_where_it_stands_goes_on(session, settings, person_id):
    upload = begin_upload(session, settings, person_id, "song", "a.mp3", 10)
    continue_upload(session, settings, person_id, upload.id, 0, b"12345")
    for offset in (0, 4, 6):
        with pytest.raises(Conflict, match="has reached byte 5"):
            continue_upload(session, settings, person_id, upload.id, offset, b"678")
    with pytest.raises(Refused, match="more arrived"):
        continue_upload(session, settings, person_id, upload.id, 5, b"6789012")
    with pytest.raises(Conflict, match="Only 5 of 10"):
        finish_upload(session, settings, person_id, upload.id)
    assert (settings.incoming_dir / f"{upload.id}.part").read_bytes() == b"12345"


def test_the_same_piece_from_two_threads_counts_once(database, settings, person_id):
    with database.session() as session:
        upload = begin_upload(session, settings, person_id, "song", "a.mp3", 2_000)
    start = threading.Barrier(4)

    def send(_):
        start.wait()
        with database.session() as session:
            try:
                continue_upload(session, settings, person_id, upload.id, 0, b"x" * 1_000)
            except Conflict:
                return 0
            return 1

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(send, range(4))) == 1
    assert (settings.incoming_dir / f"{upload.id}.part").stat().st_size == 1_000


@pytest.mark.slow
def test_an_unusable_file_ends_its_upload(session, settings, person_id):
    upload = begin_upload(session, settings, person_id, "song", "fake.mp3", 5)
    continue_upload(session, settings, person_id, upload.id, 0, b"#EXTM")
    with pytest.raises(InputError, match="fake"):
        finish_upload(session, settings, person_id, upload.id)
    assert incoming_files(settings) == []
    with pytest.raises(NotFound):
        get_upload(session, person_id, upload.id)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["song", "picture"])
@pytest.mark.parametrize(
    "passing",
    [
        Busy("Too much to do."),
        StorageFull("No room."),
        LimitReached("Too many."),
        MissingError("A file lacks."),
        OSError(5, "I/O"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_passes_keeps_the_upload(session, settings, person_id, kind, passing, song_path, picture_path, monkeypatch):
    content = (song_path if kind == "song" else picture_path).read_bytes()
    upload = begin_upload(session, settings, person_id, kind, "file", len(content))
    continue_upload(session, settings, person_id, upload.id, 0, content)

    def look(*_):
        raise passing

    with monkeypatch.context() as patched:
        patched.setattr(f"app.services.{kind}s.look_at_{kind}", look)
        with pytest.raises(type(passing)):
            finish_upload(session, settings, person_id, upload.id)
    assert standing_upload(session, settings, person_id, upload.id).received_bytes == len(content)
    assert finish_upload(session, settings, person_id, upload.id).size_bytes == len(content)


@pytest.mark.slow
def test_a_row_that_can_not_be_kept_keeps_the_upload(session, settings, person_id, song_path, monkeypatch):
    """The file has its final name already when the database fails."""
    content = song_path.read_bytes()
    upload = begun(session, settings, person_id, content)

    def fail(_):
        raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    event.listen(session, "before_commit", lambda *_: fail(_) if list(settings.uploads_dir.glob("song-*")) else None)
    with pytest.raises(OperationalError):
        finish_upload(session, settings, person_id, upload.id)
    session.rollback()
    assert list(settings.uploads_dir.glob("song-*")) == []
    assert standing_upload(session, settings, person_id, upload.id).received_bytes == len(content)


def test_a_piece_is_on_the_disk_before_it_is_counted(session, settings, person_id, monkeypatch):
    upload = begin_upload(session, settings, person_id, "song", "a.mp3", 10)
    order, sync = [], os.fsync

    def synced(descriptor):
        order.append(os.fstat(descriptor).st_size)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", synced)
    event.listen(session, "before_commit", lambda each: order.append("commit") if upload.received_bytes else None)
    continue_upload(session, settings, person_id, upload.id, 0, b"12345")
    assert order == [5, "commit"]


@pytest.mark.parametrize("left", [3, 0, None])
def test_a_part_that_a_power_loss_cut_short_is_sent_again_from_there(session, settings, person_id, left):
    upload = begin_upload(session, settings, person_id, "song", "a.mp3", 10)
    continue_upload(session, settings, person_id, upload.id, 0, b"12345")
    part = settings.incoming_dir / f"{upload.id}.part"
    if left is None:
        part.unlink()
    else:
        os.truncate(part, left)
    with pytest.raises(WrongOffset) as error:
        continue_upload(session, settings, person_id, upload.id, 5, b"67890")
    assert error.value.received_bytes == (left or 0)
    assert standing_upload(session, settings, person_id, upload.id).received_bytes == (left or 0)
    continue_upload(session, settings, person_id, upload.id, left or 0, b"1234567890"[left or 0 :])
    assert part.read_bytes() == b"1234567890"


@pytest.mark.slow
def test_a_whole_upload_that_was_cut_short_is_not_finished(session, settings, person_id, song_path):
    content = song_path.read_bytes()
    upload = begun(session, settings, person_id, content)
    os.truncate(settings.incoming_dir / f"{upload.id}.part", 1000)
    with pytest.raises(WrongOffset) as error:
        finish_upload(session, settings, person_id, upload.id)
    assert error.value.received_bytes == 1000
    send_rest(session, settings, person_id, upload.id, content)
    assert finish_upload(session, settings, person_id, upload.id).title == "My song"


def test_unfinished_bytes_have_a_limit(session, limited, person_id):
    settings = limited(unfinished_bytes=1000)
    begin_upload(session, settings, person_id, "song", "s.mp3", 600)
    with pytest.raises(LimitReached, match=r"up to 0\.001 MB"):
        begin_upload(session, settings, person_id, "picture", "p.png", 401)
    begin_upload(session, settings, person_id, "picture", "p.png", 400)


def test_limits_hold_at_the_beginning(session, settings, limited, person_id):
    with pytest.raises(TooLarge):
        begin_upload(session, settings, person_id, "picture", "p.png", settings.limits.picture_bytes + 1)
    with pytest.raises(Refused, match="empty"):
        begin_upload(session, settings, person_id, "song", "s.mp3", 0)
    with pytest.raises(Refused, match="song or a picture"):
        begin_upload(session, settings, person_id, "film", "s.mp3", 1)
    begin_upload(session, settings, person_id, "song", "s.mp3", 1)
    with pytest.raises(LimitReached, match="unfinished"):
        begin_upload(session, limited(uploads=1), person_id, "song", "s.mp3", 1)
    with pytest.raises(Refused, match="smaller pieces"):
        upload = begin_upload(session, settings, person_id, "song", "s.mp3", 10)
        continue_upload(session, limited(piece_bytes=4), person_id, upload.id, 0, b"12345")


def test_uploads_are_private_can_be_abandoned_and_grow_stale(session, settings, person_id):
    upload = begin_upload(session, settings, person_id, "song", "s.mp3", 1)
    with pytest.raises(NotFound):
        get_upload(session, new_id(), upload.id)
    abandon_upload(session, settings, person_id, upload.id)
    assert incoming_files(settings) == [] and session.query(Upload).count() == 0
    stale = begin_upload(session, settings, person_id, "song", "s.mp3", 1)
    fresh = begin_upload(session, settings, person_id, "song", "s.mp3", 1)
    stale.touched_at = now() - timedelta(days=2)
    session.commit()
    for path in settings.incoming_dir.iterdir():
        os.utime(path, (0, 0))
    assert sweep(session, settings) == 1
    assert incoming_files(settings) == [f"{fresh.id}.part"]


def test_whoever_uploads_sweeps_now_and_then(session, settings, person_id):
    stale = begin_upload(session, settings, person_id, "song", "s.mp3", 1)
    stale.touched_at = now() - timedelta(days=2)
    session.commit()
    begin_upload(session, settings, person_id, "song", "s.mp3", 1)
    assert session.query(Upload).count() == 2
    os.utime(settings.results_dir / "swept", (0, 0))
    begin_upload(session, settings, person_id, "song", "s.mp3", 1)
    assert session.query(Upload).count() == 2
