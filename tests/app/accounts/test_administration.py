"""Administrators see counts, not content; they let people in and out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.accounts.__main__ import main
from app.accounts.codes import find_code
from app.accounts.models import Account, AccountSession
from app.models import Asset, Person, Work, now
from app.services.albums import create_album
from app.services.films import order_film
from app.services.tags import change_tags
from app.texts import size
from tests.app.accounts.conftest import NAME, OTHER, PASSWORD
from tests.app.conftest import copy_row

CANARY = "Zebrafinkenlied"


@pytest.fixture
def hers(session, settings, shelf, sign_up, account_of):
    """Somebody's account with a song, a picture, an album and a film, all called by one word; her client."""
    client = sign_up()
    person = account_of().person_id
    song, picture = (copy_row(session, settings, person, shelf[0], row) for row in shelf[1:3])
    film, _ = order_film(session, settings, person, song.id, picture.id)
    for row in (song, picture, film):
        row.title = row.search_text = CANARY
    film.words_text, film.size_bytes, film.files = CANARY, 5_000_000, {"film": f"{CANARY}.mp4"}
    session.commit()
    create_album(session, settings, person, CANARY)
    change_tags(session, person, {"songs": [song.id]}, [CANARY], [])
    return client


def administration_views(app):
    """Every address of administrators."""
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/administration")]


def test_they_see_how_many_and_how_much_never_what(app, session, hers, administrator, account_of):
    page = administrator.get("/administration").text
    files = sum(session.scalars(select(Asset.size_bytes)).all())
    session.commit()
    assert "Anna" in page and "1 work" in page and size(files + 5_000_000) in page and "1 waiting" in page
    seen = [page]
    for rule in app.url_map.iter_rules():  # and nothing of hers at any other address that an administrator may open
        if "GET" in rule.methods and not rule.arguments:
            seen.append(administrator.get(rule.rule).get_data().decode(errors="replace"))
    ids = [row.id for model in (Asset, Work) for row in session.scalars(select(model))]
    assert not any(word in text.casefold() for text in seen for word in (CANARY.casefold(), *ids))
    assert CANARY in hers.get("/library").text  # else it would be looked for in vain


def test_an_administrator_meets_nothing_of_hers(session, hers, administrator):
    work, asset = session.scalars(select(Work)).one(), session.scalars(select(Asset).where(Asset.kind == "picture")).one()
    for address in (f"/api/v1/films/{work.id}", f"/api/v1/pictures/{asset.id}/file", f"/film/{work.id}"):
        assert administrator.get(address).status_code == 404


def test_nobody_else_is_an_administrator(app, client, hers, account_of):
    values = {"account_id": account_of().id, "code_id": "0" * 32, "what": "delete"}
    for rule in administration_views(app):
        with app.test_request_context():
            address = app.url_map.bind("localhost").build(rule.endpoint, {name: values[name] for name in rule.arguments})
        method = "GET" if "GET" in rule.methods else "POST"
        assert hers.open(address, method=method).status_code == 404, rule.rule
        assert client.open(address, method=method).status_code == 303, rule.rule
    assert account_of() is not None and len(administration_views(app)) >= 4


def test_an_invitation_is_made_shown_once_and_taken_back(app, session, administrator):
    page = administrator.post("/administration/invitations").text
    code = page.partition("/sign-up?code=")[2].partition('"')[0]
    assert find_code(session, "invitation", code) is not None and code not in administrator.get("/administration").text
    address = f"/administration/invitations/{find_code(session, 'invitation', code).id}/withdraw"
    session.commit()
    assert administrator.post(address).status_code == 303 and find_code(session, "invitation", code) is None
    session.commit()
    assert administrator.post(address).status_code == 404


def test_who_is_disabled_is_out_and_may_come_back(hers, administrator, account_of, sign_in):
    address = f"/administration/accounts/{account_of().id}"
    assert administrator.post(f"{address}/disable").status_code == 303
    assert hers.get("/library").status_code == 303 and sign_in()[1].status_code == 422
    assert "disabled" in administrator.get("/administration").text
    administrator.post(f"{address}/enable")
    assert sign_in()[1].status_code == 303


