"""Tokens for a person's own programs: what they may do, for how long, and that nobody else gets anything by one."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from app import create_app
from app.accounts.settings import AccountSettings
from app.api.openapi import document
from app.api.operations import OPERATIONS
from app.context import EXTENSION, PERSON_COOKIE
from app.errors import LimitReached, NotFound, Refused
from app.models import now
from app.services import tokens
from app.services.tokens import SCOPES, create_token, list_tokens, revoke_token
from app.token_models import ApiToken
from tests.app.api_client import problem_of

STRANGER = "d" * 32


@pytest.fixture
def program(app):
    """Asks the API with a token: `program(text, method, path)`."""

    def asked(text, method, path, **more):
        return app.test_client().open(f"/api/v1{path}", method=method, headers={"Authorization": f"Bearer {text}"}, **more)

    return asked


@pytest.fixture
def made(session, person_id):
    """Gives the text of a new token with those scopes."""
    return lambda *scopes: create_token(session, person_id, "Script", scopes or SCOPES).text


def test_a_program_asks_for_the_person(program, made, song):
    answer = program(made("read"), "GET", "/songs")
    assert [each["id"] for each in answer.json["items"]] == [song.id]
    assert PERSON_COOKIE not in answer.headers.get("Set-Cookie", ""), "a program gets no cookie"
    assert program(made("read"), "GET", f"/songs/{song.id}/file").status_code == 200


def test_a_token_counts_more_than_a_cookie(app, made, song):
    client = app.test_client()
    client.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(STRANGER))
    assert client.get(f"/api/v1/songs/{song.id}").status_code == 404
    assert client.get(f"/api/v1/songs/{song.id}", headers={"Authorization": f"bearer {made('read')}"}).status_code == 200


@pytest.mark.parametrize("scope", SCOPES)
def test_every_operation_asks_for_its_scope(app, program, session, person_id, scope):
    """With every other scope each is refused with 403, and with its own it is not."""
    own, others = (create_token(session, person_id, "s", some).text for some in ([scope], set(SCOPES) - {scope}))
    asked = [each for each in OPERATIONS if each.scope == scope]
    assert asked
    for operation in asked:
        path = re.sub(r"{\w+}", "0" * 32, operation.path)
        refused = program(others, operation.method.upper(), path)
        assert refused.status_code == 403, operation.name
        assert operation.method == "head" or refused.json["slug"] == "token-may-not"
        if (operation.method, operation.path) != ("delete", "/library/everything"):
            answer = program(own, operation.method.upper(), path)
            assert answer.status_code not in (401, 403), f"{operation.name}: {answer.status_code}"
            answer.close()


def test_the_document_tells_the_scopes():
    told = {each["operationId"]: each["x-scope"] for methods in document()["paths"].values() for each in methods.values()}
    assert told == {each.name: each.scope for each in OPERATIONS}
    some = ("songs", "create_song", "delete_song", "erase_song", "create_link", "links", "library_zip", "library_everything")
    assert [told[name] for name in some if name in told][-4:] == ["share", "read", "read", "read"]
    assert told["erase_library"] == "delete" and told["delete_song"] == told["erase_song"] == "delete"


@pytest.mark.parametrize("text", ["", "belcanto_", "belcanto_" + "a" * 43, "\xff", "x" * 5000])
def test_what_is_no_token_is_refused(program, text):
    answer = program(text, "GET", "/songs")
    assert "make another" in problem_of(answer, 401)


def test_a_token_opens_no_page(app, made):
    answer = app.test_client().get("/library", headers={"Authorization": f"Bearer {made()}"})
    assert PERSON_COOKIE in answer.headers["Set-Cookie"], "the page knows nobody by it"


def test_a_token_ends_and_is_taken_back(session, person_id, program):
    first, second = (create_token(session, person_id, name, ["read"]) for name in "ab")
    first.token.expires_at = now() - timedelta(seconds=1)
    session.commit()
    assert program(first.text, "GET", "/songs").status_code == 401
    revoke_token(session, person_id, second.token.id)
    assert program(second.text, "GET", "/songs").status_code == 401
    assert list_tokens(session, person_id) == []
    with pytest.raises(NotFound):
        revoke_token(session, person_id, second.token.id)


def test_nobody_takes_back_anothers(session, person_id):
    mine = create_token(session, person_id, "a", ["read"])
    with pytest.raises(NotFound):
        revoke_token(session, STRANGER, mine.token.id)
    assert list_tokens(session, STRANGER) == []


def test_only_a_hash_is_kept_and_the_day_of_use(session, person_id, program):
    made = create_token(session, person_id, "a", ["read"])
    assert program(made.text, "GET", "/songs").status_code == 200
    session.expire_all()
    kept = session.get(ApiToken, made.token.id)
    assert kept.secret_sha256 == hashlib.sha256(made.text.encode()).hexdigest() and kept.used_on == now().date()
    assert not any(made.text in str(value) for value in vars(kept).values())


@pytest.mark.parametrize(
    ("name", "scopes", "days", "says"),
    [
        ("", ["read"], 1, "at least one letter"),
        ("a", [], 1, "at least one thing"),
        ("a", ["read", "root"], 1, "at least one thing"),
        ("a", ["read"], 0, "1 to 365"),
        ("a", ["read"], 366, "1 to 365"),
    ],
)
def test_what_can_not_be_a_token(session, person_id, name, scopes, days, says):
    with pytest.raises(Refused, match=says):
        create_token(session, person_id, name, scopes, days)


def test_there_are_so_many_and_no_more(session, person_id, monkeypatch):
    monkeypatch.setattr(tokens, "MOST_TOKENS", 2)
    first = create_token(session, person_id, "a", ["read"])
    create_token(session, person_id, "b", ["read"])
    with pytest.raises(LimitReached):
        create_token(session, person_id, "c", ["read"])
    first.token.expires_at = now()
    session.commit()
    create_token(session, person_id, "c", ["read"])


def test_the_page_makes_lists_and_takes_back(app, client, program, person_id):
    client.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(person_id))
    answer = client.post("/programs", data={"name": "My script", "days": "30", "scope": ["read", "make"]})
    text = re.search(r'value="(belcanto_[\w-]{43})"', answer.text)[1]
    assert "no-store" in answer.headers["Cache-Control"] and program(text, "GET", "/songs").status_code == 200
    page = client.get("/programs").text
    assert "My script" in page and "upload, order films" in page and text not in page
    action = re.search(r'action="(/programs/\w+/revoke)"', page)[1]
    assert client.post(action).status_code == 303 and program(text, "GET", "/songs").status_code == 401
    refused = client.post("/programs", data={"name": "A long name", "days": "30"})
    assert refused.status_code == 422 and "at least one thing" in refused.text
    assert 'value="A long name"' in refused.text and 'value="30" selected' in refused.text, "what was typed stays"


def test_with_accounts_a_token_lives_as_long_as_its_account(settings, session, sign_up_at):
    shared = create_app(replace(settings, accounts=AccountSettings(on=True, sign_up="open")))
    shared.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    client, account = sign_up_at(shared)
    page = client.post("/programs", data={"name": "a", "days": "30", "scope": ["read", "make"]})
    head = {"Authorization": f"Bearer {re.search('belcanto_[A-Za-z0-9_-]{43}', page.text)[0]}"}
    nobodys = create_token(session, STRANGER, "a", ["read"]).text
    program = shared.test_client()
    assert program.get("/api/v1/songs").status_code == 401
    assert program.get("/api/v1/songs", headers=head).status_code == 200
    assert program.get("/api/v1/songs", headers={"Authorization": f"Bearer {nobodys}"}).status_code == 401
    session.expire_all()
    account(session).disabled_at = now()
    session.commit()
    assert program.get("/api/v1/songs", headers=head).status_code == 401
    shared.extensions[EXTENSION].database.close()


@pytest.fixture
def sign_up_at():
    """Signs up with an application that has accounts; gives the client, and what finds the account."""
    from app.accounts.service import find_account

    def made(app):
        client = app.test_client()
        answer = client.post("/sign-up", data={"name": "Anna", "password": "fjord kiosk nebel"})
        assert answer.status_code == 303, answer.text
        return client, lambda session: find_account(session, "Anna")

    return made
