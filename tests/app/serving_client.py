"""A server of the tests' own, and bare connections to it."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from contextlib import ExitStack, contextmanager

from app.server import listen, make_server
from app.serving.environ import HANDED_ON

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


def read_until(line, wanted):
    text = b""
    while wanted not in text and (part := line.recv(65536)):
        text += part
    return text
