"""The same as tests/app/test_second_person.py, on a shared server: two accounts, every address, and one's things seen by none."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.accounts.codes import make_code
from app.accounts.models import Account, AccountCode, AccountIdentity, AccountSession, Passkey
from app.accounts.sessions import open_session
from app.database import writing
from app.models import new_id
from app.services.people import ensure_person
from tests.app import test_second_person
from tests.app.test_second_person import (  # noqa: F401 (fixtures, and tests that run here once more)
    first,
    live,
    stranger,
    test_a_key_of_the_first_is_not_the_seconds,
    test_orders_of_the_firsts_things_are_refused,
    test_the_first_person_meets_all_of_it,
    test_the_second_person_meets_nothing_of_the_first,
)

CANARY = "Ozelotschluessel"


@pytest.fixture
def client_of(app, session):
    """Gives a client that is signed in with a person's account, which is made where there is none."""

    def made(person):
        account = session.scalars(select(Account).where(Account.person_id == person)).one_or_none()
        if account is None:
            ensure_person(session, person)
            account = Account(id=new_id(), person_id=person, name=f"Name {person}", folded=f"name {person}")
            with writing(session):
                session.add(account)
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["_user_id"] = open_session(session, account, "Firefox/140 Linux")
        return client

    return made


@pytest.fixture
def more_things(session, person_id):
    """Her account, a passkey, an identity, a code for another password; and an invitation of an administrator."""

    def made():
        account = session.scalars(select(Account).where(Account.person_id == person_id)).one()
        make_code(session, "reset", account.id)
        make_code(session, "invitation")
        passkey = Passkey(id=new_id(), account_id=account.id, name=CANARY, credential_id="c", credential_hash="c" * 64)
        passkey.public_key = "k"
        with writing(session):
            session.add_all([passkey, AccountIdentity(account_id=account.id, issuer="https://id.example", subject=CANARY)])
        login = session.scalars(select(AccountSession.id).where(AccountSession.account_id == account.id)).first()
        code = session.scalars(select(AccountCode.id).where(AccountCode.purpose == "invitation")).one()
        session.commit()
        return {"account_id": account.id, "passkey_id": passkey.id, "login_id": login, "code_id": code}

    return made


@pytest.fixture(autouse=True)
def secrets_of_accounts(request, monkeypatch):
    """What else is looked for; where it is told to its owner, a test of its own looks."""
    if request.node.name != "test_the_first_person_meets_all_of_it":
        monkeypatch.setitem(test_second_person.TITLES, "passkey", CANARY)


def test_the_account_itself_is_told_of_its_passkey(client_of, first, person_id):  # noqa: F811
    """Else it would be looked for in vain."""
    assert CANARY in client_of(person_id).get("/account").text


def test_accounts_bring_no_names_that_nobody_tries(app, first):  # noqa: F811
    names = {name for rule in app.url_map.iter_rules() if rule.endpoint.startswith("accounts.") for name in rule.arguments}
    assert names == {"account_id", "passkey_id", "login_id", "code_id", "what"} and names - {"what"} <= set(first)
