"""Two accounts of a shared server: one tries every id of the other at every address, as the route table names them, with its
browser and with a token that may do everything; an administrator does, too, and so does somebody without an account.

`pytest -s tests/app/accounts/test_two_accounts.py` tells how many requests were tried.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import AccountCode, AccountSession, Passkey
from app.models import now
from app.services.people import ensure_person
from app.services.tokens import SCOPES, create_token
from tests.app.test_second_person import addresses, everything, first, live, try_all_ways  # noqa: F401 - fixtures

#: Where what is asked ends a session, or takes so long that it is tried elsewhere (`test_signing`).
ENDS = ("accounts.sign_out", "accounts.end_own_sessions", "accounts.delete_own")


@pytest.fixture
def first_client(session, person_id, sign_up, account_of):
    """The first account's browser; its things are those of `person_id`."""
    client = sign_up("Anna")
    ensure_person(session, person_id)
    account_of("Anna").person_id = person_id
    session.commit()
    return client


@pytest.fixture
def known(session, first, account_of):  # noqa: F811
    """The first account's ids, those of its things and its own."""
    anna = account_of("Anna")
    code = AccountCode(purpose="reset", code_hash="4" * 64, account_id=anna.id, expires_at=now() + timedelta(days=1))
    key = Passkey(account_id=anna.id, name="Anna's key", credential_id="c", credential_hash="3" * 64, public_key="p")
    session.add_all([code, key])
    session.commit()
    login = session.scalars(select(AccountSession).where(AccountSession.account_id == anna.id)).first()
    return first | {"account_id": anna.id, "code_id": code.id, "login_id": login.id, "passkey_id": key.id, "code": "x" * 43}


@pytest.fixture
def others(app, session, sign_up, account_of, administrator):
    """Who tries: their clients, and headers that go along."""
    second = sign_up("Ben")
    token = create_token(session, account_of("Ben").person_id, "all", SCOPES).text
    session.commit()
    return {
        "the second": (second, {}),
        "its program": (app.test_client(), {"Authorization": f"Bearer {token}"}),
        "an administrator": (administrator, {}),
        "nobody": (app.test_client(), {}),
    }


def is_theirs(endpoint):
    """Whether administrators may do that with an account: they see how much it has, and may disable and delete it."""
    return endpoint.startswith("accounts.")


@pytest.mark.slow
@pytest.mark.parametrize("who", ["the second", "its program", "an administrator", "nobody"])
def test_no_other_account_meets_anything_of_the_first(app, session, settings, person_id, known, others, who):
    client, headers = others[who]
    before, count = everything(session, settings, person_id), 0
    may = is_theirs if who == "an administrator" else ENDS.__contains__
    tried = [each for each in addresses(app, known) if each[1] not in ENDS and not may(each[1])]
    for one in tried:
        if who == "its program" and not one[1].startswith("api."):
            continue
        count += try_all_ways(client, one, known, headers=headers)
        if one[0] not in ("GET", "HEAD"):
            assert everything(session, settings, person_id) == before, f"{one} changed something"
    assert everything(session, settings, person_id) == before
    print(f"\n{who}: {count} requests at {len(tried)} addresses, nothing told and nothing changed")
    assert count > 300
