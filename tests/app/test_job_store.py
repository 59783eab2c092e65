"""Jobs in the database, as the worker wants them: turns, cancelling, retries, limits, reports."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.job_store import MOST_ATTEMPTS, DatabaseJobStore
from app.models import Job, JobEvent, Person, Picture, Song, new_id, now
from app.services.jobs import cancel_job
from app.services.works import delete_work
from app.store_access import SIGNLESS_S, SILENCE_S
from core.messages import message, message_from_json
from jobs.contracts import JobProgress, StoreUnavailable
from jobs.workers import WorkerLock
from pipeline.works.song_to_film import SONG_TO_FILM
from tests.app.rows import film_job, film_row


@pytest.fixture
def store(database, settings):
    return DatabaseJobStore(database, settings)


@pytest.fixture
def lock(store):
    held = WorkerLock(store.locks)
    yield held
    held.close()


@pytest.fixture
def someone(session):
    """Makes a person with films that wait; gives the jobs' ids. No file is looked at before a job runs."""
    clock = iter(range(10_000))

    def make(count):
        person = Person(id=new_id())
        own = {"person_id": person.id, "size_bytes": 1, "sha256": "0"}
        song = Song(**own, title="s", search_text="s", file_name=new_id(), mime="audio/wav", duration_s=9.0, waveform=[])
        sizes = {"width": 400, "height": 600, "faces": [], "thumb_name": new_id()}
        picture = Picture(**own, title="p", search_text="p", file_name=new_id(), mime="image/png", **sizes)
        session.add(person)
        session.flush()
        session.add_all([song, picture])
        session.flush()
        ids = []
        for _ in range(count):
            film = film_row(song, picture)
            job = film_job(film, queued_at=now() + timedelta(seconds=next(clock)))
            session.add_all([film, job])
            session.flush()
            ids.append(job.id)
        session.commit()
        return ids

    return make


def row(session, job_id):
    """The job as the database has it now."""
    session.commit()
    session.expire_all()
    return session.get(Job, job_id)


def states(session, job_id):
    session.commit()
    events = session.scalars(select(JobEvent).where(JobEvent.job_id == job_id, JobEvent.kind == "state").order_by(JobEvent.id))
    return [event.data["state"] for event in events]


def test_people_take_turns(store, session, someone, settings):
    many, few, one = someone(4), someone(2), someone(1)
    made = []
    for _ in range(7):
        order = store.claim("w@x", "fair")
        made.append(order.job_id)
        path = order.outputs["film"]
        path.write_bytes(b"film")
        store.finish(order.job_id, "w@x", {"notes": []}, {"film": path.name})
    assert made == [many[0], few[0], one[0], many[1], few[1], many[2], many[3]]
    assert store.claim("w@x", "fair") is None


def test_two_workers_serve_two_people_rather_than_one_twice(store, someone):
    many, one = someone(3), someone(1)
    assert [store.claim(name, "fair").job_id for name in ("a@x", "b@x")] == [many[0], one[0]]
    assert store.claim("c@x", "fair").job_id == many[1]


def test_a_claimed_job_is_nobody_elses(store, session, someone):
    (job_id,) = someone(1)
    order = store.claim("a@x", "fair")
    assert store.claim("b@x", "fair") is None and store.waiting("fair") == 0
    job = row(session, job_id)
    assert (job.state, job.owner, job.attempts) == ("running", "a@x", 1) and job.started_at and job.heartbeat_at
    plan = SONG_TO_FILM.plan(order, None)
    assert plan.length_s == 9.0 and plan.pixels == 400 * 600
    assert store.beat(job_id, "a@x") is False and store.beat(job_id, "b@x") is True


def test_progress_is_kept_and_forgotten_at_the_end(store, session, someone):
    (job_id,) = someone(1)
    store.claim("a@x", "fair")
    store.progress(job_id, "a@x", JobProgress("frames", 3, 40, 12.345))
    job = row(session, job_id)
    assert (job.stage, job.done, job.total, job.eta_s) == ("frames", 3, 40, 12.3)
    kinds = [event.kind for event in session.scalars(select(JobEvent).where(JobEvent.job_id == job_id))]
    assert kinds == ["state", "progress"]
    store.fail(job_id, "a@x", message("pipeline.film_took_too_long", count=3), False)
    assert row(session, job_id).failure == {"code": "pipeline.film_took_too_long", "values": {"count": 3}}
    assert states(session, job_id) == ["running", "failed"]
    assert not session.scalars(select(JobEvent).where(JobEvent.job_id == job_id, JobEvent.kind == "progress")).all()


