"""Passkeys by a device of the test's own: what is taken, and what is not. tests/browser has a real browser's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.accounts.models import Account, AccountSession, Passkey
from app.models import now
from tests.app.accounts.authenticator import Authenticator


def make(client, device, name="My desk"):
    """Have the account keep the device's passkey."""
    options = client.post("/account/passkeys/options").json
    return client.post("/account/passkeys", json={"credential": device.make(options), "name": name})


def enter(client, device, **how):
    """Sign in with it."""
    options = client.post("/sign-in/passkey/options").json
    return client.post("/sign-in/passkey?next=/library", json={"credential": device.sign(options, **how)})


@pytest.fixture
def device(sign_up):
    """A device whose passkey an account has."""
    made = Authenticator()
    answer = make(sign_up(), made)
    assert answer.status_code == 200, answer.text
    return made


def test_who_has_one_comes_in_without_a_password(app, session, device):
    client = app.test_client()
    answer = enter(client, device)
    assert answer.json == {"next": "/library"} and client.get("/library").status_code == 200
    row = session.scalars(select(Passkey)).one()
    assert row.name == "My desk" and row.sign_count == device.count and row.used_at is not None


def test_nothing_is_asked_that_tells_of_accounts(app, device):
    """The same is asked of everybody: no names, no keys."""
    options = app.test_client().post("/sign-in/passkey/options").json
    assert options["allowCredentials"] == [] and options["userVerification"] == "required" and options["rpId"] == "localhost"


@pytest.mark.parametrize(
    ("what", "value"),
    [("origin", "http://evil.example"), ("rp_id", "evil.example"), ("verifies", False), ("count", -1), ("user", bytes(16))],
)
def test_what_does_not_hold_is_refused(app, device, what, value):
    """Another site's answer, one without the owner, one of a copy, one for another account."""
    setattr(device, what, value)
    client = app.test_client()
    assert enter(client, device).status_code == 422 and client.get("/library").status_code == 303


def test_another_key_signs_nobody_in(app, device):
    device.key = Authenticator().key
    assert enter(app.test_client(), device).status_code == 422
    assert enter(app.test_client(), Authenticator()).status_code == 422  # nor one that nobody knows


def test_an_answer_of_another_kind_is_refused(app, device):
    assert enter(app.test_client(), device, kind="webauthn.create").status_code == 422


@pytest.mark.parametrize("credential", [None, {}, {"id": 5}, {"id": "x", "response": []}, {"id": "x", "response": {}}, "text"])
def test_what_is_no_answer_at_all_is_refused(app, device, credential):
    client = app.test_client()
    client.post("/sign-in/passkey/options")
    assert client.post("/sign-in/passkey", json={"credential": credential}).status_code == 422


def test_an_answer_is_good_once(app, device):
    """The same cookie and the same answer again, from a browser that has kept both."""
    client = app.test_client()
    options = client.post("/sign-in/passkey/options").json
    cookie = client.get_cookie("belcanto_session").value
    credential = device.sign(options)
    assert client.post("/sign-in/passkey", json={"credential": credential}).status_code == 200
    again = app.test_client()
    again.set_cookie("belcanto_session", cookie)
    answer = again.post("/sign-in/passkey", json={"credential": credential})
    assert answer.status_code == 422 and "twice" in answer.json["problem"] and again.get("/library").status_code == 303


def test_an_answer_comes_too_late(app, device, monkeypatch):
    client = app.test_client()
    options = client.post("/sign-in/passkey/options").json
    monkeypatch.setattr("app.accounts.passkeys.GOOD_FOR_S", -1)
    assert client.post("/sign-in/passkey", json={"credential": device.sign(options)}).status_code == 422


def test_an_answer_without_its_challenge_is_refused(app, device):
    options = app.test_client().post("/sign-in/passkey/options").json
    assert app.test_client().post("/sign-in/passkey", json={"credential": device.sign(options)}).status_code == 422


def test_a_challenge_to_make_one_signs_nobody_in(app, sign_in, device):
    client = sign_in()[0]
    options = client.post("/account/passkeys/options").json
    assert client.post("/sign-in/passkey", json={"credential": device.sign(options)}).status_code == 422


@pytest.mark.parametrize(("what", "value"), [("origin", "http://evil.example"), ("rp_id", "evil.example"), ("verifies", False)])
def test_none_is_kept_that_does_not_hold(session, sign_up, what, value):
    made = Authenticator()
    setattr(made, what, value)
    assert make(sign_up(), made).status_code == 422 and session.scalars(select(Passkey)).all() == []


def test_one_passkey_is_one_accounts(session, sign_up, device):
    assert make(sign_up("Berta"), device).status_code == 409 and len(session.scalars(select(Passkey)).all()) == 1


def test_making_one_wants_a_sign_in_of_a_short_while_ago(session, sign_up):
    client = sign_up()
    session.execute(update(AccountSession).values(proved_at=now() - timedelta(hours=1)))
    session.commit()
    assert client.post("/account/passkeys/options").status_code == 422


def test_a_passkey_shows_once_more_who_one_is(session, sign_in, device):
    client = sign_in()[0]
    session.execute(update(AccountSession).values(proved_at=now() - timedelta(hours=1)))
    session.commit()
    assert enter(client, device).status_code == 200
    assert client.post("/account/passkeys/options").status_code == 200


def test_who_was_disabled_has_no_use_of_it(app, session, device, account_of):
    account_of().disabled_at = now()
    session.commit()
    assert enter(app.test_client(), device).status_code == 422


def test_only_its_owner_changes_it(session, sign_up, sign_in, device):
    address = f"/account/passkeys/{session.scalars(select(Passkey.id)).one()}"
    session.commit()
    stranger, owner = sign_up("Berta"), sign_in()[0]
    for what in ("rename", "remove"):
        assert stranger.post(f"{address}/{what}", data={"name": "Mine"}).status_code == 404
    assert owner.post(f"{address}/rename", data={"name": " Phone\n"}).status_code == 303
    assert session.scalars(select(Passkey.name)).one() == "Phone"
    session.commit()
    assert owner.post(f"{address}/remove").status_code == 303 and session.scalars(select(Passkey)).all() == []


def test_the_only_way_in_stays(session, sign_in, device):
    client = sign_in()[0]
    session.execute(update(Account).values(password_hash=None))
    session.commit()
    address = f"/account/passkeys/{session.scalars(select(Passkey.id)).one()}/remove"
    session.commit()
    assert client.post(address).status_code == 409 and len(session.scalars(select(Passkey)).all()) == 1
