"""Previews of films: one of a person at a time, nothing of them in the library, nothing left of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.database import writing
from app.errors import LimitReached, NotFound, Refused
from app.job_store import DatabaseJobStore
from app.models import Job, Person, Work, new_id, now
from app.services.films import order_film
from app.services.hiding import UNDO
from app.services.keeping import sweep
from app.services.origins import come_from
from app.services.people import ensure_person
from app.services.previews import KEPT, ask_preview, delete_preview, get_preview, preview_file
from app.services.songs import delete_song, hide_song
from core.errors import InputError
from core.messages import message
from pipeline.film_settings import SongToVideoSettings
from tests.app.api_client import ApiClient, Rows, problem_of

WORKER = "a@x"
NOTE = message("pipeline.preview_where_most_is_sung", start=1.0, stop=4.0)


@pytest.fixture
def store(database, settings):
    return DatabaseJobStore(database, settings)


@pytest.fixture
def both(rows):
    return rows.song(), rows.picture()


@pytest.fixture
def ask(session, settings, person_id, both):
    song, picture = both

    def ask(**options):
        return ask_preview(session, settings, person_id, song.id, picture.id, SongToVideoSettings(face=1, **options))

    return ask


@pytest.fixture
def make(store):
    """The worker's part: the preview that waits is made."""

    def make():
        order = store.claim(WORKER, "soon")
        order.outputs["preview"].write_bytes(b"a film")
        store.finish(order.job_id, WORKER, {"notes": [NOTE.as_json()], "frames": 75}, {"preview": order.outputs["preview"].name})
        return order

    return make


def left(settings):
    return sorted(path.name for path in settings.results_dir.glob("preview-*"))


def test_it_is_asked_for_made_and_found_again(session, settings, person_id, both, ask, make, database):
    told = []
    database.announce = told.append
    job = ask(style="sad")
    assert job.state == "queued" and told == [job.id]
    assert ask(style="sad").id == job.id and ask(style="sad", height=1080).id == job.id, "its height is its own"
    order = make()
    assert (order.kind, order.options["style"], order.inputs["song"].title) == ("film_preview", "sad", both[0].title)
    session.commit()
    found = get_preview(session, person_id, job.id)
    assert found.state == "done" and preview_file(settings, found).read_bytes() == b"a film"
    assert ask(style="sad").state == "done" and len(told) == 1
    assert session.query(Work).count() == 0, "it is no film of the library"


def test_a_newer_one_takes_its_place(session, settings, person_id, ask, make, store):
    waiting = ask(seed=1).id
    running = ask(seed=2).id
    with pytest.raises(NotFound):
        get_preview(session, person_id, waiting)
    assert store.claim(WORKER, "soon").job_id == running
    newest = ask(seed=3).id
    assert store.beat(running, WORKER), "whoever makes it is told to end"
    with pytest.raises(NotFound, match="newer one"):
        get_preview(session, person_id, running)
    again = ask(seed=2).id
    assert again not in (running, newest), "the same question again waits anew"
    store.cancelled(running, WORKER)
    make()
    session.commit()
    assert len(left(settings)) == 1
    ask(seed=4)
    assert left(settings) == []
    assert {job.state for job in session.query(Job)} <= {"queued", "cancelled"}


def test_one_that_was_made_in_vain_leaves_nothing(session, settings, ask, store):
    order = (ask(), store.claim(WORKER, "soon"))[1]
    ask(seed=5)
    order.outputs["preview"].write_bytes(b"late")
    store.finish(order.job_id, WORKER, {"notes": []}, {"preview": order.outputs["preview"].name})
    assert left(settings) == []


def test_another_persons_stays(app, session, settings, both, ask, make):
    ask()
    make()
    other = new_id()
    ensure_person(session, other)
    song, picture = Rows(session, settings, other).song(), Rows(session, settings, other).picture()
    ask_preview(session, settings, other, song.id, picture.id, SongToVideoSettings(face=1))
    assert len(left(settings)) == 1
    with pytest.raises(NotFound):
        ask_preview(session, settings, other, both[0].id, both[1].id, SongToVideoSettings())


