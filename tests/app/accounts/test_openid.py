"""Signing in by an organisation, against a real issuer on the loopback that errs in every way one can."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.accounts.codes import make_code
from app.accounts.models import Account, AccountIdentity, AccountSession
from app.accounts.settings import AccountSettings
from app.models import now
from tests.app.accounts.issuer import CLIENT, OTHER_KEY, SECRET, issuing


@pytest.fixture
def issuer():
    with issuing() as made:
        yield made


@pytest.fixture
def sign_up_setting():
    return "organisation"


@pytest.fixture
def account_settings(issuer, sign_up_setting):
    """The issuer says who somebody is."""
    return AccountSettings(on=True, sign_up=sign_up_setting, issuer=issuer.url, client_id=CLIENT, client_secret=SECRET)


def go(client, issuer, query="", **changed):
    """There and back; `changed` over what the issuer gives for the way back."""
    there = client.get(f"/sign-in/organisation{query}")
    assert there.status_code == 302 and there.headers["Location"].startswith(f"{issuer.url}/authorize?")
    back = {**issuer.authorize(there.headers["Location"]), **changed}
    return client.get("/sign-in/organisation/back", query_string={name: value for name, value in back.items() if value})


def refused(client, answer):
    """Whether nobody was let in."""
    return answer.status_code == 422 and client.get("/library").status_code == 303


def test_who_the_organisation_knows_comes_in(app, session, issuer):
    client = app.test_client()
    assert "/sign-in/organisation?next=/" in client.get("/sign-in").text
    answer = go(client, issuer, "?next=/library")
    assert answer.status_code == 303 and answer.headers["Location"] == "/library" and client.get("/library").status_code == 200
    row = session.scalars(select(AccountIdentity)).one()
    account = session.get(Account, row.account_id)
    assert (row.issuer, row.subject, account.name, account.password_hash) == (issuer.url, "subject-1", "Clara", None)
    assert (account.role, issuer.wrong) == ("user", [])
    session.commit()
    again = app.test_client()
    issuer.subject["preferred_username"] = "Clara Renamed"  # she is known by her subject
    assert go(again, issuer).status_code == 303 and len(session.scalars(select(Account)).all()) == 1


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": "another client", "azp": CLIENT},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"exp": int(time.time()) - 600},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"sub": "x" * 300},
        {"sub": 5},
    ],
)
def test_a_token_that_does_not_hold_is_refused(app, session, issuer, claims):
    issuer.claims = claims
    client = app.test_client()
    assert refused(client, go(client, issuer)) and session.scalars(select(Account)).all() == []


def test_a_key_that_is_not_the_issuers_is_refused(app, issuer):
    issuer.key = OTHER_KEY
    client = app.test_client()
    assert refused(client, go(client, issuer))


def test_a_state_of_another_browser_is_refused(app, issuer):
    """Somebody has a visitor come back with the stranger's code (a mix-up, or a forged request)."""
    stranger, visitor = app.test_client(), app.test_client()
    back = issuer.authorize(stranger.get("/sign-in/organisation").headers["Location"])
    visitor.get("/sign-in/organisation")
    assert refused(visitor, visitor.get("/sign-in/organisation/back", query_string=back))
    assert refused(visitor, go(visitor, issuer, state="made up"))


@pytest.mark.parametrize("iss", ["https://evil.example", None])
def test_an_answer_of_another_issuer_is_refused(app, issuer, iss):
    """RFC 9207; this issuer says that it always names itself."""
    client = app.test_client()
    assert refused(client, go(client, issuer, iss=iss))


def test_an_issuer_that_never_names_itself_is_taken(app, issuer):
    issuer.metadata = {"authorization_response_iss_parameter_supported": False}
    client = app.test_client()
    assert go(client, issuer, iss=None).status_code == 303


def test_an_answer_is_good_once(app, issuer):
    client = app.test_client()
    back = issuer.authorize(client.get("/sign-in/organisation").headers["Location"])
    assert client.get("/sign-in/organisation/back", query_string=back).status_code == 303
    client.post("/sign-out")
    assert refused(client, client.get("/sign-in/organisation/back", query_string=back))


def test_metadata_of_somebody_else_are_refused(app, issuer):
    issuer.metadata = {"issuer": "https://evil.example"}
    client = app.test_client()
    assert refused(client, client.get("/sign-in/organisation"))


def test_somebody_who_declines_is_told(app, issuer):
    client = app.test_client()
    assert refused(client, go(client, issuer, code=None, error="access_denied"))


@pytest.mark.parametrize(
    "account_settings", [AccountSettings(True, issuer="http://127.0.0.1:9", client_id="x", client_secret="y")]
)
def test_an_issuer_that_is_silent(app, account_settings):
    answer = app.test_client().get("/sign-in/organisation")
    assert answer.status_code == 503 and "does not answer" in answer.text


@pytest.mark.parametrize("sign_up_setting", ["invitation"])
def test_a_new_account_wants_an_invitation_where_all_do(app, session, issuer, sign_up_setting):
    client = app.test_client()
    assert refused(client, go(client, issuer))
    code = make_code(session, "invitation")
    assert go(client, issuer, f"?code={code}").status_code == 303
    assert session.scalars(select(Account)).one().name == "Clara"


@pytest.mark.parametrize("sign_up_setting", ["open"])
def test_a_name_or_an_address_links_nothing(app, session, issuer, sign_up, account_of, sign_up_setting):
    """The organisation calls somebody as an account is called here; that gives no way into it."""
    sign_up("clara@example.org")
    issuer.subject = {"sub": "thief", "email": "clara@example.org", "email_verified": True}
    client = app.test_client()
    assert go(client, issuer).status_code == 303
    assert {row.name for row in session.scalars(select(Account))} == {"clara@example.org", "clara@example.org 2"}
    assert session.scalars(select(AccountIdentity)).one().account_id != account_of("clara@example.org").id


@pytest.mark.parametrize("sign_up_setting", ["open"])
def test_an_account_is_linked_by_its_owner(app, session, issuer, sign_up, account_of, sign_up_setting):
    client = sign_up()
    session.execute(update(AccountSession).values(proved_at=now() - timedelta(hours=1)))
    session.commit()
    assert client.get("/sign-in/organisation").status_code == 422  # only a short while after showing who one is
    session.execute(update(AccountSession).values(proved_at=now()))
    session.commit()
    assert go(client, issuer).headers["Location"] == "/account"
    assert session.scalars(select(AccountIdentity)).one().account_id == account_of().id
    other = sign_up("Berta")
    assert go(other, issuer).status_code == 409  # it is one account's
    back = app.test_client()
    assert go(back, issuer).status_code == 303 and "Anna" in back.get("/account").text


def test_who_was_disabled_stays_out(app, session, issuer):
    assert go(app.test_client(), issuer).status_code == 303
    session.execute(update(Account).values(disabled_at=now()))
    session.commit()
    client = app.test_client()
    assert refused(client, go(client, issuer))


@pytest.mark.parametrize("account_settings", [AccountSettings(on=True)])
def test_without_an_organisation_there_is_no_such_page(client, account_settings):
    for address in ("/sign-in/organisation", "/sign-in/organisation/back"):
        assert client.get(address).status_code == 404
