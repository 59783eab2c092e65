"""Who else may try an account's ids at every address, as the route table names them: a program with another account's token that
may do everything, an administrator, and somebody without an account. Another account's browser does in `test_second_account.py`.

`pytest -s tests/app/accounts -k "meets or account_meets"` tells how many requests were tried.
"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.accounts.models import Account
from app.models import new_id
from app.services.people import ensure_person
from app.services.tokens import SCOPES, create_token
from tests.app.accounts.test_second_account import client_of, first, live, more_things  # noqa: F401 - fixtures
from tests.app.second_person import addresses, everything
from tests.app.test_second_person import try_all_ways


@pytest.fixture
def asking(app, session, client_of):  # noqa: F811
    """Gives the client of who tries, the headers that go along, and at which addresses."""
    other = new_id()

    def made(who):
        if who == "nobody":
            return app.test_client(), {}, lambda endpoint: True
        client = client_of(other)
        if who == "a program":
            token = create_token(session, other, "all", SCOPES).text
            return app.test_client(), {"Authorization": f"Bearer {token}"}, lambda endpoint: endpoint.startswith("api.")
        session.scalars(select(Account).where(Account.person_id == other)).one().role = "administrator"
        session.commit()
        return (
            client,
            {},
            lambda endpoint: not endpoint.startswith("accounts."),
        )  # what they may do there, test_administration tries

    ensure_person(session, other)
    return made


@pytest.mark.slow
@pytest.mark.parametrize("who", ["a program", "an administrator", "nobody"])
def test_no_other_account_meets_anything_of_the_first(app, session, settings, person_id, first, asking, who):  # noqa: F811
    client, headers, may_try = asking(who)
    before, count = everything(session, settings, person_id), 0
    tried = [each for each in addresses(app, first) if may_try(each[1])]
    for one in tried:
        count += try_all_ways(client, one, first, headers=headers)
        if one[0] not in ("GET", "HEAD"):
            assert everything(session, settings, person_id) == before, f"{one} changed something"
    assert everything(session, settings, person_id) == before
    print(f"\n{who}: {count} requests at {len(tried)} addresses, nothing told and nothing changed")
    assert count > 300