def test_what_can_not_be_ordered_can_not_be_seen(session, ask):
    with pytest.raises(Refused, match=r"can't begin at 12\.4"):
        ask(start_s=12.4)
    with pytest.raises(InputError, match="beyond"):
        ask(intensity_points=((20.0, 1.0),))
    assert session.query(Job).count() == 0


def test_too_many_of_one_address_are_refused(session, settings, person_id, both):
    come_from(session, "an origin")
    few = replace(settings, limits=replace(settings.limits, address_waiting_previews=2))
    for number in range(3):
        person = new_id()
        ensure_person(session, person)
        rows = Rows(session, settings, person)
        song, picture = rows.song(), rows.picture()
        for seed in range(3):  # of one person only the last one counts
            options = SongToVideoSettings(face=1, seed=seed)
            if number < 2:
                ask_preview(session, few, person, song.id, picture.id, options)
                continue
            with pytest.raises(LimitReached, match="try again in a moment") as refused:
                ask_preview(session, few, person, song.id, picture.id, options)
            assert refused.value.retry_after_s > 0
    assert session.query(Job).count() == 2 and session.query(Person).filter_by(origin="an origin").count() == 3


def test_its_time_is_over_after_a_while(session, settings, person_id, ask, make):
    made = ask().id
    make()
    sweep(session, settings)
    assert len(left(settings)) == 1
    with writing(session):
        session.get(Job, made).finished_at = now() - KEPT - timedelta(seconds=1)
    sweep(session, settings)
    assert left(settings) == [] and session.query(Job).count() == 0
    ask()
    with writing(session):
        session.query(Job).one().queued_at = now() - KEPT - timedelta(seconds=1)
    sweep(session, settings)
    assert session.query(Job).count() == 0, "nobody has asked for it for long"


def test_it_goes_with_what_it_was_made_of(session, settings, person_id, both, ask, make):
    job = ask()
    make()
    hide_song(session, person_id, both[0].id)
    with pytest.raises(NotFound):
        get_preview(session, person_id, job.id)
    assert UNDO > KEPT
    delete_song(session, settings, person_id, both[0].id)
    assert left(settings) == [] and session.query(Job).count() == 0


def test_an_order_leaves_it_alone_and_is_not_counted_with_it(session, settings, person_id, both, ask, make):
    ask()
    few = replace(settings, limits=replace(settings.limits, waiting_jobs=1, films=1))
    order_film(session, few, person_id, both[0].id, both[1].id, SongToVideoSettings(face=1))
    make()
    assert len(left(settings)) == 1


def test_who_leaves_lets_it_go(session, settings, person_id, ask, make, store):
    job = ask().id
    make()
    delete_preview(session, settings, person_id, job)
    assert left(settings) == [] and session.query(Job).count() == 0
    with pytest.raises(NotFound):
        delete_preview(session, settings, person_id, job)
    job = ask().id
    store.claim(WORKER, "soon")
    with pytest.raises(NotFound):
        delete_preview(session, settings, new_id(), job)
    delete_preview(session, settings, person_id, job)
    assert store.beat(job, WORKER)


