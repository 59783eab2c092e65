"""A large body of somebody who is not signed in is refused before it is taken; over the real server's bridge."""

from __future__ import annotations

import http.client
import threading

import pytest

from app.accounts.settings import AccountSettings
from app.server import listen, make_server
from app.services.tokens import SCOPES, create_token
from tests.app.accounts.conftest import NAME, PASSWORD


@pytest.fixture
def serving(app, settings):
    """The port of the real server."""
    listener = listen("127.0.0.1", 0)
    server = make_server(app, listener, settings, colab=False)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    server.close()
    thread.join(20)


def asked(port, path, headers, body=b""):
    """Status and body of a POST that says how long it is and sends only what is given here."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.putrequest("POST", path)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    told = answer.status, answer.read()
    connection.close()
    return told


def test_it_is_refused_before_it_is_sent(serving):
    status, told = asked(
        serving, "/api/v1/songs", {"Content-Length": "100000000", "Content-Type": "multipart/form-data; boundary=x"}
    )
    assert status == 401 and b"not-signed-in" in told


def test_who_is_signed_in_is_let_send(serving, sign_up):
    client = sign_up()
    cookie = f"belcanto_session={client.get_cookie('belcanto_session').value}"
    body = b"x" * 100_000
    status, _ = asked(serving, "/api/v1/songs", {"Content-Length": str(len(body)), "Cookie": cookie}, body)
    assert status == 415  # it was taken, and is no form


def test_a_program_with_a_token_is_let_send(serving, session, sign_up, account_of):
    sign_up()
    text, body = create_token(session, account_of().person_id, "Mine", SCOPES).text, b"x" * 100_000
    session.commit()
    for token, status in ((text, 415), (text + "x", 401)):
        headers = {"Content-Length": str(len(body)), "Authorization": f"Bearer {token}"}
        assert asked(serving, "/api/v1/songs", headers, body)[0] == status


def test_a_form_for_the_way_in_is_taken(serving):
    body = f"name={NAME}&password={PASSWORD.replace(' ', '+')}".encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
    assert asked(serving, "/sign-up", kind, body)[0] == 303


@pytest.mark.parametrize("account_settings", [AccountSettings()])
def test_without_accounts_nobody_is_asked(serving, account_settings):
    body = b"x" * 100_000
    assert asked(serving, "/api/v1/songs", {"Content-Length": str(len(body))}, body)[0] == 415
