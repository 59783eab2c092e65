"""The attack's own arithmetic and its attackers, against a small server; how real ones bear it is a benchmark."""

from __future__ import annotations

import asyncio
import http.server
import threading
import time
from dataclasses import replace

import pytest
import soundfile
from PIL import Image

from benchmarks import attackers, pages_under_attack
from benchmarks.attackers import KINDS, Target, attack
from benchmarks.machine import describe_machine
from benchmarks.pages_under_attack import Trial, keeps_promise, make_files, table, visit
from benchmarks.pages_under_load import Click, row_of


class Handler(http.server.BaseHTTPRequestHandler):
    """Refuses whatever is given."""

    def log_message(self, *_):
        """Nothing."""

    def answer(self, status):
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.send_response(status)
        self.send_header("Set-Cookie", "belcanto_person=me; Path=/")
        self.end_headers()

    def do_GET(self):
        self.answer(200 if self.path == "/music" else 404)

    def do_POST(self):
        self.answer(429)


class Server(http.server.ThreadingHTTPServer):
    """Takes as many connections at once as the attackers make; by default a sixth that waits has to try again a second later."""

    request_queue_size = 1024


@pytest.fixture
def port():
    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_is_at_it_and_ends_in_time(kind, port, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"a file")
    begun_s = time.monotonic()
    met = asyncio.run(attack(kind, Target(port, 0.0, path, path, "/events", "a=b"), 1.0))
    assert time.monotonic() - begun_s < 30
    assert met.total() > 0 and set(met) <= {"connections", "ended by the server", "streams", "POST 429"}


@pytest.mark.slow
def test_the_files_are_small_and_open_out_large(tmp_path, monkeypatch):
    monkeypatch.setattr(pages_under_attack, "SOUND_S", 2)
    picture, sound = make_files(tmp_path)
    with Image.open(picture) as opened:
        assert opened.size == (7000, 7000) and picture.stat().st_size < 500_000
    info = soundfile.info(sound)
    assert (info.channels, info.samplerate, info.duration) == (8, 192_000, 2) and sound.stat().st_size < 500_000


@pytest.mark.parametrize(("slow", "status", "kept"), [(5, 200, True), (6, 200, False), (0, 0, False)])
def test_the_promise_is_kept_in_every_trial_or_not(slow, status, kept):
    calm = row_of("all", [Click("/", 200, 10.0, 0.0)])
    row = row_of("all", [Click("/", status, 250.0 if number < slow else 20.0, 0.0) for number in range(100)])
    row = replace(row, failed=100 if status == 0 else 0)
    trials = [Trial("nothing else", calm, {}), Trial("idle connections", row, {"connections": 3})]
    assert keeps_promise(trials) is kept
    assert f"none failed: {'yes' if kept else 'no'}" in table(trials, describe_machine(), 1.0)


def test_a_page_that_does_not_come_has_failed(port, monkeypatch):
    assert visit(port, "/music").status == 200
    monkeypatch.setattr(pages_under_attack, "PATIENCE_S", 0.2)
    assert visit(1, "/music").status == 0
    assert attackers.source_of(3) != attackers.source_of(4)
