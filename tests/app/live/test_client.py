"""What the application hands on to the live process, and what comes back, against a small server on the loopback."""

from __future__ import annotations

import asyncio
import http.server
import json
import threading
from contextlib import aclosing

import pytest

from app.live.client import KEY_HEADER, LiveClient, LiveDown, LiveRefused
from core.errors import MissingError

PIECES = [b"one", b"two" * 30_000, b"three"]


class Answers(http.server.BaseHTTPRequestHandler):
    """`/echo` tells what came, `/stream` sends pieces until the end, `/full` refuses, `/endless` sends until nobody listens."""

    def do_GET(self):
        if self.path == "/full":
            return self.tell(429, json.dumps({"code": "app.no_such_job", "values": {}}).encode())
        if self.path == "/odd":
            return self.tell(500, b"<html>")
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        try:
            while True:
                for piece in PIECES:
                    self.wfile.write(piece)
                if self.path == "/stream":
                    return None
        except OSError:
            self.server.left.set()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.tell(201, json.dumps({"body": body, "path": self.path, "key": self.headers[KEY_HEADER]}).encode())

    def tell(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


@pytest.fixture(scope="module")
def live():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.left = threading.Event()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield LiveClient("secret", server.server_port, wanted=True), server
        server.shutdown()


def test_a_request_is_handed_on_with_the_key(live):
    answer = live[0].forward("POST", "/echo?a=b", b'{"text": "Hi"}', {"Content-Type": "application/json", "X-Other": "ü"})
    assert answer.status == 201
    assert answer.checked().json() == {"body": '{"text": "Hi"}', "path": "/echo?a=b", "key": "secret"}


def test_a_stream_is_read_in_both_ways(live):
    async def gathered(chunks):
        return b"".join([piece async for piece in chunks])

    for read in (lambda chunks: b"".join(chunks), lambda chunks: asyncio.run(gathered(chunks))):
        answer = live[0].forward("GET", "/stream")
        assert answer.headers == {"content-type": "text/event-stream"}
        assert read(answer.chunks) == b"".join(PIECES)


def test_whoever_leaves_a_stream_lets_the_live_process_know(live):
    async def look():
        async with aclosing(aiter(live[0].forward("GET", "/endless").chunks)) as parts:
            return await anext(parts)

    live[1].left.clear()
    assert asyncio.run(look()).startswith(b"one")
    assert live[1].left.wait(30)


def test_a_refusal_is_the_visitors_error(live):
    with pytest.raises(LiveRefused) as refused:
        live[0].forward("GET", "/full").checked()
    assert refused.value.status == 429 and refused.value.retry_after_s
    assert refused.value.message.code == "app.no_such_job"
    with pytest.raises(LiveRefused) as odd:
        live[0].forward("GET", "/odd").checked()
    assert odd.value.status == 500 and odd.value.message.code == "app.live_down"


def test_nobody_slips_a_header_in(live):
    with pytest.raises(LiveDown):
        live[0].forward("POST", "/echo", b"", {"X-Other": "a\r\nX-Bad: b"})


def test_where_there_is_none_it_says_so(live):
    with pytest.raises(MissingError, match="switched off"):
        LiveClient().forward("GET", "/health")
    for port in (None, 1):
        with pytest.raises(LiveDown, match="starting"):
            LiveClient("secret", port, wanted=True).forward("GET", "/health")
