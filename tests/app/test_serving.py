"""The web server under the application: what slow, many and strange connections may cost, and that nobody else notices."""

from __future__ import annotations

import http.client
import json
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest

from app.api.openapi import PREFIX
from app.client_address import networks
from app.handing_in import RECEPTION
from app.server import default_settings, most_files
from app.serving.addresses import network_of
from app.serving.settings import ServerSettings
from core.errors import InputError
from tests.app.serving_client import LARGE, ask, ask_quickly, lines, read_all, read_until, serving, small_app, wait_until

IDLE = b""
HALF_HEADERS = b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "
HALF_BODY = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc"
UNREAD = b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    ("count", "said"),
    [(300, IDLE), (300, HALF_HEADERS), (300, HALF_BODY), (40, UNREAD)],
    ids=["idle", "headers", "bodies", "unread answers"],
)
def test_many_slow_connections_hold_nobody_up(settings, count, said):
    with (
        serving(small_app, settings, ServerSettings(threads=2, connections_per_address=1000)) as server,
        lines(server.port, count, said),
    ):
        for _ in range(5):
            assert ask_quickly(server.port)[2] == b"page"


def test_those_that_wait_give_way_where_an_address_has_too_many(settings):
    with serving(small_app, settings, ServerSettings(connections_per_address=20)) as server, lines(server.port, 20) as first:
        with lines(server.port, 10):
            assert ask_quickly(server.port)[0] == 200
            assert read_all(first[0]) == b""  # the first ones have gone
        assert len(server._connections) <= 20


def test_where_all_of_an_address_are_busy_the_next_is_told_so(settings):
    chosen = ServerSettings(connections_per_address=10)
    with serving(small_app, settings, chosen) as server, lines(server.port, 10, HALF_BODY) as busy:
        wait_until(lambda: sum(not each.waits for each in server.server_state.connections) == 10)
        status, headers, _ = ask_quickly(server.port)
        assert status == 429 and int(headers["Retry-After"]) > 0
        busy[0].close()
        wait_until(lambda: ask(server.port)[0] == 200)


def test_a_trusted_proxy_may_have_as_many_as_there_are(settings):
    chosen = ServerSettings(connections_per_address=10, trusted_proxies=networks("127.0.0.1"))
    with serving(small_app, settings, chosen) as server, lines(server.port, 15, HALF_BODY):
        wait_until(lambda: sum(not each.waits for each in server.server_state.connections) == 15)
        assert ask_quickly(server.port)[0] == 200


def drip(line, ended):
    """A byte now and then, so that the line is never silent."""
    while not ended.wait(0.1):
        try:
            line.sendall(b"x")
        except OSError:
            return


@pytest.mark.slow
@pytest.mark.parametrize("said", [HALF_HEADERS, HALF_BODY], ids=["headers", "body"])
def test_what_comes_too_slowly_is_ended_however_often_a_byte_comes(settings, said):
    chosen = ServerSettings(header_s=1.0, body_grace_s=1.0, body_idle_s=10.0)
    ended = threading.Event()
    with serving(small_app_that_refuses, settings, chosen) as server, lines(server.port, 1, said) as (line,):
        thread = threading.Thread(target=drip, args=(line, ended))
        thread.start()
        begun_s = time.monotonic()
        answer = read_until(line, b"408")
        ended.set()
        thread.join()
        assert b"HTTP/1.1 408 " in answer and time.monotonic() - begun_s < 10


def small_app_that_refuses(environ, start_response):
    """As the application: it answers with the error of a body that was not taken."""
    refused = environ.get("belcanto.refused")
    return small_app(environ, start_response) if refused is None else refused.get_response(environ)(environ, start_response)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("said", "chosen", "told"),
    [
        (IDLE, ServerSettings(idle_s=0.5), b""),
        (HALF_HEADERS, ServerSettings(header_s=0.5), b"HTTP/1.1 408 "),
        (HALF_BODY, ServerSettings(body_idle_s=0.5), b"HTTP/1.1 408 "),
    ],
    ids=["idle", "headers", "body"],
)
def test_silence_is_ended_in_time(settings, said, chosen, told):
    with serving(small_app_that_refuses, settings, chosen) as server, lines(server.port, 1, said) as (line,):
        begun_s = time.monotonic()
        answer = read_until(line, b"408") if told else read_all(line)
        assert answer.startswith(told) and time.monotonic() - begun_s < 10


@pytest.mark.slow
def test_an_answer_that_nobody_takes_is_ended_in_time(settings):
    with serving(small_app, settings, ServerSettings(stalled_s=0.5)) as server, lines(server.port, 1, UNREAD) as (line,):
        wait_until(lambda: len(server._connections) == 1)
        wait_until(lambda: len(server._connections) == 0)
        assert len(read_all(line)) < LARGE


