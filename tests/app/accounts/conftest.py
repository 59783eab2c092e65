"""Fixtures of a shared server: accounts are on, and everybody makes an account of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app import create_app
from app.accounts import passwords
from app.accounts.service import find_account
from app.accounts.settings import AccountSettings
from app.handing_in import RECEPTION

PASSWORD, OTHER = "fjord kiosk nebel", "tusche wiegt ohne korb"
NAME = "Anna"


@pytest.fixture(autouse=True, scope="session")
def quick_hashes():
    """Passwords are kept by parameters that take a thousandth of the time; one test of their own takes the real ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture
def account_settings():
    """Anybody may come in."""
    return AccountSettings(on=True, sign_up="open")


@pytest.fixture
def settings(settings, account_settings):
    """The test's settings, with accounts on."""
    return replace(settings, accounts=account_settings)


@pytest.fixture
def app(settings):
    """The application of a shared server."""
    made = create_app(settings)
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    made.extensions[RECEPTION].settings = replace(made.extensions[RECEPTION].settings, answer_within_s=120.0)
    yield made
    made.extensions["belcanto"].database.close()


@pytest.fixture
def sign_up(app):
    """Gives a client that is signed in with a new account of that name."""

    def made(name=NAME, password=PASSWORD, client=None, **form):
        client = client or app.test_client()
        answer = client.post("/sign-up", data={"name": name, "password": password, **form})
        assert answer.status_code == 303, answer.text
        return client

    return made


@pytest.fixture
def sign_in(app):
    """Signs in; gives the client and the answer."""

    def made(name=NAME, password=PASSWORD, client=None, **form):
        client = client or app.test_client()
        return client, client.post("/sign-in", data={"name": name, "password": password, **form})

    return made


@pytest.fixture
def account_of(session):
    """The row of the account of that name, as it is now."""

    def found(name=NAME):
        session.rollback()
        session.expire_all()
        row = find_account(session, name)
        session.commit()  # a transaction that is left open would be waited for
        return row

    return found


@pytest.fixture
def administrator(session, account_of, sign_up):
    """A client of an administrator."""
    client = sign_up("Root")
    account_of("Root").role = "administrator"
    session.commit()
    return client
