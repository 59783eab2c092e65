"""Whose film is made next, where a person has put one before another: among one's own alone."""

from __future__ import annotations

import pytest

from app.context import EXTENSION, PERSON_COOKIE
from app.errors import NotFound, Refused
from app.job_store import DatabaseJobStore
from app.models import Job
from app.services.jobs import cancel_job
from app.services.queue_order import move_job, waiting_jobs
from tests.app.api_client import ApiClient, Rows, problem_of

STRANGER = "f" * 32


@pytest.fixture
def made(session, settings, person_id):
    return Rows(session, settings, person_id)


@pytest.fixture
def films(made):
    """Three films that wait; gives their jobs' ids."""
    return [made.film("queued", title).job.id for title in "abc"]


def order(session, person_id):
    return [job.work.title for job in waiting_jobs(session, person_id)]


def claimed(database, settings, count):
    """The titles of what a worker takes, one after the other."""
    store = DatabaseJobStore(database, settings)
    return [store.claim("worker", "fair").title for _ in range(count)]


def test_one_is_put_before_another(database, session, settings, person_id, films):
    a, b, c = films
    assert order(session, person_id) == ["a", "b", "c"]
    move_job(session, person_id, c, a)
    assert order(session, person_id) == ["c", "a", "b"]
    move_job(session, person_id, c, None)
    move_job(session, person_id, a, a)
    assert order(session, person_id) == ["a", "b", "c"]
    move_job(session, person_id, b, a)
    assert claimed(database, settings, 3) == ["b", "a", "c"]


def test_others_get_their_turns_as_before(database, session, settings, person_id, made):
    titles = [("mine", made), ("theirs", Rows(session, settings, STRANGER)), ("later", made), ("last", made)]
    jobs = {title: rows.film("queued", title).job for title, rows in titles}
    times = sorted(job.queued_at for job in jobs.values() if job.person_id == person_id)
    move_job(session, person_id, jobs["last"].id, jobs["mine"].id)
    session.expire_all()
    places = sorted(job.place_at or job.queued_at for job in jobs.values() if job.person_id == person_id)
    assert places == times and jobs["theirs"].place_at is None
    assert claimed(database, settings, 4) == ["last", "theirs", "mine", "later"]


def test_a_job_that_waits_no_more_stays_out_of_it(database, session, settings, person_id, films):
    a, b, c = films
    cancel_job(session, settings, person_id, b)
    assert claimed(database, settings, 1) == ["a"]
    for job_id in (a, b):
        with pytest.raises(Refused, match="wait"):
            move_job(session, person_id, job_id, c)
    with pytest.raises(NotFound):
        move_job(session, person_id, c, a)


def test_places_that_are_the_same_become_different(session, person_id, films):
    first = session.get(Job, films[0])
    for job_id in films:
        session.get(Job, job_id).queued_at = first.queued_at
    session.commit()
    before = [job.id for job in waiting_jobs(session, person_id)]
    assert [job.id for job in move_job(session, person_id, before[2], before[0])] == [before[2], before[0], before[1]]


def test_nobody_moves_what_is_not_theirs(app, session, settings, person_id, films, api):
    theirs = Rows(session, settings, STRANGER).film("queued", "x").job.id
    other = ApiClient(app, STRANGER)
    problem_of(other.post(f"/jobs/{films[2]}/move", {"before": films[0]}), 404)
    problem_of(api.post(f"/jobs/{films[2]}/move", {"before": theirs}), 404)
    assert order(session, person_id) == ["a", "b", "c"]
    told = api.post(f"/jobs/{films[2]}/move", {"before": films[0]}).json["items"]
    assert [(job["id"], job["position"]) for job in told] == [(films[2], 0), (films[0], 2), (films[1], 3)]


def test_the_page_moves_them_with_forms(app, client, session, person_id, films):
    client.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(person_id))
    page = client.get("/library").text
    assert page.count("data-job=") == 3 and "They are made in this order." in page
    answer = client.post(f"/library/queue/{films[1]}", data={"before": films[0], "next": "/library"}, follow_redirects=True)
    assert "The order is changed." in answer.text and order(session, person_id) == ["b", "a", "c"]
    assert "no such job" in client.post(f"/library/queue/{'0' * 32}", data={}, follow_redirects=True).text