def test_what_is_grave_wants_a_sign_in_of_a_short_while_ago(session, hers, administrator, account_of):
    session.execute(update(AccountSession).values(proved_at=now() - timedelta(hours=1)))
    session.commit()
    address = f"/administration/accounts/{account_of().id}/disable"
    assert administrator.post(address).headers["Location"].startswith("/prove") and account_of().disabled_at is None
    assert administrator.post("/prove", data={"old": "wrong"}).status_code == 422
    assert (
        administrator.post("/prove", data={"old": PASSWORD, "next": "/administration"}).headers["Location"] == "/administration"
    )
    administrator.post(address)
    assert account_of().disabled_at is not None


def test_an_account_is_deleted_with_all_that_it_has(session, settings, hers, administrator, account_of):
    person, account_id = account_of().person_id, account_of().id
    files = [settings.uploads_dir / row.file_name for row in session.scalars(select(Asset))]
    session.commit()
    assert all(path.exists() for path in files)
    assert administrator.post(f"/administration/accounts/{account_id}/delete").status_code == 303
    assert account_of() is None and hers.get("/library").status_code == 303
    session.rollback()
    session.expire_all()
    assert session.scalars(select(Work)).all() == [] and not any(path.exists() for path in files)
    assert session.scalars(select(Asset)).all() == [] and session.get(Person, person) is None
    kept = b"".join(path.read_bytes() for path in settings.results_dir.glob("belcanto.sqlite3*"))
    assert CANARY.encode() not in kept and b"Anna" not in kept


def test_nothing_is_deleted_by_one_click(hers, administrator):
    """What is erased stands beside the button, in a fold of its own."""
    page = administrator.get("/administration").text
    fold = page.partition("<details>")[2].partition("</details>")[0]
    assert "erased at once" in fold and "/delete" in fold and page.count('/delete"') == 1


def test_the_last_administrator_stays(session, administrator, account_of):
    for what in ("disable", "delete"):
        administrator.post(f"/administration/accounts/{account_of('Root').id}/{what}")
        assert account_of("Root").disabled_at is None
    assert administrator.post("/account/delete", data={"old": PASSWORD}).status_code == 409 and account_of("Root")


def test_who_deletes_their_own_account_needs_its_password(session, hers, account_of):
    assert hers.post("/account/delete", data={"old": "wrong"}).status_code == 422 and account_of()
    assert hers.post("/account/delete", data={"old": PASSWORD}).status_code == 303 and account_of() is None
    assert session.scalars(select(Asset)).all() == [] and hers.get("/library").status_code == 303


def told(capsys, settings, *words):
    """What the terminal's command prints."""
    code = main(["--data-dir", str(settings.data_dir), *words])
    out, err = capsys.readouterr()
    return code, out + err


def test_the_first_administrator_comes_from_the_terminal(app, capsys, settings, session, account_of, sign_in):
    code, text = told(capsys, settings, "create", "Root", "--administrator")
    link = text.strip().splitlines()[-1]
    assert (
        code == 0 and link.startswith("http://127.0.0.1:5000/new-password?code=") and account_of("Root").role == "administrator"
    )
    assert sign_in("Root", "")[1].status_code == 422  # without a password nobody comes in by one
    client = app.test_client()
    assert client.post("/new-password", data={"code": link.partition("code=")[2], "password": OTHER}).status_code == 303
    assert client.get("/administration").status_code == 200
    assert told(capsys, settings, "create", "root")[0] != 0  # taken


def test_the_terminal_lists_disables_and_deletes(capsys, settings, hers, account_of, session):
    assert "Anna" in told(capsys, settings, "list")[1] and CANARY not in told(capsys, settings, "list")[1]
    assert told(capsys, settings, "disable", "ANNA")[0] == 0 and hers.get("/library").status_code == 303
    assert told(capsys, settings, "enable", NAME)[0] == 0 and account_of().disabled_at is None
    assert "/new-password?code=" in told(capsys, settings, "reset", NAME)[1]
    assert "/sign-up?code=" in told(capsys, settings, "invite")[1]
    assert told(capsys, settings, "disable", "Nobody")[0] != 0
    assert told(capsys, settings, "promote", NAME)[0] == 0 and account_of().role == "administrator"
    assert told(capsys, settings, "demote", NAME)[0] != 0  # the only one
    assert told(capsys, settings, "create", "Root", "--administrator")[0] == 0
    assert told(capsys, settings, "demote", NAME)[0] == 0 and account_of().role == "user"
    assert told(capsys, settings, "delete", NAME)[0] == 0 and account_of() is None
    assert [row.name for row in session.scalars(select(Account))] == ["Root"]
