"""Looks at given files wait apart from the requests: nobody is held up, turns go round, and too many are refused early."""

from __future__ import annotations

import io
import threading
import time
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from app.context import EXTENSION, PERSON_COOKIE
from app.errors import Busy, LimitReached, NotFound
from app.handing_in import RECEPTION
from app.models import Song, new_id
from app.services.reception import Reception, ReceptionSettings
from core.errors import InputError
from tests.app.api_client import ApiClient, Rows, problem_of

HERE = "203.0.113.9"
ELSEWHERE = "198.51.100.1"


@pytest.fixture
def gate():
    """Looks end only once it is opened."""
    opened = threading.Event()
    yield opened
    opened.set()


@pytest.fixture
def impatient(app):
    """A reception whose requests don't wait."""
    made = app.extensions[RECEPTION]
    made.settings = replace(made.settings, answer_within_s=0.0)
    return made


@pytest.fixture
def slow_looks(impatient, monkeypatch, gate, song):
    """Every song that is given turns out to be the person's, once the gate is open."""
    begun = []

    def look(session, settings, person_id, path, name):
        begun.append(name)
        gate.wait(60)
        path.unlink()
        if "bad" in name:
            raise InputError("The song bad.mp3 holds no sound that can be decoded; give another.")
        return session.get(Song, song.id)

    monkeypatch.setattr("app.handing_in.add_song", look)
    yield begun
    gate.set()
    wait_until(lambda: not impatient._here())


def wait_until(holds):
    latest = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < latest
        time.sleep(0.02)


def make(settings, **own):
    return Reception(settings, ReceptionSettings(**{"at_once": 1, "retry_after_s": 7, **own}))


def test_turns_go_round_by_address(settings, gate):
    reception, order = make(settings), []

    def look(name):
        def work():
            gate.wait(60)
            order.append(name)
            return name

        return work

    tickets = [reception.hand_in(new_id(), HERE, "song", name, look(name)) for name in ("a1", "a2", "a3")]
    tickets.append(reception.hand_in(new_id(), ELSEWHERE, "song", "b1", look("b1")))
    assert [ticket.state for ticket in tickets] == ["running", "queued", "queued", "queued"]
    assert [reception.position(ticket) for ticket in tickets] == [0, 1, 3, 2]
    gate.set()
    for ticket in tickets:
        assert ticket.ended.wait(30)
    assert order == ["a1", "a2", "b1", "a3"]
    assert [ticket.result_id for ticket in tickets] == ["a1", "a2", "a3", "b1"]


def test_one_visitor_and_one_address_wait_with_so_many(limited, gate):
    reception = make(limited(waiting_looks=2, address_waiting_looks=3), most=4)
    person = new_id()

    def hand_in(who, network):
        return reception.hand_in(who, network, "song", new_id(), lambda: gate.wait(60) and "x")

    kept = [hand_in(person, HERE), hand_in(person, HERE)]
    with pytest.raises(LimitReached, match="your files are waiting") as refused:
        hand_in(person, ELSEWHERE)
    assert refused.value.retry_after_s == 7
    hand_in(new_id(), HERE)
    with pytest.raises(LimitReached, match="from your address"):
        reception.check(new_id(), HERE)
    hand_in(new_id(), ELSEWHERE)
    with pytest.raises(Busy) as busy:
        hand_in(new_id(), "192.0.2.1")
    assert busy.value.retry_after_s == 7
    gate.set()
    assert all(ticket.ended.wait(30) for ticket in kept)
    hand_in(person, HERE)


def test_the_same_is_looked_at_once(settings, gate):
    reception, person = make(settings), new_id()
    first = reception.hand_in(person, HERE, "song", "upload", lambda: gate.wait(60) and "x")
    assert reception.hand_in(person, HERE, "song", "upload", lambda: "y") is first
    assert reception.hand_in(new_id(), HERE, "song", "upload", lambda: gate.wait(60) and "z") is not first


def test_only_so_many_requests_wait(settings, gate):
    reception = make(settings, waiting_requests=1, answer_within_s=30)
    ticket = reception.hand_in(new_id(), HERE, "song", "a", lambda: gate.wait(60) and "x")
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(reception.settle(ticket)))
    waiting.start()
    wait_until(lambda: reception._patience._value == 0)
    begun_s = time.monotonic()
    assert not reception.settle(ticket)
    assert time.monotonic() - begun_s < 5
    gate.set()
    waiting.join(30)
    assert answers == [True] and reception.settle(ticket)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_of_the_program_ends_one_look_alone(settings):
    reception, person = make(settings), new_id()
    broken = reception.hand_in(person, HERE, "song", "a", lambda: {}["nothing"])
    after = reception.hand_in(person, HERE, "song", "b", lambda: "x")
    assert after.ended.wait(30) and after.result_id == "x"
    assert broken.state == "failed" and "error in the program" in str(broken.error)


def test_tickets_are_ones_own_and_forgotten_in_time(settings):
    reception, person = make(settings, known_s=0.0), new_id()
    ticket = reception.hand_in(person, HERE, "song", "a", lambda: "x")
    assert ticket.ended.wait(30)
    assert reception.find(person, ticket.id) is ticket
    for who, number in ((new_id(), ticket.id), (person, new_id())):
        with pytest.raises(NotFound):
            reception.find(who, number)
    reception.hand_in(person, HERE, "song", "b", lambda: "y")
    with pytest.raises(NotFound, match="upload it again"):
        reception.find(person, ticket.id)


