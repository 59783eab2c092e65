"""Heads of films in 3D: made once on request, kept with the film, gone with it."""

from __future__ import annotations

import pytest

from app.context import EXTENSION, PERSON_COOKIE
from app.errors import NotFound, Refused
from app.job_store import DatabaseJobStore
from app.models import new_id
from app.services.heads import ask_head, get_head, has_head, head_file
from app.services.jobs import list_jobs
from app.services.works import delete_work
from core.messages import message
from tests.app.api_client import ApiClient, problem_of

WORKER = "a@x"


@pytest.fixture
def store(database, settings):
    return DatabaseJobStore(database, settings)


@pytest.fixture
def done(rows, session, settings):
    film = rows.film("done")
    film.files = {"film": f"film-{film.id}.mp4"}
    settings.results.path(film.files["film"]).write_bytes(b"film")
    session.commit()
    return film


def make(store):
    """The worker's part."""
    order = store.claim(WORKER, "soon")
    order.outputs["head"].write_bytes(b"glTF")
    store.finish(order.job_id, WORKER, {"notes": [], "frames": 5}, {"head": order.outputs["head"].name})
    return order


def test_it_is_made_once_and_goes_with_the_film(session, settings, person_id, done, store):
    job = ask_head(session, settings, person_id, done.id)
    assert ask_head(session, settings, person_id, done.id).id == job.id
    assert not list_jobs(session, person_id), "it makes no film of its own"
    order = make(store)
    assert (order.kind, set(order.inputs)) == ("film_to_head", {"song", "portrait", "film"})
    session.commit()
    found = get_head(session, person_id, done.id)
    file = head_file(settings, found)
    assert found.state == "done" and file.read_bytes() == b"glTF" and done.job.kind == "song_to_film"
    delete_work(session, settings, person_id, done.id)
    assert not file.exists()


def test_one_that_failed_is_tried_again(session, settings, person_id, done, store):
    first = ask_head(session, settings, person_id, done.id).id
    store.fail(store.claim(WORKER, "soon").job_id, WORKER, message("pipeline.head_broke"), False)
    session.commit()
    assert get_head(session, person_id, done.id).state == "failed"
    assert ask_head(session, settings, person_id, done.id).id != first


def test_nobody_has_asked_and_somebody_else_asks(session, settings, person_id, done):
    with pytest.raises(NotFound):
        get_head(session, person_id, done.id)
    with pytest.raises(NotFound):
        ask_head(session, settings, new_id(), done.id)


def test_a_film_in_the_making_has_none_yet(session, settings, person_id, rows):
    with pytest.raises(Refused):
        ask_head(session, settings, person_id, rows.film("queued").id)


def as_a_film_of(film, kind):
    """The film as if it were of another kind of work."""
    film.job.kind, film.kind = kind, kind


def test_films_of_texts_and_of_drivers_have_one_too_and_films_of_films_none(session, settings, person_id, done, store):
    as_a_film_of(done, "text_to_film")
    done.options = {"text": "Hello.", "face": 1}
    session.delete(done.inputs.pop("song"))
    session.commit()
    assert has_head(done)
    ask_head(session, settings, person_id, done.id)
    order = store.claim(WORKER, "soon")
    assert set(order.inputs) == {"portrait", "film"} and order.options["face"] == 1
    as_a_film_of(done, "dub")
    session.commit()
    assert not has_head(done)
    with pytest.raises(NotFound):
        ask_head(session, settings, person_id, done.id)


def test_the_api_tells_how_far_it_is(app, api, done, store):
    asked = api.post(f"/films/{done.id}/head")
    assert asked.status_code == 202 and asked.json["state"] == "queued"
    problem_of(api.get(f"/films/{done.id}/head/file"), 409)
    make(store)
    told = api.get(asked.headers["Location"]).json
    assert told["state"] == "done" and api.get(told["links"]["file"]).data == b"glTF"
    problem_of(ApiClient(app, new_id()).get(asked.headers["Location"]), 404)


def test_the_page_offers_it_once_the_film_is_there(app, client, person_id, film, finish_job):
    client.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(person_id))
    assert "data-head=" not in client.get(f"/films/{film.id}").text
    finish_job(film)
    assert "data-head=" in client.get(f"/films/{film.id}").text