def test_what_may_help_is_tried_once_more(store, session, someone):
    (job_id,) = someone(1)
    for state in ("queued", "failed"):
        store.claim("a@x", "fair")
        store.fail(job_id, "a@x", message("pipeline.film_broke"), True)
        assert row(session, job_id).state == state
    assert row(session, job_id).attempts == 2 and states(session, job_id) == ["running", "queued", "running", "failed"]


def test_cancelled_while_it_waits(store, session, settings, film):
    cancel_job(session, settings, film.person_id, film.job.id)
    assert film.job.state == "cancelled" and store.claim("a@x", "fair") is None


def test_cancelled_while_it_runs(store, session, settings, film):
    job_id = film.job.id
    store.claim("a@x", "fair")
    assert store.beat(job_id, "a@x") is False
    cancel_job(session, settings, film.person_id, job_id)
    assert store.beat(job_id, "a@x") is True
    store.cancelled(job_id, "a@x")
    assert row(session, job_id).state == "cancelled"


def test_a_film_deleted_while_it_is_made_leaves_nothing(store, session, settings, film):
    job_id = film.job.id
    order = store.claim("a@x", "fair")
    delete_work(session, settings, film.person_id, film.id)
    assert store.beat(job_id, "a@x") is True
    order.outputs["film"].write_bytes(b"film")  # it was through before it heard of it
    store.finish(job_id, "a@x", {"notes": []}, {"film": order.outputs["film"].name})
    assert not order.outputs["film"].exists() and row(session, job_id) is None
    store.cancelled(job_id, "a@x")  # what comes late harms nothing
    store.progress(job_id, "a@x", JobProgress("mux", 1, 1, 0.0))
    assert store.beat(job_id, "a@x") is True


def test_jobs_of_dead_workers_wait_again_in_their_place(store, session, someone, lock):
    first, _ = someone(2)
    store.claim("gone-1@" + lock.name.rpartition("@")[2], "fair")
    assert store.requeue_stale(lock.name, True) == 1
    job = row(session, first)
    assert (job.state, job.owner, job.started_at) == ("queued", None, None)
    assert store.claim(lock.name, "fair").job_id == first
    assert store.requeue_stale("other@x", True) == 0, "its worker lives"
    assert store.requeue_stale(lock.name, False) == 0, "its worker is at it"
    assert store.requeue_stale(lock.name, True) == 1, "its worker could not conclude it"


def test_a_worker_elsewhere_is_dead_after_a_long_silence(store, session, someone, lock):
    (job_id,) = someone(1)
    store.claim("w@another-machine", "fair")
    store._clock = lambda: 1000.0
    assert store.requeue_stale(lock.name, True) == 0
    store._clock = lambda: 1000.0 + SILENCE_S - 1
    assert store.requeue_stale(lock.name, True) == 0
    store._clock = lambda: 1000.0 + SILENCE_S
    assert store.requeue_stale(lock.name, True) == 1
    assert row(session, job_id).state == "queued"


def test_a_worker_elsewhere_without_a_sign_of_life_is_dead_sooner(store, session, someone, lock):
    (job_id,) = someone(1)
    store.claim("w@another-machine", "fair")
    lacking = SimpleNamespace(lack=lambda name: name == "w@another-machine")
    store._signs, store._clock = lacking, lambda: 1000.0
    assert store.requeue_stale(lock.name, True) == 0
    store._clock = lambda: 1000.0 + SIGNLESS_S - 1
    assert store.requeue_stale(lock.name, True) == 0, "a Redis that was started anew may lack it"
    lacking.lack = lambda name: False
    store._clock = lambda: 1000.0 + SIGNLESS_S + 1
    assert store.requeue_stale(lock.name, True) == 0
    lacking.lack = lambda name: True
    assert store.requeue_stale(lock.name, True) == 1
    assert row(session, job_id).state == "queued"


@pytest.mark.parametrize("wrong", [timedelta(hours=-5), timedelta(hours=5)])
def test_a_worker_elsewhere_may_have_a_clock_that_is_wrong(store, session, someone, lock, wrong):
    (job_id,) = someone(1)
    store.claim("w@another-machine", "fair")
    for beat in range(10):
        row(session, job_id).heartbeat_at = now() + wrong + timedelta(seconds=beat)
        session.commit()
        store._clock = lambda beat=beat: 1000.0 + beat * (SILENCE_S - 1)
        assert store.requeue_stale(lock.name, True) == 0, "it beats"
    store._clock = lambda: 1000.0 + 9 * (SILENCE_S - 1) + SILENCE_S
    assert store.requeue_stale(lock.name, True) == 1, "it has fallen silent"


