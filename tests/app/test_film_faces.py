"""The people in a clip: asked for, found by the worker, told by the API, let go with the clip."""

from __future__ import annotations

import pytest

from app.database import writing
from app.errors import LimitReached, NotFound, Refused
from app.job_store import DatabaseJobStore
from app.models import Job, new_id, now
from app.services.clips import delete_clip
from app.services.film_faces import ask_faces, clip_of, faces_found, find_faces, picture_of_face
from app.services.questions import MOST_WAITING
from core.messages import message
from tests.app.api_client import ApiClient, problem_of
from tests.app.film_people import PEOPLE, find_people


@pytest.fixture
def store(database, settings):
    return DatabaseJobStore(database, settings)


@pytest.fixture
def long_clip(session, clip):
    """The person's film, said to last eight seconds."""
    with writing(session):
        clip.duration_s = 8.0
    return clip


@pytest.fixture
def ask(session, settings, person_id, long_clip):
    """Asks for the people in a part of the film."""
    return lambda *part, **more: ask_faces(session, settings, person_id, long_clip.id, *part, **more)


def test_whoever_asks_first_has_them_found(session, settings, person_id, long_clip, ask, store):
    job = ask(1.5, 4.0)
    assert job.state == "queued" and clip_of(job) is long_clip
    assert ask(1.5, 4.0).id == job.id and ask().id != job.id
    assert ask(0.0, 9.0).id == ask(0.0, 7.9999).id == ask().id, "all of it, however it is asked for"
    order = find_people(store)
    assert (order.job_id, order.options, order.inputs["film"].facts["duration_s"]) == (
        job.id,
        {"start_s": 1.5, "duration_s": 4.0},
        8.0,
    )
    session.commit()
    assert ask(1.5, 4.0).state == "done" and faces_found(ask(1.5, 4.0))["faces"] == PEOPLE
    assert picture_of_face(settings, find_faces(session, person_id, long_clip.id, 1.5, 4.0), "2") == b"picture 2"
    for part, number in (((1.5, 4.0), "4"), ((1.5, 4.0), "../2"), ((), "1"), ((3.0, 1.0), "1")):
        with pytest.raises(NotFound):
            picture_of_face(settings, find_faces(session, person_id, long_clip.id, *part), number)


def test_pictures_that_are_lost_are_made_anew(session, settings, ask, store):
    ask()
    order = find_people(store)
    session.commit()
    order.outputs["pictures"].unlink()
    assert ask().state == "queued"
    find_people(store)
    session.commit()
    assert ask().state == "done"


def test_another_part_takes_the_place_of_those_that_nobody_wants_any_more(session, ask, store):
    first, second = ask(1.0), ask(2.0)
    assert store.claim("a@x", "soon").job_id == first.id
    third = ask(3.0, instead=True)
    session.expire_all()
    assert (first.state, first.cancel_requested, second.state, third.state) == ("running", True, "cancelled", "queued")
    assert ask(1.0).id == first.id, "until its worker has given it up"
    assert store.beat(first.id, "a@x")
    store.cancelled(first.id, "a@x")
    session.commit()
    again = ask(1.0)
    assert again.id != first.id and again.state == "queued" and third.state == "queued", "asking alone takes nobody's place"


def test_only_what_fits_and_not_many_at_once(session, settings, person_id, long_clip, ask):
    with pytest.raises(Refused, match=r"lasts 8\.0 s"):
        ask(7.9)
    with pytest.raises(Refused, match=r"0\.5 s of the film"):
        ask(0.0, 0.2)
    with pytest.raises(NotFound):
        ask_faces(session, settings, new_id(), long_clip.id)
    for number in range(MOST_WAITING):
        ask(float(number), 1.0)
    with pytest.raises(LimitReached, match=f"{MOST_WAITING} parts of your films"):
        ask(6.0, 1.0)


def test_a_deleted_film_takes_them_along(session, settings, person_id, long_clip, ask, store):
    ask()
    pictures = find_people(store).outputs["pictures"]
    session.commit()
    assert pictures.exists()
    delete_clip(session, settings, person_id, long_clip.id)
    assert not pictures.exists() and session.query(Job).count() == 0


class TestOverTheApi:
    def test_they_are_found_while_nobody_waits(self, app, api, long_clip, store):
        address = f"/clips/{long_clip.id}/faces"
        assert api.get(f"/clips/{long_clip.id}").json["links"]["faces"].endswith(address)
        waiting = api.get(f"{address}?start_s=2&duration_s=3.5")
        assert waiting.status_code == 202 and waiting.json == {"state": "queued", "share": None}
        assert int(waiting.headers["Retry-After"]) > 0
        find_people(store, start_s=2.0, duration_s=3.5)
        told = api.get(waiting.headers["Location"])
        assert told.status_code == 200 and (told.json["start_s"], told.json["duration_s"]) == (2.0, 3.5)
        first, _, third = told.json["faces"]
        assert (first["seen"], first["reason"], third["reason"]) == (0.92, None, "The face is turned away all the time.")
        german = api.get(waiting.headers["Location"], headers={"Accept-Language": "de"}).json["faces"][2]["reason"]
        assert german == "Das Gesicht ist die ganze Zeit abgewandt."
        picture = api.get(first["links"]["thumbnail"])
        assert (picture.data, picture.mimetype) == (b"picture 1", "image/jpeg")
        assert "sandbox" in picture.headers["Content-Security-Policy"] and picture.headers["ETag"]
        problem_of(api.get(f"{address}/1/thumbnail"), 404, "ask for its faces first")
        problem_of(api.get(f"{address}/9/thumbnail?start_s=2&duration_s=3.5"), 404, "no picture of a person 9")
        problem_of(ApiClient(app).get(address), 404)

    def test_what_can_not_be_found_says_why(self, api, long_clip, store, session):
        address = f"/clips/{long_clip.id}/faces"
        api.get(address)
        failure = message("pipeline.film_faces_broke")
        store.fail(store.claim("a@x", "soon").job_id, "a@x", failure, True)
        assert problem_of(api.get(address), 503) == str(failure)
        with writing(session):
            session.query(Job).one().finished_at = now().replace(year=2020)
        assert api.get(address).status_code == 202

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ("start_s=x", "start_s is x; a number from 0"),
            ("start_s=-1", "start_s is -1"),
            ("duration_s=0", "duration_s is 0"),
            ("start_s=7.9", "a part of it can't begin at 7.9 s"),
            ("duration_s=0.1", "At least 0.5 s of the film"),
        ],
    )
    def test_a_part_that_does_not_fit(self, api, long_clip, query, words, session):
        problem_of(api.get(f"/clips/{long_clip.id}/faces?{query}"), 422, words)
        assert session.query(Job).count() == 0
