"""Keys that show nowhere, and addresses of servers: which are accepted, and which machines are called."""

from __future__ import annotations

import pickle
import socket
import threading

import pytest

from core.errors import InputError
from core.secret import Secret, secret_of_environment
from core.server_address import (
    REACH_VARIABLE,
    NotPublic,
    Reach,
    connected_to_public,
    is_public,
    reach_of_environment,
    server_address,
)

KEY = "sk-belcanto-0123456789abcdef"


@pytest.mark.parametrize("text", ["a b", "schlüssel", "k\r\nX-Other: 1", "k" * 600])
def test_what_is_no_key_is_refused_without_showing_it(text):
    with pytest.raises(InputError) as refused:
        Secret(text)
    assert text not in str(refused.value) and refused.value.message.code == "core.key_form"


def test_a_key_shows_itself_to_its_header_alone(monkeypatch):
    monkeypatch.setenv("SOME_KEY", f" {KEY}\n")
    key = secret_of_environment("SOME_KEY")
    assert key and key.headers() == {"Authorization": f"Bearer {KEY}"} and key.without(f"no: {KEY}!") == "no: ...!"
    assert KEY not in repr(key) + str(key)
    with pytest.raises(TypeError):
        pickle.dumps(key)
    assert not secret_of_environment("NO_SUCH_KEY") and Secret().headers() == {}


def test_an_address_is_kept_as_it_is_called():
    address = server_address(" https://a.example:8443/v1/ ", has_key=True)
    assert (address.url, address.host, address.path) == ("https://a.example:8443/v1", "a.example:8443", "/v1")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "core.no_server_address"),
        ("api.groq.com/v1", "core.no_server_address"),
        ("ftp://a.b", "core.no_server_address"),
        ("https://me:pass@a.b/v1", "core.no_server_address"),
        ("https://a.b/v1?key=x", "core.no_server_address"),
        ("https://a.b:port", "core.no_server_address"),
        ("https://a.b:0", "core.no_server_address"),
        ("https://a.b/v1 x", "core.no_server_address"),
        ("http://api.example.com/v1", "core.key_in_the_clear"),
        ("http://93.184.216.34/v1", "core.key_in_the_clear"),
    ],
)
def test_addresses_that_are_refused(url, code):
    with pytest.raises(InputError) as refused:
        server_address(url, has_key=True)
    assert refused.value.message.code == code and "me:pass" not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        *[(each, False) for each in ("127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1")],
        *[(each, False) for each in ("0.0.0.0", "224.0.0.1", "::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1")],
        ("2002:7f00:1::", False),
    ],
)
def test_which_addresses_are_of_the_open_internet(address, public):
    assert is_public(address) is public


def looked_up(*addresses):
    """A name server that answers with these."""
    return lambda host, port, type: [(socket.AF_INET, type, 6, "", (each, port)) for each in addresses]


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_a_machine_of_ones_own_is_not_called(name):
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(NotPublic):
        connected_to_public((name, server.getsockname()[1]), 1.0)


def test_a_name_that_leads_home_is_not_called_either():
    with pytest.raises(NotPublic):
        connected_to_public(("innocent.example", 80), 1.0, look_up=looked_up("10.0.0.7"))


def test_the_address_that_was_looked_up_is_the_one_that_is_called(monkeypatch):
    asked = []
    monkeypatch.setattr(socket, "create_connection", lambda place, *_: asked.append(place) or "connection")
    both = looked_up("192.168.1.1", "93.184.216.34")
    assert connected_to_public(("two.example", 443), 1.0, look_up=both) == "connection"
    assert asked == [("93.184.216.34", 443)]


def test_by_default_any_server_is_called():
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=server.accept, daemon=True).start()
        connection = server_address(f"http://127.0.0.1:{server.getsockname()[1]}", has_key=True).connection(2.0)
        connection.connect()
        connection.close()
        guarded = server_address(f"http://127.0.0.1:{server.getsockname()[1]}", False, Reach.PUBLIC).connection(2.0)
        with pytest.raises(NotPublic):
            guarded.connect()


def test_what_a_server_lets_visitors_call(monkeypatch):
    assert reach_of_environment() is Reach.ANY
    monkeypatch.setenv(REACH_VARIABLE, "public")
    assert reach_of_environment() is Reach.PUBLIC
    monkeypatch.setenv(REACH_VARIABLE, "all")
    with pytest.raises(InputError) as refused:
        reach_of_environment()
    assert refused.value.message.code == "core.reach_not_among"
    with pytest.raises(InputError) as refused:
        server_address("https://a.example", False, Reach.NONE)
    assert refused.value.message.code == "core.no_servers"
