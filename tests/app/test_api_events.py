"""A job's stream of events: what comes, when it goes on after a break, and that it ends; also through the real server."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app.api import jobs
from app.api.openapi import PREFIX
from app.api.sse import Event, EventStream, Listener, Streams, StreamSettings, format_event, last_event_id
from app.api.watch import Latest
from app.context import EXTENSION, PERSON_COOKIE
from app.database import writing
from app.models import Job, JobEvent
from app.server import make_server
from app.services.events import append_event
from app.services.releasing import drop_jobs
from core.messages import message

QUICK = StreamSettings(look_every_s=0.02, heartbeat_s=0.1, longest_s=600, most_of_person=2)


@pytest.fixture
def streams(app, database):
    """Streams that look often."""
    made = app.extensions[jobs.STREAMS] = Streams(jobs.newest_of(database), QUICK)
    return made


def quiet(job_ids):
    """Jobs that go on without news."""
    return dict.fromkeys(job_ids, Latest(0, is_over=False))


@pytest.fixture
def http_client(app, person_id):
    client = app.test_client()
    client.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(person_id))
    return client


def parse(text):
    """The events of a stream: (kind, id, data); comments as ('', None, None)."""
    events = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) if not line.startswith(":") else ("comment", line) for line in block.split("\n") if line)
        if "event" in lines:
            number = int(lines["id"]) if "id" in lines else None
            events.append((lines["event"], number, json.loads(lines["data"])))
        elif "comment" in lines:
            events.append(("", None, None))
    return events


FAILURE = message("pipeline.film_broke")


def progress(database, job_id, done):
    with database.session() as own, writing(own):
        job = own.get(Job, job_id)
        job.state, job.stage, job.done, job.total = "running", "frames", done, 100
        append_event(own, job_id, "progress", {"done": done})


def end(database, job_id, state="failed", failure=FAILURE):
    with database.session() as own, writing(own):
        job = own.get(Job, job_id)
        job.state, job.failure = state, failure.as_json() if failure else None
        append_event(own, job_id, "state", {"state": state})


def test_an_ended_job_is_told_and_the_stream_ends(http_client, rows, streams):
    film = rows.film("done")
    answer = http_client.get(f"{PREFIX}/jobs/{film.job.id}/events")
    assert answer.mimetype == "text/event-stream" and answer.headers["Cache-Control"] == "no-store"
    assert answer.text.startswith("retry: 2000\n\n")
    events = parse(answer.text)
    assert [kind for kind, _, _ in events] == ["state", "end"]
    assert events[0][2]["state"] == "done" and events[0][1] == events[0][2]["event_id"] > 0


@pytest.mark.slow
def test_a_whole_making_as_it_comes(http_client, rows, streams, database):
    job_id = rows.film().job.id
    heard = iter(http_client.get(f"{PREFIX}/jobs/{job_id}/events", buffered=False).response)

    def hear_until_silence():
        """What comes up to the next heartbeat, so that the work below goes on only after it was told."""
        text = ""
        for part in heard:
            text += part.decode()
            if text.endswith(": heartbeat\n\n"):
                break
        return [event for event in parse(text) if event[0]]

    events = hear_until_silence()
    for done in (10, 20, 100):
        progress(database, job_id, done)
        events += hear_until_silence()
    end(database, job_id)
    events += hear_until_silence()
    told = [(kind, data["done"]) for kind, number, data in events if number]
    assert told == [("state", 0), ("progress", 10), ("progress", 20), ("progress", 100), ("state", 100)]
    assert events[-1][0] == "end" and events[-2][2]["error"] == str(FAILURE)
    assert events[-2][2]["error_code"] == "pipeline.film_broke"


def test_it_goes_on_where_the_last_event_was(http_client, rows, streams, database):
    job_id = rows.film().job.id
    progress(database, job_id, 10)
    end(database, job_id)
    with database.session() as own:
        assert own.scalar(select(func.count()).select_from(JobEvent).where(JobEvent.job_id == job_id)) > 2
    all_events = parse(http_client.get(f"{PREFIX}/jobs/{job_id}/events").text)
    last = all_events[0][1]
    again = parse(http_client.get(f"{PREFIX}/jobs/{job_id}/events", headers={"Last-Event-ID": str(last)}).text)
    assert [kind for kind, _, _ in again] == ["end"]  # what was told already is not told again
    earlier = parse(http_client.get(f"{PREFIX}/jobs/{job_id}/events", headers={"Last-Event-ID": str(last - 1)}).text)
    assert [(kind, number) for kind, number, _ in earlier] == [("state", last), ("end", None)]  # only what came since


@pytest.mark.parametrize(("text", "number"), [(None, 0), ("", 0), ("7", 7), ("-1", 0), ("7x", 0), ("²", 0), ("9" * 40, 0)])
def test_numbers_of_last_events(text, number):
    assert last_event_id(text) == number


def test_where_too_many_listen_the_answer_ends_without_an_end(http_client, rows, streams, person_id):
    job_id = rows.film().job.id
    with streams.place(person_id), streams.place(person_id):
        text = http_client.get(f"{PREFIX}/jobs/{job_id}/events").text
    assert [kind for kind, _, _ in parse(text)] == ["state"]  # what there is, and come back
    assert len(streams) == 0


def test_who_listens_much_takes_nobody_elses_place():
    streams = Streams(quiet, StreamSettings(most_streams=3, most_of_person=2))
    with streams.place("a") as first, streams.place("a") as second, streams.place("a") as third, streams.place("b") as other:
        assert (first, second, third, other) == (True, True, False, True)
        with streams.place("c") as beyond_all:
            assert not beyond_all
    assert len(streams) == 0


def listen(streams, look=lambda after: ((), False)):
    return EventStream(Listener("job", "person", look), 0, streams)


def test_a_stream_ends_after_its_time_and_gives_its_place_back():
    streams = Streams(quiet, StreamSettings(look_every_s=0.01, longest_s=0.05))
    assert list(listen(streams)) == [b"retry: 2000\n\n"]
    assert len(streams) == 0


def test_a_client_that_goes_gives_its_place_back():
    def always_more(job_ids):
        return dict.fromkeys(job_ids, Latest(1000, is_over=False))

    streams = Streams(always_more, StreamSettings(look_every_s=0.01))
    answer = listen(streams, lambda after: ([Event(after + 1, "state", {})], False))
    going = iter(answer)
    assert [next(going) for _ in range(3)][2].startswith(b"id: 2\n")
    assert len(streams) == 1
    answer.close()
    assert len(streams) == 0


def test_a_job_that_is_deleted_ends_its_stream_without_an_end(http_client, rows, streams, database):
    job_id = rows.film().job.id
    heard = iter(http_client.get(f"{PREFIX}/jobs/{job_id}/events", buffered=False).response)
    while b"event: state" not in next(heard):
        pass
    with database.session() as own, writing(own):
        drop_jobs(own, Job.id == job_id)
    assert b"event: end" not in b"".join(heard)
    assert len(streams) == 0


def test_a_line_break_can_not_make_an_event():
    text = format_event(Event(1, "state", {"title": "a\n\nevent: end\r\ndata: x"}))
    assert text.count("\n\n") == 1 and "\r" not in text


@contextmanager
def served(app, settings):
    """The application behind the real server; gives its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = make_server(app, listener, settings, False)

    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.close()
        thread.join(10)
        assert not thread.is_alive()


