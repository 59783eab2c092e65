"""The keys of people's files: one a person, wrapped, made once, opened by the right master key alone."""

from __future__ import annotations

import base64
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from app.accounts.joining import tables_of_persons
from app.key_models import DataKeyRow
from app.models import new_id
from app.services.people import ensure_person
from app.settings import AppSettings
from core.errors import BelcantoError, InputError
from core.master_key import WrongMasterKey, new_master_key


@pytest.fixture
def sealing(settings):
    """Settings under which what people keep is sealed."""
    return replace(settings, encryption=True)


def text_of(key) -> str:
    """The master key as the environment names it."""
    return base64.b64encode(key.secret).decode()


def rows_of(settings) -> list[DataKeyRow]:
    with settings.vault.keys.session() as session:
        return list(session.scalars(select(DataKeyRow)))


def test_everybody_has_a_key_of_their_own_which_stays(sealing):
    ring, one, other = sealing.vault.keys, new_id(), new_id()
    first = ring.key_of(one)
    assert ring.key_of(one) == first and ring.key_of(other).secret != first.secret
    fresh = replace(sealing).vault.keys  # as after a restart
    assert fresh.key_of(one) == first and fresh.secret(first.id) == first.secret


def test_no_key_lies_open_in_the_database_nor_beside_the_files(sealing):
    key = sealing.vault.keys.key_of(new_id())
    (row,) = rows_of(sealing)
    assert key.secret not in base64.b64decode(row.wrapped)
    master = sealing.vault.keys.source
    assert master.file == sealing.data_dir / "keys" / "master.key" and master.file.stat().st_mode & 0o077 == 0
    secret = master.read()[0].secret
    for path in [*sealing.uploads_dir.rglob("*"), *sealing.results_dir.rglob("*")]:
        if path.is_file():
            assert key.secret not in path.read_bytes() and base64.b64encode(secret) not in path.read_bytes()


def test_who_asks_at_the_same_time_gets_the_same_key(sealing):
    one = new_id()
    rings = [replace(sealing).vault.keys for _ in range(6)]
    with ThreadPoolExecutor(6) as threads:
        keys = list(threads.map(lambda ring: ring.key_of(one), rings))
    assert len({key.id for key in keys}) == 1 and len(rows_of(sealing)) == 1


def test_a_master_key_that_is_lost_or_another_is_told_and_none_is_made_in_its_place(sealing):
    key = sealing.vault.keys.key_of(new_id())
    sealing.vault.keys.source.file.unlink()
    for changed in (replace(sealing), replace(sealing, master_key=text_of(new_master_key()))):
        ring = changed.vault.keys
        with pytest.raises(WrongMasterKey, match="put the right key back"):
            ring.check()
        with pytest.raises(WrongMasterKey):
            ring.secret(key.id)
        with pytest.raises(WrongMasterKey):
            replace(sealing).vault.keys.key_of(new_id())
    assert not sealing.vault.keys.source.file.exists() and len(rows_of(sealing)) == 1


def test_older_master_keys_still_open(sealing):
    old, new = new_master_key(), new_master_key()
    key = replace(sealing, master_key=text_of(old)).vault.keys.key_of("a" * 32)
    both = replace(sealing, master_key=f"{text_of(new)},{text_of(old)}").vault.keys
    both.check()
    assert both.secret(key.id) == key.secret
    both.key_of("b" * 32)
    assert {row.master_id for row in rows_of(sealing)} == {old.id, new.id}


def test_a_key_that_is_gone_is_told(sealing):
    with pytest.raises(BelcantoError, match="its key is not here any more"):
        sealing.vault.keys.secret(os.urandom(16))


def test_a_new_key_seals_from_then_on_and_the_old_one_still_opens(sealing, tmp_path):
    vault, one = sealing.vault, new_id()
    vault.write_bytes(tmp_path / "before", one, b"before")
    old = vault.keys.key_of(one)
    vault.keys.renew(one)
    vault.write_bytes(tmp_path / "after", one, b"after")
    assert vault.keys.key_of(one) != old
    fresh = replace(sealing).vault
    assert (fresh.read_bytes(tmp_path / "before"), fresh.read_bytes(tmp_path / "after")) == (b"before", b"after")


def test_keys_go_with_what_a_visitor_brings_to_an_account(sealing, session, settings, tmp_path):
    visitor, account = new_id(), new_id()
    sealing.vault.write_bytes(tmp_path / "film", visitor, b"film")
    ensure_person(session, visitor)
    ensure_person(session, account)
    assert DataKeyRow.__table__ in tables_of_persons()
    session.execute(update(DataKeyRow).where(DataKeyRow.person_id == visitor).values(person_id=account))
    session.commit()
    fresh = replace(sealing).vault
    assert fresh.read_bytes(tmp_path / "film") == b"film" and len(fresh.keys.keys_of(account)) == 1
    assert fresh.keys.key_of(account) == fresh.keys.keys_of(account)[0]


def test_the_environment_seals_unless_it_says_otherwise():
    assert AppSettings.from_environment({}).encryption
    assert not AppSettings.from_environment({"BELCANTO_ENCRYPTION": "off"}).encryption
    with pytest.raises(InputError, match="BELCANTO_ENCRYPTION"):
        AppSettings.from_environment({"BELCANTO_ENCRYPTION": "perhaps"})


def test_settings_never_show_the_master_key():
    text = text_of(new_master_key())
    assert text not in repr(AppSettings.from_environment({"BELCANTO_MASTER_KEY": text}))
