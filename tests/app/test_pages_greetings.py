"""The second step's moving picture: asked for by the page, known by its picture and face, forgotten like previews."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.database import writing
from app.models import Job, now
from app.pages import greetings as pages
from app.services import greetings as service
from app.services.previews import drop_old_previews
from tests.app.test_pages_wizard import visitor

__all__ = ["visitor"]

PATH = "/image/greeting"


def greetings(session):
    session.commit()
    return session.query(Job).filter_by(kind="picture_greeting").all()


def finish(session, settings, job):
    (settings.results_dir / "greeting.mp4").write_bytes(b"a film")
    with writing(session):
        job.state, job.files, job.finished_at = "done", {"greeting": "greeting.mp4"}, now()


def test_the_page_of_a_picture_asks_for_it(visitor, picture):
    page = visitor.get("/image", query_string={"picture": picture.id}).text
    assert f'data-greeting="{PATH}"' in page and "js/greeting.js" in page
    assert "data-greeting" not in visitor.get("/image").text


def test_it_is_made_once_and_its_film_is_given(visitor, session, settings, picture):
    first, again = (visitor.post(PATH, data={"picture": picture.id}) for _ in range(2))
    assert first.status_code == 202 and first.json == again.json and first.json["state"] == "queued"
    (job,) = greetings(session)
    assert job.turn == "soon" and job.work is None and visitor.get(f"{first.json['at']}/film").status_code == 404
    finish(session, settings, job)
    told = visitor.get(first.json["at"]).json
    assert told["state"] == "done" and visitor.get(told["film"]).data == b"a film"
    assert visitor.post(PATH, data={"picture": picture.id}).json["film"] == told["film"]


def test_one_whose_film_is_gone_is_made_anew(visitor, session, settings, picture):
    visitor.post(PATH, data={"picture": picture.id})
    finish(session, settings, greetings(session)[0])
    (settings.results_dir / "greeting.mp4").unlink()
    assert visitor.post(PATH, data={"picture": picture.id}).json["state"] == "queued" and len(greetings(session)) == 1


def test_nothing_is_made_where_it_takes_long_or_no_face_is_chosen(visitor, session, monkeypatch, picture):
    monkeypatch.setattr(pages, "singer_of", lambda *_: None)
    assert visitor.post(PATH, data={"picture": picture.id}).status_code == 204
    monkeypatch.undo()
    monkeypatch.setattr(service, "MOST_S", 1.0)
    assert visitor.post(PATH, data={"picture": picture.id}).status_code == 204
    assert greetings(session) == []


def test_a_drawing_moves_too_and_what_is_looked_at_no_more_is_let_go(visitor, session, picture):
    first = visitor.post(PATH, data={"picture": picture.id})
    drawn = visitor.post(PATH, data={"picture": picture.id, "kind": "drawing", "frame": "100,100,500,500"})
    assert first.status_code == drawn.status_code == 202
    session.expire_all()
    assert sorted(job.state for job in greetings(session)) == ["cancelled", "queued"]
    assert visitor.get(first.json["at"]).status_code == 404 and visitor.get(drawn.json["at"]).json["state"] == "queued"


def test_it_is_nobody_elses_and_ends_with_its_time(visitor, client, app, session, settings, picture):
    told = visitor.post(PATH, data={"picture": picture.id}).json
    other = app.test_client()
    assert other.get(told["at"]).status_code == 404 and other.post(PATH, data={"picture": picture.id}).status_code == 404
    (job,) = greetings(session)
    finish(session, settings, job)
    with writing(session):
        job.finished_at = now() - timedelta(hours=1)
    assert drop_old_previews(session, settings) == 1
    assert greetings(session) == [] and not (settings.results_dir / "greeting.mp4").exists()


@pytest.mark.parametrize("data", [{}, {"picture": "nothing"}])
def test_a_picture_that_is_not_there_is_said(visitor, data):
    answer = visitor.post(PATH, data=data)
    assert answer.status_code == 404 and "no such picture" in answer.json["detail"]
