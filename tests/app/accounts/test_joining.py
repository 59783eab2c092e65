"""What a browser had before its visitor had an account becomes the account's, and nobody else's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.accounts.joining import STAY, join, tables_of_persons
from app.context import EXTENSION, PERSON_COOKIE
from app.errors import LimitReached
from app.models import Asset, Job, Person, Picture, Song, Work, new_id
from app.notices.models import NoticeAddress
from app.services.albums import create_album, fill_album
from app.services.films import order_film
from app.services.hiding import hide
from app.services.notices import add_address
from app.services.tags import change_tags
from app.services.tokens import SCOPES, create_token
from app.shelf_models import Album, AlbumAsset, AssetTag
from app.token_models import ApiToken
from tests.app.accounts.conftest import PASSWORD
from tests.app.conftest import copy_row


@pytest.fixture
def visitor(app, person_id):
    """A browser whose cookie names the person."""

    def made(whose=person_id):
        client = app.test_client()
        client.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(whose))
        return client

    return made


def owners(session, *models):
    """Whose rows there are."""
    session.rollback()
    session.expire_all()
    return {row.person_id for model in models for row in session.scalars(select(model))}


def test_signing_up_takes_over_what_the_browser_had(session, settings, person_id, film, clip, visitor, sign_up, account_of):
    album = create_album(session, settings, person_id, "Mine")
    fill_album(session, person_id, album.id, {"works": [film.id]})
    client = sign_up(client=visitor())
    assert owners(session, Asset, Work, Job, Album) == {account_of().person_id} != {person_id}
    assert session.get(Person, person_id) is None and client.get_cookie(PERSON_COOKIE) is None
    assert client.get("/api/v1/films").json["items"][0]["id"] == film.id
    assert client.get(f"/api/v1/pictures/{film.picture.id}/file").status_code == 200


def test_signing_in_takes_over_too(session, person_id, song, visitor, sign_up, sign_in, account_of):
    sign_up()
    assert sign_in(client=visitor())[1].status_code == 303
    assert owners(session, Song) == {account_of().person_id}


def test_the_same_file_is_kept_once(session, settings, shelf, person_id, film, sign_up, sign_in, visitor, account_of):
    """The account has the song already, hidden and in an album; the visitor's film hangs on it afterwards."""
    sign_up()
    mine = copy_row(session, settings, account_of().person_id, shelf[0], shelf[1])
    mine.title, film.song.file_name = "As I call it", f"song-{new_id()}.mp3"
    (settings.uploads_dir / mine.file_name).rename(settings.uploads_dir / film.song.file_name)
    (settings.uploads_dir / mine.file_name).write_bytes(b"the account's")
    album = create_album(session, settings, mine.person_id, "Mine")
    fill_album(session, mine.person_id, album.id, {"songs": [mine.id]})
    change_tags(session, mine.person_id, {"songs": [mine.id]}, ["both"], [])
    change_tags(session, person_id, {"songs": [film.song.id]}, ["both", "theirs"], [])
    hide(mine)
    film.job.state = "done"
    session.commit()
    mine_id, film_id = mine.id, film.id
    assert sign_in(client=visitor())[1].status_code == 303
    session.rollback()
    session.expire_all()
    songs = session.scalars(select(Song)).all()
    assert [(row.id, row.title, row.deleted_at) for row in songs] == [(mine_id, "As I call it", None)]
    assert session.get(Work, film_id).song.id == mine_id
    assert {row.folded for row in session.scalars(select(AssetTag))} == {"both", "theirs"}
    assert [row.asset_id for row in session.scalars(select(AlbumAsset))] == [mine_id]
    names = {path.name for path in settings.uploads_dir.iterdir() if path.is_file()}
    assert songs[0].file_name in names and sum(name.startswith("song-") for name in names) == 1


def test_a_file_that_is_worked_on_stays(session, settings, shelf, person_id, film, sign_up, sign_in, visitor, account_of):
    """The visitor's film waits: its job is handed the visitor's file, whatever the account's is called."""
    sign_up()
    mine = copy_row(session, settings, account_of().person_id, shelf[0], shelf[1])
    worked_on = film.song.file_name = "song-" + new_id() + ".mp3"
    (settings.uploads_dir / worked_on).write_bytes(b"the visitor's")
    session.commit()
    mine_id = mine.id
    assert sign_in(client=visitor())[1].status_code == 303
    session.rollback()
    session.expire_all()
    assert session.get(Song, mine_id).file_name == worked_on
    assert (settings.uploads_dir / worked_on).read_bytes() == b"the visitor's"


