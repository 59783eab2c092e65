"""Bodies of requests that the web server takes: large ones, in chunks, too many, with no room on the disk."""

from __future__ import annotations

import http.client
import json
import os
import resource

import pytest

from app.api.openapi import PREFIX
from app.server import default_settings
from app.serving.settings import ServerSettings
from tests.app.serving_client import ask, lines, read_until, serving, small_app, wait_until


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
    chosen = default_settings(limited(song_bytes=200_000, picture_bytes=100_000, clip_bytes=100_000, piece_bytes=50_000))
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
