"""Streams of the live service through the application's server: many at once on two threads, each left when its visitor goes."""

from __future__ import annotations

import http.client
import socket
from contextlib import ExitStack

import pytest
from werkzeug.wrappers import Response

from app.live.client import LiveClient
from app.serving.settings import ServerSettings
from benchmarks.live_transport.served import ServedHere
from benchmarks.programs import ROOT
from live.service.limits import ServiceLimits
from tests.app.serving_client import read_until, serving, wait_until

pytestmark = pytest.mark.slow
MANY = 24
KEY = "known to both"


def handing_on(client):
    """A WSGI application that hands every request on."""

    def app(environ, start_response):
        answer = client.forward(environ["REQUEST_METHOD"], environ["PATH_INFO"])
        return Response(answer.chunks, answer.status, dict(answer.headers), direct_passthrough=True)(environ, start_response)

    return app


@pytest.fixture
def live():
    with ServedHere(ServiceLimits(streams=MANY + 1), KEY) as served:
        yield served


def test_many_streams_need_no_thread_each_and_end_with_their_visitors(live, settings):
    client = LiveClient(KEY, live.port, wanted=True)
    opened = client.forward("POST", "/sessions", session_order(), {"Content-Type": "application/json"}).json()
    names = ("stream.mp4", "stream.mjpeg", "events")
    with serving(handing_on(client), settings, ServerSettings(threads=2)) as server, ExitStack() as lines:
        streams = []
        for place in range(MANY):
            line = lines.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=60))
            path = f"/sessions/{opened['session']}/{names[place % 3]}"
            line.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            streams.append((line, (b"moof", b"image/jpeg", b"event: state")[place % 3]))
        for line, wanted in streams:
            assert wanted in read_until(line, wanted), "a stream does not come"
        for line, wanted in streams[:2]:
            assert wanted in read_until(line, wanted), "a stream does not go on"
        lines.close()
        wait_until(lambda: live.avatars[0].feed.listeners == 0, 60)
        wait_until(lambda: answered(client, f"/sessions/{opened['session']}"), 60)


def session_order():
    return f'{{"owner": "me", "portrait": "{ROOT / "demo" / "portrait.jpg"}", "height": 128}}'.encode()


def answered(client, path):
    return client.forward("GET", path).status == http.client.OK