class TestInTheApi:
    def test_from_the_question_to_the_film(self, app, api, both, make):
        body = {"song_id": both[0].id, "picture_id": both[1].id, "options": {"face": 1, "style": "happy", "height": 720}}
        waiting = api.post("/previews", body)
        assert waiting.status_code == 202 and waiting.json["state"] == "queued" and waiting.json["options"]["height"] is None
        own = waiting.headers["Location"]
        problem_of(api.get(f"{own}/file"), 409)
        make()
        found = api.get(own)
        assert found.json["state"] == "done" and "1.0 to 4.0 s" in found.json["notes"][0]
        german = api.get(own, headers={"Accept-Language": "de"}).json["notes"][0]
        assert german.startswith("Die Vorschau zeigt 1")
        assert api.get(found.json["links"]["file"]).data == b"a film"
        assert api.get(found.json["links"]["file"], headers={"Range": "bytes=0-1"}).status_code == 206
        assert api.post("/previews", body).status_code == 200
        assert api.get("/jobs").json["items"] == api.get("/films").json["items"] == api.get("/works").json["items"] == []
        assert "film_preview" not in [kind["name"] for kind in api.get("/kinds").json["kinds"]]
        problem_of(ApiClient(app, new_id()).get(own), 404)
        assert api.delete(own).status_code == 204
        problem_of(api.get(own), 404)

    def test_what_does_not_fit_says_so(self, api, both):
        body = {"song_id": both[0].id, "picture_id": both[1].id}
        problem_of(api.post("/previews", {**body, "options": {"preview": True}}), 422, "not known")
        problem_of(api.post("/previews", {**body, "options": {"fps": 100}}), 422, "fps")
        problem_of(api.post("/previews", {**body, "song_id": "none"}), 404)

    def test_one_that_failed_says_why_and_is_made_anew(self, api, both, store):
        body = {"song_id": both[0].id, "picture_id": both[1].id}
        own = api.post("/previews", body).headers["Location"]
        failure = message("pipeline.preview_broke")
        store.fail(store.claim(WORKER, "soon").job_id, WORKER, failure, True)
        assert api.get(own).json["error"] == str(failure)
        assert api.post("/previews", body).status_code == 202


class TestMadeAhead:
    """While nobody has asked yet."""

    @pytest.fixture
    def ahead(self, session, settings, person_id, both):
        def ahead(seed=0):
            options = SongToVideoSettings(face=1, seed=seed)
            return ask_preview(session, settings, person_id, both[0].id, both[1].id, options, "idle")

        return ahead

    def test_it_waits_for_an_idle_moment_until_somebody_asks(self, session, database, ahead, ask, store):
        job = ahead()
        assert store.claim(WORKER, "soon") is None and store.waiting("idle") == 1
        told = []
        database.announce = told.append
        assert ask().id == job.id and told == [job.id]
        assert store.claim(WORKER, "soon").job_id == job.id

    def test_one_under_way_goes_on_where_somebody_asks(self, session, ahead, ask, store):
        job = ahead()
        order = store.claim(WORKER, "idle")
        assert ask().id == job.id == order.job_id
        assert not store.beat(job.id, WORKER) and store.waiting("soon") == 0, "nothing waits that it would be put off for"
        store.give_back(job.id, WORKER)  # another person's was
        assert store.claim(WORKER, "soon").job_id == job.id

    def test_it_gives_way_to_what_was_asked_for_and_never_takes_its_place(self, session, person_id, ahead, ask, store):
        asked = ask(seed=1)
        assert ahead(2).id == asked.id and session.query(Job).count() == 1
        store.claim(WORKER, "soon")
        assert ahead(3).id == asked.id and not store.beat(asked.id, WORKER)
        store.finish(asked.id, WORKER, {"notes": []}, {})
        session.commit()
        begun = ahead(4)
        assert begun.id != asked.id and begun.turn == "idle"
        assert ask(seed=5).id != begun.id
        with pytest.raises(NotFound):
            get_preview(session, person_id, begun.id)

    def test_those_of_others_keep_nobody_from_asking(self, session, settings, person_id, both, ahead, ask):
        come_from(session, "an origin")
        with writing(session):
            session.get(Person, person_id).origin = "an origin"
        few = replace(settings, limits=replace(settings.limits, address_waiting_previews=1))
        ahead()
        other = new_id()
        ensure_person(session, other)
        rows = Rows(session, settings, other)
        song, picture = rows.song(), rows.picture()
        order = (session, few, other, song.id, picture.id, SongToVideoSettings(face=1))
        with pytest.raises(LimitReached):
            ask_preview(*order, "idle")
        assert ask_preview(*order).state == "queued"