def test_an_answer_that_is_taken_slowly_comes_whole(settings):
    with serving(small_app, settings, ServerSettings(threads=1)) as server:
        line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        line.request("GET", "/large")
        answer = line.getresponse()
        assert len(answer.read(1000)) == 1000
        assert ask_quickly(server.port)[2] == b"page"  # on the one thread
        assert len(answer.read()) == LARGE // 8192 * 8192 - 1000
        line.close()


def test_a_refusal_is_a_page_for_people(app, settings):
    with serving(app, settings, ServerSettings(body_bytes=10)) as server:
        status, _, body = ask(server.port, "/music", "POST", bytes(100))
        assert status == 413 and b"<html" in body and b"larger than is accepted" in body


@pytest.mark.parametrize(("method", "length"), [("GET", "page"), ("HEAD", "")])
def test_requests_follow_one_another_on_a_connection(settings, method, length):
    with serving(small_app, settings, ServerSettings()) as server:
        line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        for _ in range(3):
            line.request(method, "/")
            answer = line.getresponse()
            assert answer.status == 200 and answer.read() == length.encode()
        line.close()
        with lines(server.port, 1, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 3) as (piped,):
            piped.shutdown(socket.SHUT_RD) if method == "HEAD" else None
            if method == "GET":
                text = b""
                while text.count(b"page") < 3:
                    text += piped.recv(65536)
                assert text.count(b"HTTP/1.1 200 ") == 3


def test_what_the_application_is_told(settings):
    headers = {"X-Forwarded-For": "203.0.113.9", "X_Forwarded_For": "203.0.113.9", "Cookie": "a=1", "X-Twice": "1"}
    with serving(small_app, settings, ServerSettings()) as server:
        told = json.loads(ask(server.port, "/%65cho?a=%20b", headers=headers)[2])
    assert told["PATH_INFO"] == "/echo" and told["QUERY_STRING"] == "a=%20b" and told["HTTP_COOKIE"] == "a=1"
    assert told["REMOTE_ADDR"] == "127.0.0.1" and "HTTP_X_FORWARDED_FOR" not in told and told["handed on"]


def test_a_trusted_proxy_says_who_asks(settings):
    headers = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "sing.example"}
    with serving(small_app, settings, ServerSettings(trusted_proxies=networks("127.0.0.1"))) as server:
        told = json.loads(ask(server.port, "/echo", headers=headers)[2])
    assert told["REMOTE_ADDR"] == "203.0.113.9" and told["wsgi.url_scheme"] == "https" and told["HTTP_HOST"] == "sing.example"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        (None, "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_addresses_are_counted_by_network(address, network):
    assert network_of(address) == network


def test_proxies_are_named_by_the_settings(settings):
    made = default_settings(replace(settings, trusted_proxies="127.0.0.1, 10.0.0.0/8,"))
    assert made.trusts("127.0.0.1") and made.trusts("10.1.2.3") and not made.trusts("203.0.113.9")
    with pytest.raises(InputError, match="nginx"):
        default_settings(replace(settings, trusted_proxies="nginx"))


def test_what_the_system_holds_is_asked_for_and_kept_to(settings):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
        assert most_files() == min(hard, 8200) == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        assert default_settings(settings).connections == min(hard, 8200) - 200
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_quickly_whatever_hangs_on_it(tmp_path, number):
    command = [sys.executable, "-m", "app", "--port", "0", "--no-worker", "--data-dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        port = int(re.search(r":(\d+)/", server.stdout.readline())[1])
        body = f"POST {PREFIX}/songs HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n".encode()
        with lines(port, 10), lines(port, 10, HALF_HEADERS), lines(port, 10, body):
            assert ask(port, "/healthz")[0] == 200
            begun_s = time.monotonic()
            server.send_signal(number)
            assert server.wait(30) == 0
            assert time.monotonic() - begun_s < 10
        assert "Traceback" not in server.stderr.read()


def test_a_file_that_would_come_in_vain_is_refused_before_it_is_sent(app, settings, monkeypatch):
    reception = app.extensions[RECEPTION]
    monkeypatch.setattr(reception, "_limits", replace(settings.limits, address_waiting_looks=0))
    with serving(app, settings, ServerSettings()) as server:
        for path, wanted in ((f"{PREFIX}/songs", b"application/problem+json"), ("/music", b"<html")):
            said = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n".encode()
            with lines(server.port, 1, said) as (line,):
                answer = read_until(line, b"waiting to be checked")
                assert answer.startswith(b"HTTP/1.1 429 ") and b"retry-after: 15" in answer and wanted in answer
        # who sends all the same, and wants the connection closed, sees the answer too
        for _ in range(20):
            assert ask(server.port, f"{PREFIX}/songs", "POST", bytes(5_000_000), {"Connection": "close"})[0] == 429
        assert ask(server.port, f"{PREFIX}/songs")[0] == 200