def give(api, name="a.mp3", **headers):
    return api.post("/songs", data={"file": (io.BytesIO(b"ID3"), name)}, headers=headers)


def test_what_takes_longer_is_asked_for(app, person_id, slow_looks, gate):
    api = ApiClient(app, person_id)
    answers = [give(api, name) for name in ("a.mp3", "b.mp3", "bad.mp3")]
    assert [answer.status_code for answer in answers] == [202] * 3
    assert [answer.json["state"] for answer in answers] == ["running", "running", "queued"]
    places = [answer.headers["Location"] for answer in answers]
    assert api.get(places[2]).json["position"] == 2 and int(api.get(places[2]).headers["Retry-After"]) > 0
    problem_of(ApiClient(app, new_id()).get(places[0]), 404)
    gate.set()
    wait_until(lambda: api.get(places[2]).json["state"] == "failed")
    failed = api.get(places[2]).json
    assert failed["problem"]["status"] == 422 and "no sound" in failed["problem"]["detail"] and failed["links"]["result"] is None
    done = api.get(places[0]).json
    assert done["state"] == "done" and api.get(done["links"]["result"]).json["id"] == done["result_id"]


def test_too_many_are_refused_before_they_are_read(app, settings, person_id, slow_looks, gate):
    api = ApiClient(app, person_id)
    for _ in range(settings.limits.waiting_looks):
        assert give(api).status_code == 202
    refused = give(api)
    problem_of(refused, 429, "waiting to be checked")
    assert int(refused.headers["Retry-After"]) > 0
    assert len(list(settings.incoming_dir.iterdir())) == settings.limits.waiting_looks
    others = [give(ApiClient(app, new_id())).status_code for _ in range(settings.limits.address_waiting_looks)]
    assert others.count(202) == settings.limits.address_waiting_looks - settings.limits.waiting_looks
    assert others[-1] == 429
    gate.set()
    wait_until(lambda: not list(settings.incoming_dir.iterdir()))


def test_a_look_under_way_is_not_kept_as_the_answer_to_a_key(app, person_id, slow_looks, gate):
    api = ApiClient(app, person_id)
    assert give(api, **{"Idempotency-Key": "k"}).status_code == 202
    gate.set()
    app.extensions[RECEPTION].settings = ReceptionSettings()
    again = give(api, **{"Idempotency-Key": "k"})
    assert again.status_code == 201 and "Idempotent-Replayed" not in again.headers
    assert give(api, **{"Idempotency-Key": "k"}).headers["Idempotent-Replayed"] == "true"


@pytest.mark.slow
def test_an_upload_is_finished_in_its_turn(app, session, settings, person_id, song_path, impatient):
    api, content = ApiClient(app, person_id), song_path.read_bytes()
    Rows(session, settings, person_id)
    made = api.post("/uploads", {"kind": "song", "file_name": "c.mp3", "size_bytes": len(content)}).json
    headers = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    api.patch(made["links"]["self"], data=content, headers=headers)
    first = api.post(made["links"]["finish"], {"title": "Mine"})
    assert first.status_code == 202
    assert api.post(made["links"]["finish"]).json["id"] == first.json["id"]
    wait_until(lambda: api.get(first.headers["Location"]).json["state"] == "done")
    assert api.get(api.get(first.headers["Location"]).json["links"]["result"]).json["title"] == "Mine"
    assert api.post(made["links"]["finish"]).status_code == 201


@pytest.fixture
def visitor(app, client, person_id):
    client.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(person_id))
    return client


def give_form(visitor, name="a.mp3", query=""):
    return visitor.post(f"/music{query}", data={"file": (io.BytesIO(b"ID3"), name)}, content_type="multipart/form-data")


def test_the_page_says_so_and_goes_on_by_itself(visitor, slow_looks, gate, song, impatient):
    sent = give_form(visitor, query="?picture=p1")
    assert sent.status_code == 303 and parse_qs(urlsplit(sent.location).query).keys() == {"picture", "look"}
    page = visitor.get(sent.location)
    assert page.status_code == 200 and "being checked" in page.text and 'http-equiv="refresh"' in page.text
    gate.set()
    wait_until(lambda: visitor.get(sent.location).status_code == 303)
    onward = visitor.get(sent.location).location
    assert parse_qs(urlsplit(onward).query) == {"picture": ["p1"], "song": [song.id]}


@pytest.mark.slow
def test_the_page_says_what_was_wrong_and_what_is_forgotten(visitor, slow_looks, gate, impatient):
    sent = give_form(visitor, "bad.mp3")
    gate.set()
    wait_until(lambda: "being checked" not in visitor.get(sent.location).text)
    assert "no sound that can be decoded" in visitor.get(sent.location).text
    gone = visitor.get("/music?look=nothing")
    assert gone.status_code == 200 and "upload it again" in gone.text


@pytest.mark.slow
def test_the_page_refuses_what_is_too_much(visitor, settings, slow_looks, gate, impatient):
    for _ in range(settings.limits.waiting_looks):
        assert give_form(visitor).status_code == 303
    refused = give_form(visitor)
    assert refused.status_code == 429 and "waiting to be checked" in refused.text
    assert int(refused.headers["Retry-After"]) > 0