def test_a_late_worker_does_not_end_the_job_that_another_has(store, session, someone, lock):
    """One slept through its time, its job was given to another; whatever it says when it wakes changes nothing."""
    (job_id,) = someone(1)
    order = store.claim("slept@x", "fair")
    store.give_back(job_id, "slept@x")
    assert store.claim("other@x", "fair").job_id == job_id
    order.outputs["film"].write_bytes(b"film")
    store.progress(job_id, "slept@x", JobProgress("mux", 9, 9, 0.0))
    store.finish(job_id, "slept@x", {"notes": []}, {"film": order.outputs["film"].name})
    store.fail(job_id, "slept@x", message("pipeline.film_broke"), False)
    store.give_back(job_id, "slept@x")
    job = row(session, job_id)
    job.cancel_requested = True
    session.commit()
    store.cancelled(job_id, "slept@x")
    job = row(session, job_id)
    assert (job.state, job.owner, job.stage, job.work.file_name) == ("running", "other@x", "", None)
    assert order.outputs["film"].exists(), "the other one is writing it"
    store.cancelled(job_id, "other@x")
    store.finish(job_id, "slept@x", {"notes": []}, {"film": order.outputs["film"].name})
    assert row(session, job_id).state == "cancelled" and not order.outputs["film"].exists(), "nobody wants it"


@pytest.fixture
def measured(store, session, someone):
    """The job that measures a film which is done."""
    (job_id,) = someone(1)
    order = store.claim("a@x", "fair")
    order.outputs["film"].write_bytes(b"film")
    store.finish(job_id, "a@x", {"notes": []}, {"film": order.outputs["film"].name})
    return row(session, job_id).work.found("quality_report").id


def test_a_late_report_does_not_replace_that_of_another_worker(store, session, measured):
    assert store.claim("slept@x", "idle").job_id == measured
    store.give_back(measured, "slept@x")
    files = {"page": store.claim("other@x", "idle").outputs["page"].name}
    store.finish(measured, "slept@x", {"figure": 1}, files)
    store.fail(measured, "slept@x", message("pipeline.report_broke"), True)
    store.give_back(measured, "slept@x")
    assert row(session, measured).owner == "other@x" and job_metrics(session, measured) is None
    store.finish(measured, "other@x", {"figure": 2}, files)
    assert job_metrics(session, measured) == {"figure": 2}


def test_the_report_of_a_dead_worker_is_made_by_another(store, session, measured, lock):
    dead = "gone-1@" + lock.name.rpartition("@")[2]
    assert store.claim(dead, "idle").job_id == measured and store.claim(lock.name, "idle") is None
    store.requeue_stale(lock.name, True)
    job = row(session, measured)
    assert (job.state, job.owner, job.work.job.state) == ("queued", None, "done"), "the film is done; only its report waits"
    files = {"page": store.claim(lock.name, "idle").outputs["page"].name}
    store.finish(measured, dead, {"figure": 1}, files)  # it was only asleep
    assert job_metrics(session, measured) is None
    store.finish(measured, lock.name, {"figure": 2}, files)
    assert job_metrics(session, measured) == {"figure": 2}


def test_a_report_that_broke_is_not_tried_again_and_says_why(store, session, measured):
    store.claim("a@x", "idle")
    store.fail(measured, "a@x", message("pipeline.report_broke"), True)
    assert job_metrics(session, measured) == {"error": message("pipeline.report_broke").as_json()}


def job_metrics(session, job_id):
    return row(session, job_id).work.metrics


def test_a_job_that_ends_its_workers_again_and_again_is_given_up(store, session, someone, lock):
    (job_id,) = someone(1)
    store.claim("gone-1@" + lock.name.rpartition("@")[2], "fair")
    row(session, job_id).attempts = MOST_ATTEMPTS
    session.commit()
    store.requeue_stale(lock.name, True)
    assert row(session, job_id).state == "failed" and row(session, job_id).failure["code"] == "app.job_given_up"


def test_a_job_whose_options_nobody_understands_any_more_does_not_hold_up_the_others(store, session, someone):
    old, good = someone(2)
    row(session, old).options = {"engine": "mesh", "of_an_older_version": 3}
    session.commit()
    assert store.claim("a@x", "fair").job_id == good
    assert row(session, old).state == "failed" and "of_an_older_version" in str(message_from_json(row(session, old).failure))


def test_a_database_that_is_away_is_told_as_such(store, monkeypatch):
    def refuse():
        raise OperationalError("SELECT 1", {}, OSError("away"))

    monkeypatch.setattr(store._database, "session", refuse)
    with pytest.raises(StoreUnavailable):
        store.waiting("fair")