def test_quotas_hold(session, settings, person_id, song, picture, visitor, sign_up, account_of, app):
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], settings=with_limits(settings, kept_bytes=song.size_bytes))
    client = sign_up(client=visitor())
    assert owners(session, Asset) == {person_id} and client.get_cookie(PERSON_COOKIE) is not None
    assert "more than one may keep" in client.get("/library").text
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], settings=settings)
    client.post("/sign-out")
    assert client.post("/sign-in", data={"name": "Anna", "password": PASSWORD}).status_code == 303
    assert owners(session, Asset) == {account_of().person_id}


def with_limits(settings, **limits):
    """The settings with other limits."""
    return replace(settings, limits=replace(settings.limits, **limits))


def test_nothing_moves_where_it_can_not_all_move(session, settings, person_id, song, picture, sign_up, account_of):
    sign_up()
    with pytest.raises(LimitReached):
        join(session, with_limits(settings, songs=1, kept_bytes=1), person_id, account_of())
    assert owners(session, Asset) == {person_id} and session.get(Person, person_id) is not None


def test_a_cookie_takes_nothing_that_is_an_accounts(session, settings, shelf, app, visitor, sign_up, account_of):
    """Not even one that the server has signed: a person with an account is reached by signing in alone."""
    sign_up()
    hers = account_of().person_id
    copy_row(session, settings, hers, shelf[0], shelf[2])
    thief = sign_up("Thief", client=visitor(hers))
    assert owners(session, Picture) == {hers} and thief.get("/api/v1/pictures").json["items"] == []
    assert visitor(hers).get("/api/v1/pictures").status_code == 401


def test_a_cookie_that_nobody_signed_takes_nothing(session, person_id, song, app, sign_up):
    client = app.test_client()
    client.set_cookie(PERSON_COOKIE, person_id)
    sign_up(client=client)
    assert owners(session, Song) == {person_id}


def test_the_cookie_of_a_visitor_who_has_moved_is_worth_nothing(session, person_id, film, visitor, sign_up, account_of):
    copied = visitor()
    sign_up(client=visitor())
    sign_up("Thief", client=copied)
    assert owners(session, Work) == {account_of().person_id}


def test_the_same_order_of_both_stays_two_works(session, settings, person_id, song, picture, shelf, sign_up, account_of):
    sign_up()
    account = account_of()
    theirs, _ = order_film(session, settings, person_id, song.id, picture.id)
    mine = copy_row(session, settings, account.person_id, shelf[0], shelf[1])
    mine_picture = copy_row(session, settings, account.person_id, shelf[0], shelf[2])
    mine_film, _ = order_film(session, settings, account.person_id, mine.id, mine_picture.id)
    theirs.order_key = mine_film.order_key  # as two orders of one text have
    session.commit()
    assert join(session, settings, person_id, account)
    assert len(session.scalars(select(Work).where(Work.person_id == account.person_id)).all()) == 2


def test_no_token_and_no_notice_of_before_reaches_into_the_account(session, app, person_id, song, visitor, sign_up, account_of):
    """Whoever has planted a cookie of their own, and kept a token for it, gets nothing by that."""
    text = create_token(session, person_id, "Planted", SCOPES).text
    add_address(session, person_id, "https://push.example/stranger", ("p", "a"), "en")
    session.commit()
    sign_up(client=visitor())
    assert owners(session, Song) == {account_of().person_id} and owners(session, ApiToken, NoticeAddress) == set()
    answer = app.test_client().get("/api/v1/songs", headers={"Authorization": f"Bearer {text}"})
    assert answer.status_code == 401


def test_every_table_of_a_person_moves():
    """A new one does by itself, unless it is named among those that stay."""
    names = {table.name for table in tables_of_persons()}
    assert {"assets", "works", "jobs", "uploads", "albums", "asset_tags", "work_tags", "share_links", "data_keys"} <= names
    assert not names & STAY
