"""Counters that several servers share lie in Redis, accounts in PostgreSQL: the real ones."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import close_all_sessions

from app.accounts.codes import make_code, use_code
from app.accounts.erasing import erase_account
from app.accounts.guesses import OF_PAIR, Guesses, WaitFirst
from app.accounts.joining import join
from app.accounts.service import by_password, find_account
from app.accounts.service import sign_up as make_account
from app.accounts.sessions import end_sessions, find_session, live_sessions, open_session
from app.database import Database, writing
from app.errors import Refused
from app.migrations.upgrade import upgrade
from app.models import Person, Song, new_id
from app.settings import AppSettings
from tests.app.accounts.conftest import NAME, PASSWORD
from tests.app.conftest import copy_row

pytestmark = pytest.mark.slow


def test_two_servers_count_together(settings, redis_url):
    shared = replace(settings, queue="redis", redis_url=redis_url)
    one, other = Guesses.of(shared), Guesses.of(shared)
    for number in range(OF_PAIR.free):
        (one, other)[number % 2].begin("anna", "there")
    for server in (one, other):
        with pytest.raises(WaitFirst) as told:
            server.begin("anna", "there")
        assert told.value.retry_after_s == 1
    one.begin("berta", "elsewhere").was_right()
    assert one.once("a challenge", 60) and not other.once("a challenge", 60)


@pytest.fixture
def on_postgres(tmp_path, postgres_url):
    """Settings and a session of a database of the test's own server."""
    settings = AppSettings(data_dir=tmp_path, database_url=postgres_url)
    database = Database(settings)
    upgrade(database.engine, settings)
    with database.session() as session:
        yield settings, session
    close_all_sessions()
    database.close()


def test_an_account_lives_and_ends_on_postgresql(on_postgres, shelf):
    settings, session = on_postgres
    code = make_code(session, "invitation", role="administrator")
    account = make_account(session, NAME, PASSWORD, code)
    with pytest.raises(Refused), writing(session):
        use_code(session, "invitation", code)
    assert account.role == "administrator" and by_password(session, "ANNA", PASSWORD).id == account.id
    token = open_session(session, account, "Firefox/140 Linux")
    row, _ = find_session(session, settings.accounts, token)
    assert live_sessions(session, [row.id]) == {row.id} and end_sessions(session, account.id) == [row.id]
    visitor = new_id()
    settings.make_folders()
    copy_row(session, settings, visitor, shelf[0], shelf[1])
    copy_row(session, settings, account.person_id, shelf[0], shelf[1])
    assert join(session, settings, visitor, account) and session.get(Person, visitor) is None
    theirs = select(Song).where(Song.person_id.in_([visitor, account.person_id]))
    assert [song.person_id for song in session.scalars(theirs)] == [account.person_id]
    make_account(session, "Root", PASSWORD, make_code(session, "invitation", role="administrator"))
    erase_account(session, settings, account.id)
    assert find_account(session, NAME) is None and session.scalars(theirs).all() == []
