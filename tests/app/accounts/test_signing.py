"""The way in and out: who comes in, who does not, what a cookie is good for."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app import create_app
from app.accounts.codes import make_code
from app.accounts.guarding import OPEN as NAMED
from app.accounts.models import Account, AccountCode, AccountSession
from app.accounts.settings import AccountSettings
from app.error_pages import error_page, sentence_for
from app.models import now
from tests.app.accounts.conftest import NAME, OTHER, PASSWORD

CLOSED = ("/library", "/music", "/account", "/administration", "/talk", "/examples")
WAYS_IN = {f"accounts.{name}" for name in ("sign_in", "sign_up", "new_password", "ask_organisation", "organisation_answers")}
OPEN = ("/", "/about", "/guide", "/healthz", "/sign-in", "/sign-up", "/manifest.webmanifest", "/api/v1/openapi.json")


def cookie_of(client):
    """The session's cookie, as the browser has it."""
    return client.get_cookie("belcanto_session").value


def test_without_accounts_nobody_is_asked(tmp_path, settings):
    plain = create_app(replace(settings, accounts=AccountSettings()))
    client = plain.test_client()
    assert client.get("/library").status_code == 200 and client.get("/sign-in").status_code == 404
    assert client.get_cookie("belcanto_person") is not None and "/sign-in" not in client.get("/").text


def test_all_but_a_few_pages_want_an_account(client):
    for address in OPEN:
        assert client.get(address).status_code == 200, address
    for address in CLOSED:
        answer = client.get(f"{address}?q=1")
        assert answer.status_code == 303 and answer.headers["Location"] == f"/sign-in?next={address}?q%3D1", address
    answer = client.post("/library/order")
    assert answer.status_code == 303 and answer.headers["Location"] == "/sign-in"
    told = client.get("/api/v1/songs")
    assert told.status_code == 401 and told.mimetype == "application/problem+json" and told.json["slug"] == "not-signed-in"
    assert client.get_cookie("belcanto_person") is None  # nobody is remembered who has no account


def test_every_route_but_those_named_is_closed(app, client):
    """A new page is closed by itself."""
    opened = {rule.endpoint for rule in app.url_map.iter_rules() if not rule.arguments and "GET" in rule.methods}
    for rule in app.url_map.iter_rules():
        if rule.arguments or "GET" not in rule.methods:
            continue
        answer = client.get(rule.rule)
        is_open = rule.endpoint in NAMED or rule.endpoint in WAYS_IN
        assert (answer.status_code in (303, 401)) is not is_open, rule.rule
    known = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert known >= NAMED and opened


def test_an_account_is_made_and_let_in_again(sign_up, sign_in, account_of):
    client = sign_up()
    assert client.get("/library").status_code == 200 and "Anna" in client.get("/account").text
    assert account_of().seen_on == now().date() and account_of().password_hash.startswith("$argon2id$")
    assert client.post("/sign-out").status_code == 303
    assert client.get("/library").status_code == 303
    client, answer = sign_in("  aNNA ", next="/guide?a=1")
    assert answer.status_code == 303 and answer.headers["Location"] == "/guide?a=1" and client.get("/library").status_code == 200


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere(sign_up, sign_in, address):
    sign_up()
    assert sign_in(next=address)[1].headers["Location"] == "/"


def test_nothing_tells_whether_a_name_is_known(sign_up, sign_in):
    sign_up()
    wrong, unknown = sign_in(password="x")[1], sign_in("Berta", "x")[1]
    assert wrong.status_code == unknown.status_code == 422
    marks = re.compile(r'name="csrf_token" value="[^"]+"')
    assert marks.sub("", wrong.text).replace("Anna", "?") == marks.sub("", unknown.text).replace("Berta", "?")


def test_the_cookie_of_before_is_worth_nothing(sign_up, sign_in):
    """Session fixation: a session that somebody else has begun does not become that of whoever signs in."""
    sign_up()
    client, _ = sign_in()
    before = cookie_of(client)
    client.post("/sign-out")
    again = sign_in(client=client)[0]
    assert cookie_of(again) != before
    again.set_cookie("belcanto_session", before)
    assert again.get("/library").status_code == 303


def test_a_session_ends_by_itself(session, sign_up, settings):
    client = sign_up()
    accounts = settings.accounts
    for column, over in ((AccountSession.seen_at, accounts.idle), (AccountSession.created_at, accounts.longest)):
        for age, status in ((over - timedelta(minutes=1), 200), (over + timedelta(minutes=1), 303)):
            session.execute(update(AccountSession).values({column: now() - age}))
            session.commit()
            assert client.get("/library").status_code == status, (column, age)
        session.execute(update(AccountSession).values({column: now()}))
        session.commit()


def test_signing_out_everywhere(sign_up, sign_in):
    here, there = sign_up(), sign_in()[0]
    assert here.get("/account").text.count("Sign out there") > 0
    assert here.post("/account/sessions/end").status_code == 303
    assert here.get("/library").status_code == there.get("/library").status_code == 303


def test_one_other_browser_is_signed_out(session, sign_up, sign_in):
    here, there = sign_up(), sign_in()[0]
    first, second = session.scalars(select(AccountSession.id).order_by(AccountSession.created_at)).all()
    assert here.post(f"/account/sessions/{second}/end").status_code == 303
    assert here.get("/library").status_code == 200 and there.get("/library").status_code == 303
    stranger = sign_up("Berta")
    assert stranger.post(f"/account/sessions/{first}/end").status_code == 404 and here.get("/library").status_code == 200


