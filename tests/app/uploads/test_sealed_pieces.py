"""Uploads that come in pieces while what people keep is sealed: nothing lies open, nothing is lost, few files are made."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.models import Upload, new_id
from app.services import pieces
from app.services.uploads import abandon_upload, begin_upload, continue_upload, finish_upload, standing_upload
from core.sealed_files import key_id_of


@pytest.fixture
def sealing(settings):
    """Settings under which what people keep is sealed."""
    return replace(settings, encryption=True)


def pieces_of(settings, upload):
    return [path for _, path in pieces.parts_of(settings, upload)]


def test_a_song_in_pieces_is_sealed_from_the_first_on(sealing, session, person_id, song_path):
    content = song_path.read_bytes()
    upload = begin_upload(session, sealing, person_id, "song", "My song.mp3", len(content))
    step = len(content) // 7 + 1
    for begin in range(0, len(content), step):
        continue_upload(session, sealing, person_id, upload.id, begin, content[begin : begin + step])
    assert all(content[:64] not in path.read_bytes() for path in pieces_of(sealing, upload))
    song = finish_upload(session, sealing, person_id, upload.id)
    kept = sealing.uploads.path(song.file_name)
    assert key_id_of(kept) is not None and sealing.vault.read_bytes(kept) == content
    assert not list(sealing.incoming_dir.iterdir())


def test_many_small_pieces_are_few_files(sealing, session, person_id):
    upload = begin_upload(session, sealing, person_id, "song", "a.mp3", 300)
    for begin in range(0, 300, 5):
        continue_upload(session, sealing, person_id, upload.id, begin, bytes([begin % 251]) * 5)
    assert len(pieces_of(sealing, upload)) == 1 and pieces.came(sealing, upload) == 300


def test_what_a_power_loss_took_is_sent_again(sealing, session, person_id, monkeypatch):
    monkeypatch.setattr(pieces, "LEAST_PART_BYTES", 1)
    upload = begin_upload(session, sealing, person_id, "song", "a.mp3", 30)
    for begin in (0, 10, 20):
        continue_upload(session, sealing, person_id, upload.id, begin, b"0123456789")
    pieces_of(sealing, upload)[1].unlink()
    assert standing_upload(session, sealing, person_id, upload.id).received_bytes == 10
    continue_upload(session, sealing, person_id, upload.id, 10, b"abcdefghij")
    assert standing_upload(session, sealing, person_id, upload.id).received_bytes == 20, "what lay behind it is gone"


def test_an_abandoned_upload_leaves_nothing(sealing, session, person_id):
    upload = begin_upload(session, sealing, person_id, "song", "a.mp3", 30)
    continue_upload(session, sealing, person_id, upload.id, 0, b"0123456789")
    abandon_upload(session, sealing, person_id, upload.id)
    assert not list(sealing.incoming_dir.iterdir())


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 60), st.binary(min_size=1, max_size=30)), min_size=1, max_size=8), st.sampled_from([1, 20, 99]))
def test_a_piece_at_any_place_takes_the_place_of_all_behind(sealing, monkeypatch, steps, least):
    monkeypatch.setattr(pieces, "LEAST_PART_BYTES", least)
    upload = Upload(id=new_id(), person_id="a" * 32, kind="song", size_bytes=1000)
    held = b""
    for place, piece in steps:
        offset = min(place, len(held))
        pieces.write_piece(sealing, upload, offset, piece)
        held = held[:offset] + piece
        assert pieces.came(sealing, upload) == len(held)
    upload.size_bytes = len(held)
    with pieces.put_together(sealing, upload) as path:
        assert sealing.vault.read_bytes(path) == held
    pieces.remove(sealing, upload)
