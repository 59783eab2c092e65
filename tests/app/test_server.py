"""`python -m app` as a person starts it, and what it says about its health."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
import urllib.request
from contextlib import ExitStack, closing
from dataclasses import replace

import pytest
from sqlalchemy.exc import OperationalError

from app import create_app
from app.health import KEY
from app.models import Job
from app.server import address, listen, make_live, make_server
from app.serving.environ import HANDED_ON
from benchmarks.live_server import free_port
from core.errors import InputError


def fetch(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read().decode()


@pytest.mark.slow
def test_it_prints_its_address_and_ends_when_told(tmp_path):
    command = [sys.executable, "-m", "app", "--port", "0", "--data-dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        line = server.stdout.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+/", line)[0]
        ready = json.loads(fetch(url + "readyz"))
        assert ready["status"] == "ok" and ready["checks"]["worker"] == "ok"
        assert "<html" in fetch(url + "music")
        server.terminate()
        assert server.wait(60) == 0
        assert "Traceback" not in server.stderr.read()
    assert not list((tmp_path / "results" / "workers").iterdir())


@pytest.mark.slow
def test_a_port_that_is_taken_is_a_sentence(tmp_path):
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "app", "--port", str(port), "--data-dir", str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == InputError.exit_code
    assert done.stderr.strip().splitlines()[-1] == f"Port {port} is taken already; name another, for example: --port {port + 1}"


def test_an_address_of_another_machine_is_a_sentence():
    with pytest.raises(InputError, match=r"can't listen at 192\.0\.2\.1"):
        listen("192.0.2.1", free_port())


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80/"),
        ("0.0.0.0", "http://127.0.0.1:80/"),
        ("::1", "http://[::1]:80/"),
        ("localhost", "http://localhost:80/"),
    ],
)
def test_the_address_can_be_opened(host, url):
    assert address(host, 80) == url


@pytest.mark.parametrize(
    ("host", "said", "reach"),
    [("127.0.0.1", "", "any"), ("localhost", "", "any"), ("0.0.0.0", "", "public"), ("0.0.0.0", "any", "any")],
)
def test_who_serves_others_lets_them_name_public_servers_alone(app, settings, monkeypatch, host, said, reach):
    monkeypatch.setenv("BELCANTO_VISITORS_SERVERS", said)
    assert make_live(app, settings, host, ExitStack())._environment["BELCANTO_VISITORS_SERVERS"] == reach


@pytest.mark.parametrize(("colab", "seen"), [(True, "https elsewhere.example"), (False, "http 127.0.0.1")])
def test_only_for_colab_the_proxys_word_is_taken(settings, colab, seen):
    def echo(environ, start_response):
        start_response("200 OK", [])
        return [f"{environ['wsgi.url_scheme']} {environ['HTTP_HOST'].partition(':')[0]}".encode()]

    listener = listen("127.0.0.1", 0)
    server = make_server(echo, listener, settings, colab)
    threading.Thread(target=server.run, daemon=True).start()
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "elsewhere.example"}
    request = urllib.request.Request(address("127.0.0.1", listener.getsockname()[1]), headers=headers)
    assert fetch(request) == seen
    server.close()


def test_figures_for_prometheus(client, session, film):
    assert client.get("/music").status_code == 200
    text = client.get("/metrics").text
    assert 'belcanto_jobs{state="queued"} 1.0' in text and 'belcanto_jobs{state="done"} 0.0' in text
    assert re.search(r'belcanto_request_seconds_count\{method="GET",page="pages\.\w+",status="2xx"\} 1\.0', text)
    assert float(re.search(r"^belcanto_oldest_queued_seconds (\S+)", text, re.MULTILINE)[1]) >= 0
    session.get(Job, film.job.id).state = "failed"
    session.commit()
    assert 'belcanto_jobs{state="failed"} 1.0' in client.get("/metrics").text


def test_ready_only_with_all_it_needs(app, client, monkeypatch):
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").status_code == 200
    state = app.extensions[KEY]
    state.worker_alive = lambda: False
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.json["checks"]["worker"] == "has ended"
    state.worker_alive = None

    def refuse():
        raise OperationalError("SELECT 1", {}, OSError("away"))

    monkeypatch.setattr(state.database, "session", refuse)
    assert client.get("/readyz").json["checks"]["database"] == "OperationalError"
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_of_the_machine_only_the_machine_is_told(client, path):
    assert client.get(path).status_code == 200
    assert client.get(path, environ_overrides={"REMOTE_ADDR": "::1"}).status_code == 200
    for environ in ({"REMOTE_ADDR": "203.0.113.9"}, {"REMOTE_ADDR": ""}, {HANDED_ON: True}):
        answer = client.get(path, environ_overrides=environ)
        assert answer.status_code == 403 and "token" in answer.json["detail"] and "belcanto_jobs" not in answer.text
    for name in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP", "X-Forwarded-Proto"):
        assert client.get(path, headers={name: "127.0.0.1"}).status_code == 403, "a proxy has handed it on"
    assert client.get("/healthz", environ_overrides={"REMOTE_ADDR": "203.0.113.9"}).status_code == 200


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_with_a_token_nothing_else_counts(settings, path):
    client = create_app(replace(settings, metrics_token="sesame")).test_client()
    told = [client.get(path, headers=headers).status_code for headers in ({}, {"Authorization": "Bearer sésame"})]
    assert told == [403, 403]
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.get(path, headers={"Authorization": "Bearer sesame"}, environ_overrides=elsewhere).status_code == 200
