"""The wizard's own question for a preview: with the form as it stands, answered in sentences that its script shows."""

from __future__ import annotations

import pytest

from app.errors import LimitReached
from app.models import Job, Work
from app.pages import previews as pages
from tests.app.test_pages_wizard import order_form, visitor

__all__ = ["visitor"]

PATH = "/order/preview"


def previews(session):
    return session.query(Job).filter_by(kind="film_preview").all()


@pytest.mark.slow
class TestTheQuestion:
    def test_it_takes_what_an_order_takes_and_leads_to_the_apis_answer(self, visitor, session, song, picture):
        answer = visitor.post(PATH, data=order_form(song, picture, style="sad", start="2", end="8"), follow_redirects=True)
        assert answer.status_code == 200 and answer.json["state"] == "queued"
        assert answer.json["options"]["style"] == "sad"
        assert (answer.json["options"]["start_s"], answer.json["options"]["duration_s"]) == (2.0, 6.0)
        (job,) = previews(session)
        assert job.turn == "soon" and session.query(Work).count() == 0

    def test_ahead_of_any_click_it_waits_for_an_idle_moment(self, visitor, session, song, picture):
        form = order_form(song, picture)
        begun = visitor.post(PATH, data={**form, "ahead": "on"}, follow_redirects=True).json
        assert previews(session)[0].turn == "idle"
        asked = visitor.post(PATH, data=form, follow_redirects=True).json
        session.commit()  # to see what is so now
        assert asked["id"] == begun["id"] and previews(session)[0].turn == "soon"
        again = visitor.post(PATH, data={**form, "seed": "3", "ahead": "on"})
        assert again.status_code == 204, "another window looks at that one"

    @pytest.mark.parametrize("slow", [{"engine": "anime"}, {"restore": "0.8"}], ids=["an engine", "a filter"])
    def test_what_takes_long_is_not_begun_ahead(self, visitor, session, song, picture, slow):
        answer = visitor.post(PATH, data={**order_form(song, picture, **slow), "ahead": "on"})
        assert answer.status_code == 204 and previews(session) == []

    def test_what_is_wrong_is_said_in_a_sentence_of_the_visitors_language(self, visitor, session, song, picture):
        for changed, status, english in (
            ({"fps": "500"}, 422, "10 to 60"),
            ({"intensity": "0:3"}, 422, "0 to 1 are accepted"),
            ({"start": "5000"}, 422, "must begin earlier"),
            ({"song": "none"}, 404, "no such song"),
        ):
            form = order_form(song, picture) | changed
            answer = visitor.post(PATH, data=form)
            assert answer.status_code == status and english in answer.json["detail"], answer.text
            german = visitor.post(PATH, data=form, headers={"Accept-Language": "de"}).json["detail"]
            assert german != answer.json["detail"]
        assert previews(session) == []

    def test_a_limit_is_told_with_when_to_try_again(self, visitor, monkeypatch, song, picture):
        def refuse(*given):
            error = LimitReached("app.most_previews_of_address")
            error.retry_after_s = 7
            raise error

        monkeypatch.setattr(pages, "ask_preview", refuse)
        answer = visitor.post(PATH, data=order_form(song, picture))
        assert answer.status_code == 429 and answer.headers["Retry-After"] == "7"
        assert answer.json["detail"].endswith("try again in a moment.")


def test_a_form_that_is_none_of_our_page_is_refused(app, visitor, session, song, picture):
    app.config["WTF_CSRF_ENABLED"] = True
    answer = visitor.post(PATH, data=order_form(song, picture))
    assert answer.status_code == 400 and previews(session) == []