def test_another_password_signs_all_other_browsers_out(sign_up, sign_in):
    here, there = sign_up(), sign_in()[0]
    before = cookie_of(here)
    wrong = here.post("/account/password", data={"old": "nonsense", "password": OTHER})
    assert wrong.status_code == 422 and there.get("/library").status_code == 200
    assert here.post("/account/password", data={"old": PASSWORD, "password": OTHER}).status_code == 303
    assert here.get("/library").status_code == 200 and there.get("/library").status_code == 303
    there.set_cookie("belcanto_session", before)
    assert there.get("/library").status_code == 303  # the old token of this very browser is over as well
    assert sign_in(password=PASSWORD)[1].status_code == 422 and sign_in(password=OTHER)[1].status_code == 303


def test_the_token_is_not_in_the_database(settings, sign_up):
    client = sign_up()
    with client.session_transaction() as kept:
        token = kept["_user_id"]
    files = [path for path in settings.results_dir.rglob("*") if path.is_file()]
    assert len(token) > 40 and not any(token.encode() in path.read_bytes() for path in files)


@pytest.mark.parametrize(
    "form", [{"password": "short"}, {"password": "password1234"}, {"password": "x" * 300}, {"name": "ab"}, {"name": "a\u202eb c"}]
)
def test_an_account_that_can_not_be(client, session, form):
    answer = client.post("/sign-up", data={"name": NAME, "password": PASSWORD, **form})
    assert answer.status_code == 422 and 'role="alert"' in answer.text
    assert session.scalars(select(Account)).all() == []


def test_a_name_is_had_once_however_it_is_written(app, sign_up):
    sign_up("Straße@Example.org")
    answer = app.test_client().post("/sign-up", data={"name": "STRASSE@example.ORG ", "password": PASSWORD})
    assert answer.status_code == 409


@pytest.mark.parametrize("account_settings", [AccountSettings(on=True)])
def test_an_invitation_is_good_once(app, session, client, account_settings):
    assert "invitation" in client.get("/sign-up").text
    assert client.post("/sign-up", data={"name": NAME, "password": PASSWORD}).status_code == 200
    assert session.scalars(select(Account)).all() == []
    code = make_code(session, "invitation")
    assert client.get(f"/sign-up?code={code}").status_code == 200
    weak = client.post("/sign-up", data={"name": NAME, "password": "short", "code": code})
    assert weak.status_code == 422  # it stays good
    assert client.post("/sign-up", data={"name": NAME, "password": PASSWORD, "code": code}).status_code == 303
    other = app.test_client()
    assert other.post("/sign-up", data={"name": "Berta", "password": PASSWORD, "code": code}).status_code == 200
    old = make_code(session, "invitation")
    session.execute(update(AccountCode).values(expires_at=now() - timedelta(seconds=1)))
    session.commit()
    assert other.post("/sign-up", data={"name": "Berta", "password": PASSWORD, "code": old}).status_code == 200
    assert [row.name for row in session.scalars(select(Account))] == [NAME]


def test_another_password_by_a_link(app, session, sign_up, sign_in, account_of):
    there = sign_up()
    first, code = (make_code(session, "reset", account_of().id) for _ in range(2))
    client = app.test_client()
    assert "not good" in client.post("/new-password", data={"code": first, "password": OTHER}).text  # the newest alone is good
    assert client.post("/new-password", data={"code": code, "password": "short"}).status_code == 422
    assert client.post("/new-password", data={"code": code, "password": OTHER}).status_code == 303
    assert client.get("/library").status_code == 200 and there.get("/library").status_code == 303
    assert "not good" in client.post("/new-password", data={"code": code, "password": PASSWORD}).text
    assert sign_in(password=OTHER)[1].status_code == 303


def test_a_form_of_another_site_signs_nobody_in(app, sign_up):
    """Else a stranger could have somebody work in the stranger's account, and take over what the browser had."""
    sign_up()
    app.config["WTF_CSRF_ENABLED"] = True
    for address in ("/sign-in", "/sign-up", "/sign-out", "/account/password", "/account/sessions/end"):
        client = app.test_client()
        answer = client.post(address, data={"name": NAME, "password": PASSWORD})
        assert answer.status_code in (303, 400) and client.get("/library").status_code == 303, address


def test_who_was_disabled_is_out_at_once(session, sign_up, sign_in, account_of):
    client = sign_up()
    account_of().disabled_at = now()
    session.commit()
    assert client.get("/library").status_code == 303 and sign_in()[1].status_code == 422


def test_who_has_everything_erased_stays_signed_in(sign_up):
    """The account stays, and can still be signed out everywhere."""
    client = sign_up()
    assert client.post("/your-data/erase", data={"sure": "1"}).location == "/"
    page = client.get("/").text
    assert "Your account stays" in page and ">Account<" in page
    assert client.get("/account").status_code == 200


def test_the_page_of_401_leads_to_the_door(app):
    with app.test_request_context("/library"):
        app.preprocess_request()
        page = error_page(401, sentence_for(401)).get_data(as_text=True)
    assert "Sign in first" in page and '<a class="btn btn-primary" href="/sign-in">' in page
