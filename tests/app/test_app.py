"""The application as a whole: who a visitor is, headers, error pages, languages, marks on forms."""

from __future__ import annotations

import re

import pytest
from flask import request
from flask import session as flask_session

from app import create_app
from app.context import PERSON_COOKIE, current_person_id, database, db_session
from app.errors import Busy, NotFound, StorageFull
from app.models import Person
from core.errors import InputError, KindError, MissingError


@pytest.fixture
def app(app):
    """With routes that show what others see, and that fail in every way."""
    failures = {
        "not-found": NotFound("There is no such song; it may have been deleted."),
        "input": InputError("The picture <b>x</b> is damaged and can't be decoded; save it again or use another."),
        "kind": KindError("The file x is a playlist, not a song."),
        "missing": MissingError("A weight is missing."),
        "busy": Busy("Too many files are being checked; try again in a minute."),
        "full": StorageFull("The disk of the server is full; whoever runs it must free some space."),
        "crash": ZeroDivisionError("secret inside"),
    }

    @app.get("/who")
    def who():
        return current_person_id()

    @app.get("/fail/<name>")
    def fail(name):
        raise failures[name]

    @app.get("/speak/<language>")
    def speak(language):
        flask_session["language"] = language
        return language

    @app.post("/post")
    def post():
        return "done"

    @app.get("/session")
    def session_is_shared():
        return str(db_session() is db_session())

    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    return app


def test_a_visitor_is_remembered_and_made_no_row_for_looking(app, client):
    first = client.get("/who")
    assert re.fullmatch("[0-9a-f]{32}", first.text)
    cookie = first.headers["Set-Cookie"]
    assert cookie.startswith(PERSON_COOKIE) and "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Max-Age=34560000" in cookie
    again = client.get("/who")
    assert again.text == first.text and "Set-Cookie" not in again.headers
    assert app.test_client().get("/who").text != first.text
    with app.app_context():
        assert database().session().query(Person).count() == 0


@pytest.mark.parametrize(
    "value", ["", "x", "0" * 32, "IjAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwIg.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb"]
)
def test_a_cookie_that_we_did_not_sign_counts_for_nothing(client, value):
    client.set_cookie(PERSON_COOKIE, value)
    answer = client.get("/who")
    assert answer.status_code == 200 and answer.text not in value and PERSON_COOKIE in answer.headers["Set-Cookie"]


def test_the_visitor_is_known_after_a_restart(app, client, settings):
    before = client.get("/who")
    restarted = create_app(settings)
    restarted.add_url_rule("/who", view_func=lambda: current_person_id())
    other = restarted.test_client()
    other.set_cookie(PERSON_COOKIE, client.get_cookie(PERSON_COOKIE).value)
    assert other.get("/who").text == before.text
    restarted.extensions["belcanto"].database.close()


def test_every_answer_bears_the_headers(client):
    for path in ("/who", "/nothing", "/fail/crash", "/static/css/belcanto.css"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"] and "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "same-origin"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/nothing", 404, "nothing at this address"),
        ("/post", 405, "that way"),
        ("/fail/not-found", 404, "There is no such song"),
        ("/fail/input", 422, "&lt;b&gt;x&lt;/b&gt;"),
        ("/fail/kind", 415, "playlist"),
        ("/fail/missing", 503, "weight is missing"),
        ("/fail/busy", 503, "Too many files"),
        ("/fail/full", 507, "disk of the server is full"),
        ("/fail/crash", 500, "Something went wrong"),
    ],
)
def test_every_error_is_a_page_with_a_sentence(client, path, status, sentence):
    answer = client.get(path, headers={"Accept-Language": "en"})
    assert answer.status_code == status and sentence in answer.text
    assert "<h1" in answer.text and "secret" not in answer.text and "Traceback" not in answer.text


def test_the_language_is_the_browsers_until_one_is_chosen(client):
    def title(**headers):
        return re.search('<html lang="(..)"', client.get("/nothing", headers=headers).text)[1]

    assert title() == "en"
    assert title(**{"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}) == "de"
    assert title(**{"Accept-Language": "fr"}) == "en"
    client.get("/speak/de")
    assert title(**{"Accept-Language": "en"}) == "de"
    client.get("/speak/xx")
    assert title(**{"Accept-Language": "en"}) == "en"


def test_a_form_of_another_site_is_refused(app, client):
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post("/post", headers={"Accept-Language": "en"})
    assert answer.status_code == 400 and "open for too long" in answer.text


def test_a_body_larger_than_any_file_is_refused(limited):
    app = create_app(limited(song_bytes=200_000, picture_bytes=100_000, clip_bytes=100_000))
    app.config.update(WTF_CSRF_ENABLED=False)

    @app.post("/read")
    def read():
        return str(len(request.get_data()))

    client = app.test_client()
    assert client.post("/read", data=bytes(1_200_000)).text == "1200000", "a song, and a form around it"
    answer = client.post("/read", data=bytes(1_200_001), headers={"Accept-Language": "en"})
    assert answer.status_code == 413 and "larger than is accepted" in answer.text


def test_a_request_has_one_session_of_the_database(client):
    assert client.get("/session").text == "True"
