"""`belcanto keys`: other master keys, other data keys, sealed, open; broken off anywhere, nothing is lost."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from app.key_models import DataKeyRow
from app.keys import main
from app.models import Work, new_id, now
from app.services import sealing
from app.services.leaving import erase_everything
from app.services.songs import add_song_stream
from core.errors import BelcantoError, InputError
from core.master_key import new_master_key
from core.sealed_files import key_id_of

FILM = b"ftypisom the film of a person" * 4000


@pytest.fixture
def sealed(settings):
    """Settings under which what people keep is sealed."""
    return replace(settings, encryption=True)


@pytest.fixture
def keep(session, settings, song_path):
    """Gives two people a song and a film each, kept as the settings say; gives what lies where."""

    def make(kept_by) -> dict[Path, bytes]:
        contents = {}
        for _ in range(2):
            person, work_id = new_id(), new_id()
            with song_path.open("rb") as sound:
                song = add_song_stream(session, kept_by, person, sound, "My song.mp3")
            name = f"film-{work_id}.mp4"
            kept_by.vault.write_bytes(kept_by.results.path(name), person, FILM)
            work = Work(id=work_id, person_id=person, kind="song_to_film", title="Film", search_text="film", options={})
            work.order_key, work.files, work.created_at = work_id, {"film": name}, now()
            session.add(work)
            session.commit()
            contents |= {kept_by.uploads.path(song.file_name): song_path.read_bytes(), kept_by.results.path(name): FILM}
        return contents

    return make


def rows_of(settings) -> list[DataKeyRow]:
    with sealing.ring_of(settings).session() as session:
        return list(session.scalars(select(DataKeyRow)))


def check(settings, contents, is_sealed=True):
    """All of it can be read by a program that starts now, and lies as it should."""
    fresh = replace(settings)
    fresh.vault.keys.check(False)
    for path, content in contents.items():
        assert fresh.vault.read_bytes(path) == content
        assert (key_id_of(path) is not None) == is_sealed


def broken_after(count):
    """Ends the work as a kill would, once so much of it is done."""

    def told(done, total):
        if done >= count:
            raise KeyboardInterrupt

    return told


def test_an_open_folder_is_sealed_and_opened_again_even_where_it_is_broken_off(settings, sealed, session, keep):
    contents = keep(settings)
    with pytest.raises(KeyboardInterrupt):
        sealing.encrypt(session, sealed, broken_after(1))
    assert [key_id_of(path) is not None for path in contents].count(True) == 1
    assert sealing.encrypt(session, sealed) == 3
    check(sealed, contents)
    assert not any(FILM[:29] in path.read_bytes() for path in contents)
    assert sealing.encrypt(session, sealed) == 0
    assert sealing.decrypt(session, settings) == 4
    check(settings, contents, is_sealed=False)


def test_each_persons_files_are_sealed_with_that_persons_key(settings, sealed, session, keep):
    contents = list(keep(settings))
    sealing.encrypt(session, sealed)
    one, one_too, other, other_too = (key_id_of(path) for path in contents)
    assert one == one_too and other == other_too and one != other


@pytest.mark.parametrize("moment", ["the file was written", "some are wrapped", "all are wrapped"])
def test_a_new_master_key_wraps_all_wherever_it_was_broken_off(sealed, session, keep, monkeypatch, moment):
    contents, ring = keep(sealed), sealing.ring_of(sealed)
    (old,) = ring.source.read()
    monkeypatch.setattr(sealing, "AT_ONCE", 1)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        if moment == "the file was written":
            patch.setattr(ring, "wrap_anew", lambda ids: broken_after(0)(1, 1))
        sealing.rotate_master(sealed, broken_after(1 if moment == "some are wrapped" else 2))
    check(sealed, contents)
    new = ring.source.read()[0]
    assert new != old and old in ring.source.read()
    sealing.rotate_master(sealed)
    if moment == "all are wrapped":  # it was done but for the file, and a further one was begun
        new = ring.source.read()[0]
    assert ring.source.read() == [new] and {row.master_id for row in rows_of(sealed)} == {new.id}
    check(sealed, contents)


def test_a_program_that_runs_meanwhile_reads_and_keeps_on(sealed, session, keep):
    contents = keep(sealed)
    running = replace(sealed)
    running.vault.keys.key_of(new_id())
    sealing.rotate_master(sealed)
    for path, content in contents.items():
        assert running.vault.read_bytes(path) == content
    running.vault.keys.key_of(new_id())
    assert {row.master_id for row in rows_of(sealed)} == {sealing.ring_of(sealed).source.read()[0].id}


def test_a_master_key_of_the_environment_is_followed_by_its_own_successor(sealed, session, keep):
    old, new = (base64.b64encode(new_master_key().secret).decode() for _ in range(2))
    before = replace(sealed, master_key=old)
    contents = keep(before)
    with pytest.raises(InputError, match="Put a new one before it"):
        sealing.rotate_master(before)
    assert sealing.rotate_master(replace(sealed, master_key=f"{new},{old}")) == 2
    check(replace(sealed, master_key=new), contents)


def test_new_data_keys_seal_all_files_anew_even_where_it_is_broken_off(sealed, session, keep):
    contents = keep(sealed)
    before = {path: key_id_of(path) for path in contents}
    times = {path: path.stat().st_mtime_ns for path in contents}
    with pytest.raises(KeyboardInterrupt):
        sealing.rotate_data_keys(session, sealed, broken_after(1))
    check(sealed, contents)
    assert sealing.rotate_data_keys(session, sealed) == 3
    check(sealed, contents)
    after = {path: key_id_of(path) for path in contents}
    assert len(rows_of(sealed)) == 4 and not set(before.values()) & set(after.values()), "no third key was made"
    assert times == {path: path.stat().st_mtime_ns for path in contents}


def test_old_data_keys_are_destroyed_once_nothing_can_need_them(sealed, session, keep, monkeypatch):
    keep(sealed)
    sealing.rotate_data_keys(session, sealed)
    assert len(rows_of(sealed)) == 4
    monkeypatch.setattr(sealing, "RETIRED_FOR", 0 * sealing.RETIRED_FOR)
    sealing.rotate_data_keys(session, sealed)
    assert len(rows_of(sealed)) == 2


def test_keys_of_who_keeps_nothing_any_more_are_destroyed_and_others_stay(sealed, session, keep):
    contents = keep(sealed)
    one, _, other, _ = contents
    copy = one.read_bytes()
    owner = next(row.person_id for row in rows_of(sealed) if row.id == key_id_of(one).hex())
    assert erase_everything(session, sealed, owner)
    one.write_bytes(copy)  # as from a backup
    with pytest.raises(BelcantoError, match="its key is not here any more"):
        replace(sealed).vault.read_bytes(one)
    assert replace(sealed).vault.read_bytes(other) == contents[other]


def test_the_command_says_how_things_stand_and_turns_them_over(settings, session, keep, capsys, monkeypatch):
    contents = keep(settings)
    monkeypatch.delenv("BELCANTO_CACHE_DIR", raising=False)
    folder = ["--data-dir", str(settings.data_dir)]
    assert main([*folder, "encrypt"]) == 0 and "4 files were sealed" in capsys.readouterr().out
    assert main([*folder, "status"]) == 0
    told = capsys.readouterr().out
    assert "4 sealed, 0 open" in told and str(settings.data_dir / "keys" / "master.key") in told
    assert main([*folder, "rotate"]) == 0 and "2 data keys" in capsys.readouterr().out
    assert main([*folder, "rotate", "--data-keys"]) == 0 and "4 files" in capsys.readouterr().out
    (settings.data_dir / "keys" / "master.key").unlink()
    assert main([*folder, "decrypt"]) == 1
    assert "put the right key back" in capsys.readouterr().err
    assert all(key_id_of(path) is not None for path in contents)