def test_the_real_server_sends_events_at_once_and_notices_who_has_gone(app, settings, rows, streams, database, person_id):
    job_id = rows.film().job.id
    cookie = f"{PERSON_COOKIE}={app.extensions[EXTENSION].people.dumps(person_id)}"
    with served(app, settings) as port:
        # far shorter than a stream stays open: one that was held back until its end would come too late
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        line.request("GET", f"{PREFIX}/jobs/{job_id}/events", headers={"Cookie": cookie})
        answer = line.getresponse()
        assert answer.status == 200
        read_until(answer, b"event: state")
        progress(database, job_id, 40)
        read_until(answer, b'"done": 40')
        assert len(streams) == 1
        answer.close()
        line.close()
        wait_until(lambda: len(streams) == 0)


def read_until(answer, wanted):
    text = b""
    while wanted not in text:
        part = answer.read1(65536)
        assert part, f"the stream ended without {wanted!r}: {text!r}"
        text += part
    return text


def wait_until(holds):
    latest = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < latest
        time.sleep(0.05)


def test_a_body_that_is_too_large_is_a_problem_on_the_real_server_too(app, settings):
    with served(app, settings) as port:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        line.putrequest("POST", f"{PREFIX}/songs")
        line.putheader("Content-Type", "multipart/form-data; boundary=x")
        line.putheader("Content-Length", str(10**12))
        line.endheaders()
        answer = line.getresponse()
        assert answer.status == 413


@pytest.mark.slow
def test_many_streams_of_a_job_take_no_thread_and_share_the_looks(app, settings, rows, streams, database, person_id, monkeypatch):
    monkeypatch.setattr(streams, "settings", replace(QUICK, most_of_person=200))
    job_id = rows.film().job.id
    cookie = f"{PERSON_COOKIE}={app.extensions[EXTENSION].people.dumps(person_id)}"
    with served(app, settings) as port, ExitStack() as lines:
        answers = []
        for _ in range(120):
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            lines.callback(line.close)
            line.request("GET", f"{PREFIX}/jobs/{job_id}/events", headers={"Cookie": cookie})
            answers.append(line.getresponse())
        for answer in answers:
            read_until(answer, b"event: state")
        assert len(streams) == 120
        assert threading.active_count() < 60
        asked = []
        looks = jobs.service.get_job

        def counted(*values):
            asked.append(values)
            return looks(*values)

        monkeypatch.setattr(jobs.service, "get_job", counted)
        progress(database, job_id, 40)
        for answer in answers:
            read_until(answer, b'"done": 40')
        assert len(asked) < 12  # not one for each
        begun_s = time.monotonic()
    assert time.monotonic() - begun_s < 10


def test_streams_end_with_the_server(app, settings, rows, streams, person_id):
    job_id = rows.film().job.id
    cookie = f"{PERSON_COOKIE}={app.extensions[EXTENSION].people.dumps(person_id)}"
    with served(app, settings) as port:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        line.request("GET", f"{PREFIX}/jobs/{job_id}/events", headers={"Cookie": cookie})
        answer = line.getresponse()
        read_until(answer, b"event: state")
        begun_s = time.monotonic()
    assert b"event: end" not in answer.read()  # the browser comes back to the next server
    assert time.monotonic() - begun_s < 3
    assert len(streams) == 0
