"""One film from the request to its last stage: one id in all lines of the logs, one trace, and nothing personal in either."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import urllib3
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from app.models import Job
from benchmarks.live_server import free_port
from core.places import ROOT

pytestmark = pytest.mark.long

REQUEST, TRACE = "a-request-of-ours", "4bf92f3577b34da6a3ce929d0e0e4736"
TITLE, FILE = "Zebrafinkenlied", "Quastenflosser"


@pytest.fixture
def collector():
    """A collector of OTLP over HTTP: its address, and the spans that came."""
    spans = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/v1/traces":
                told = ExportTraceServiceRequest.FromString(body)
                for of_process in told.resource_spans:
                    known = {each.key: each.value.string_value for each in of_process.resource.attributes}
                    spans.extend((known["service.name"], span) for each in of_process.scope_spans for span in each.spans)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *values):
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", spans
    server.shutdown()
    server.server_close()


def wait_for(condition, limit_s=300.0):
    end_s = time.monotonic() + limit_s
    while not (found := condition()):
        assert time.monotonic() < end_s, "it took too long"
        time.sleep(0.2)
    return found


@pytest.fixture
def site(settings, collector, film_cache, tmp_path):
    """A web process and a worker on its own: address of the pages, of the worker's port, and what both have written."""
    port, worker_port = free_port(), free_port()
    environment = {
        **os.environ,
        "BELCANTO_DATA_DIR": str(settings.data_dir),
        "BELCANTO_CACHE_DIR": str(film_cache),
        "BELCANTO_LOG": "json",
        "BELCANTO_TRACES": collector[0],
        "BELCANTO_WORKER_PORT": str(worker_port),
    }
    log = tmp_path / "log"
    programs = [["app", "--port", str(port), "--no-worker", "--no-live"], ["app.worker"]]
    with log.open("ab") as sink:
        running = [
            subprocess.Popen([sys.executable, "-m", *each], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=sink)
            for each in programs
        ]
    yield f"http://127.0.0.1:{port}", f"http://127.0.0.1:{worker_port}", log
    for process in running:
        process.terminate()
    for process in running:
        process.wait(60)


def is_up(http, address):
    try:
        return http.request("GET", f"{address}/healthz", retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False


def give(http, address, what, name, path, kind, headers):
    """A song or picture by the API, once it was looked at; gives its id, and the visitor's cookie."""
    fields = {"file": (name, path.read_bytes(), kind)}
    answer = http.request("POST", f"{address}/api/v1/{what}", fields=fields, headers=headers)
    headers.setdefault("Cookie", answer.headers.get("Set-Cookie", "").partition(";")[0])
    if answer.status == 202:  # the machine is busy
        where = f"{address}/api/v1/inspections/{answer.json()['id']}"
        return wait_for(lambda: http.request("GET", where, headers=headers).json()["result_id"])
    assert answer.status == 201, answer.data
    return answer.json()["id"]


def order(http, address, song_path, picture_path):
    """A film by the API."""
    headers = {"X-Request-ID": "another-request"}
    song_id = give(http, address, "songs", f"{TITLE}.mp3", song_path, "audio/mpeg", headers)
    picture_id = give(http, address, "pictures", f"{FILE}.jpg", picture_path, "image/jpeg", headers)
    asked = {"song_id": song_id, "picture_id": picture_id, "consent": True}
    asked["options"] = {"height": 128, "start_s": 4.0, "duration_s": 1.0}
    headers |= {"X-Request-ID": REQUEST, "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    ordered = http.request("POST", f"{address}/api/v1/films", json=asked, headers=headers)
    assert ordered.status == 202 and ordered.headers["X-Request-ID"] == REQUEST, ordered.data
    return ordered.json()["film"]


@pytest.mark.slow
def test_a_film_is_followed_from_its_order_to_its_end(site, collector, session, song_path, picture_path):
    address, worker, log = site
    http = urllib3.PoolManager()
    wait_for(lambda: is_up(http, address) and is_up(http, worker))
    film = order(http, address, song_path, picture_path)
    job_id = film["job"]["id"]

    def job():
        session.rollback()
        return session.get(Job, job_id, populate_existing=True)

    wait_for(lambda: job().state in ("done", "failed"))
    assert job().state == "done" and job().request_id == REQUEST

    def of_ours(name):
        return [span for _, span in collector[1] if span.trace_id.hex() == TRACE and span.name == name]

    wait_for(lambda: of_ours("job") and of_ours("request"))  # each process sends its own every few seconds
    mine = [each for each in collector[1] if each[1].trace_id.hex() == TRACE]
    services = {name: {span.name for service, span in mine if service == name} for name, _ in mine}
    assert {"queue", "job"} <= services["belcanto-worker"]
    assert {"stage frames", "stage mux"} <= services["belcanto-work"]
    assert services["belcanto-web"] == {"request"}
    (work,) = [span for _, span in mine if span.name == "job"]
    assert all(span.parent_span_id == work.span_id for _, span in mine if span.name.startswith("stage "))
    figures = http.request("GET", f"{worker}/metrics").data.decode()
    assert 'belcanto_stage_seconds_count{kind="song_to_film",stage="frames"} 1.0' in figures
    assert 'belcanto_wait_seconds_count{kind="song_to_film"} 1.0' in figures
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    followed = [line for line in lines if line.get("request") == REQUEST]
    assert {line["message"].split()[2] for line in followed if line.get("job") == job_id} >= {"(song_to_film)", "ends:"}
    everything = log.read_text() + figures + repr(collector[1])
    for word in (TITLE, FILE, str(song_path), str(picture_path)):
        assert word not in everything
