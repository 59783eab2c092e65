"""The web server under the application: what slow, many and strange connections may cost, and that nobody else notices."""

from __future__ import annotations

import http.client
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest

from app.api.openapi import PREFIX
from app.client_address import networks
from app.handing_in import RECEPTION
from app.server import default_settings, listen, make_server, most_files
from app.serving.addresses import network_of
from app.serving.environ import HANDED_ON
from app.serving.settings import ServerSettings
from core.errors import InputError

#: Far more than a page takes, far less than any wait here.
AT_ONCE_S = 5.0
LARGE = 30_000_000


def small_app(environ, start_response):
    """`/echo` tells what came, `/large` is large, anything else is a small page."""
    path, body = environ["PATH_INFO"], b"page"
    if path == "/echo":
        told = {name: value for name, value in environ.items() if isinstance(value, str)}
        told |= {"handed on": environ[HANDED_ON], "body": environ["wsgi.input"].read().decode("latin-1")}
        body = json.dumps(told).encode()
    elif path == "/size":
        body = str(len(environ["wsgi.input"].read())).encode()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return iter([b"x" * 8192] * (LARGE // 8192)) if path == "/large" else [body]


@contextmanager
def serving(app, settings, server_settings):
    """The application behind the real server; gives the server, with `port`."""
    listener = listen("127.0.0.1", 0)
    server = make_server(app, listener, settings, False, server_settings)
    server.port = listener.getsockname()[1]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join(15)
        assert not thread.is_alive()


@contextmanager
def lines(port, count, said=b""):
    """So many connections, each of which has said that much."""
    with ExitStack() as opened:
        made = []
        for _ in range(count):
            line = opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            line.sendall(said)
            made.append(line)
        yield made


def ask(port, path="/", method="GET", body=None, headers=None):
    """The answer of a new connection: (status, headers, body)."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request(method, path, body=body, headers=headers or {})
        answer = line.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        line.close()


def ask_quickly(port, path="/"):
    """The page, which must come at once."""
    begun_s = time.monotonic()
    answer = ask(port, path)
    assert time.monotonic() - begun_s < AT_ONCE_S
    return answer


def read_all(line):
    """What comes until the other side closes."""
    text = b""
    try:
        while part := line.recv(65536):
            text += part
    except ConnectionError:
        pass
    return text


def wait_until(holds, limit_s=20.0):
    latest = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < latest
        time.sleep(0.05)


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


def read_until(line, wanted):
    text = b""
    while wanted not in text and (part := line.recv(65536)):
        text += part
    return text


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


@pytest.mark.slow
def test_large_bodies_lie_on_the_disk_and_go(settings):
    """Memory must not grow with them."""
    with serving(small_app, settings, ServerSettings()) as server:
        line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        line.putrequest("POST", "/size")
        line.putheader("Content-Length", "200000000")
        line.endheaders()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(199):
            line.send(bytes(1_000_000))
        held = [os.readlink(each) for each in map("/proc/self/fd/{}".format, os.listdir("/proc/self/fd")) if os.path.islink(each)]  # noqa: PTH115, PTH208, PTH114
        assert any(str(settings.incoming_dir) in name for name in held)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # in KB
        line.close()
        assert ask(server.port, "/size", "POST", bytes(3_000_000))[2] == b"3000000"
    assert list(settings.incoming_dir.iterdir()) == []


def test_bodies_in_chunks(settings):
    with serving(small_app, settings, ServerSettings(body_bytes=100_000)) as server:
        status, _, body = ask(server.port, "/size", "POST", iter([b"abc"] * 1000))
        assert (status, body) == (200, b"3000")
        told = json.loads(ask(server.port, "/echo", "POST", iter([b"abc", b"d"]))[2])
        assert told["CONTENT_LENGTH"] == "4" and told["body"] == "abcd" and "HTTP_TRANSFER_ENCODING" not in told


def test_chunks_beyond_the_limit_are_refused(app, settings):
    with serving(app, settings, ServerSettings(body_bytes=100_000)) as server:
        status, headers, _ = ask(server.port, f"{PREFIX}/songs", "POST", iter([bytes(60_000)] * 3))
        assert status == 413 and headers["Content-Type"] == "application/problem+json"


def test_the_largest_body_is_the_largest_file_with_a_form_around_it(app, settings, limited):
    """The application has the usual limits here, so that only the server's own can refuse."""
    chosen = default_settings(limited(song_bytes=200_000, picture_bytes=100_000, piece_bytes=50_000))
    with serving(app, settings, chosen) as server:
        for body in (lambda size: bytes(size), lambda size: iter([bytes(size // 2)] * 2)):  # announced, and in chunks
            assert ask(server.port, f"{PREFIX}/songs", "POST", body(200_100))[0] not in (413, 429, 500)
            assert ask(server.port, f"{PREFIX}/songs", "POST", body(1_400_000))[0] == 413


def test_one_address_sends_so_many_bytes_at_the_same_time(app, settings):
    chosen = ServerSettings(body_bytes_per_address=1_500_000)
    begun = f"POST {PREFIX}/songs HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n".encode()
    with serving(app, settings, chosen) as server, lines(server.port, 1, begun) as (first,):
        wait_until(lambda: any(not each.waits for each in server.server_state.connections))
        with lines(server.port, 1, begun) as (second,):
            answer = read_until(second, b"}")
            assert b" 429 " in answer and b"retry-after: 10" in answer and b"one after the other" in answer
        first.close()
        wait_until(lambda: all(each.waits for each in server.server_state.connections))
        with lines(server.port, 1, begun) as (third,), pytest.raises(TimeoutError):
            third.settimeout(0.5)
            third.recv(1)


def test_bodies_leave_room_on_the_disk(app, settings):
    with serving(app, settings, ServerSettings(free_bytes=10**18)) as server:
        status, _, body = ask(server.port, f"{PREFIX}/songs", "POST", bytes(100_000))
        assert status == 507 and b"full" in body


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
