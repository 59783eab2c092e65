"""Links by which others see a film: what they show, to whom, for how long, and what is kept of them."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.context import EXTENSION, PERSON_COOKIE
from app.errors import LimitReached, NotFound, Refused
from app.link_models import ShareLink
from app.models import now
from app.services import links
from app.services.works import delete_work, hide_work, restore_work
from tests.app.api_client import problem_of

CONTENT = bytes(range(256)) * 40
STRANGER = "e" * 32


@pytest.fixture
def owner(app, client, person_id):
    client.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(person_id))
    return client


@pytest.fixture
def stranger(app):
    return app.test_client()


@pytest.fixture
def shown(film, finish_job):
    """A film that is there."""
    finish_job(film, content=CONTENT)
    return film


@pytest.fixture
def link(session, settings, person_id, shown):
    return links.create_link(session, settings, person_id, shown.id)


def test_whoever_has_the_link_sees_the_film_and_nothing_else(session, stranger, link, shown):
    page = stranger.get(f"/shared/{link.secret}")
    assert page.status_code == 200 and shown.title in page.text
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow" and page.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page.headers["Cache-Control"]
    assert shown.id not in page.text, "no address of the owner's is told"
    answer = stranger.get(f"/shared/{link.secret}/film", headers={"Range": "bytes=256-511"})
    assert (answer.status_code, answer.data) == (206, CONTENT[256:512])
    assert stranger.get(f"/shared/{link.secret}/film").data == CONTENT
    assert stranger.get(f"/shared/{link.secret}/picture").mimetype == "image/jpeg"
    for part in ("subtitles", "page", "secret", "..", "motion"):
        assert stranger.get(f"/shared/{link.secret}/{part}").status_code == 404
    for address in (f"/films/{shown.id}", f"/api/v1/films/{shown.id}", f"/api/v1/works/{shown.id}/files/film"):
        assert stranger.get(address).status_code == 404, "the link gives no right to the owner's pages"
    session.expire_all()
    assert session.get(ShareLink, link.link.id).opened == 1


def test_only_a_hash_of_it_is_kept(session, link):
    kept = session.get(ShareLink, link.link.id)
    assert kept.secret_sha256 == hashlib.sha256(link.secret.encode()).hexdigest()
    values = [str(value) for value in vars(kept).values()]
    assert not any(link.secret in value for value in values) and len(link.secret) == 43


def test_a_link_that_was_taken_back_shows_nothing(session, person_id, stranger, link):
    assert links.revoke_link(session, person_id, link.link.id) == link.link.work_id
    gone = stranger.get(f"/shared/{link.secret}")
    assert gone.status_code == 404 and "was taken back" in gone.text
    assert stranger.get(f"/shared/{link.secret}/film").status_code == 404
    with pytest.raises(NotFound):
        links.revoke_link(session, person_id, link.link.id)


def test_a_link_ends(session, person_id, stranger, link, shown):
    link.link.expires_at = now() - timedelta(seconds=1)
    session.commit()
    assert stranger.get(f"/shared/{link.secret}").status_code == 404
    assert stranger.get(f"/shared/{link.secret}/film").status_code == 404
    assert links.list_links(session, person_id, shown.id) == []


def test_a_guess_a_cut_link_and_one_that_ended_get_the_same_answer(session, stranger, link):
    link.link.expires_at = now()
    session.commit()
    ways = (link.secret, link.secret[:-1], link.secret.swapcase(), "a" * 43, "%00", "a" * 5000)
    itself = re.compile('/shared/[^"\' ?]*|name="csrf_token" value="[^"]*"')  # its address, and a form's mark with the time
    answers = {itself.sub("", stranger.get(f"/shared/{way}").text) for way in ways}
    assert len(answers) == 1


def test_a_deleted_film_is_shown_to_nobody(session, settings, person_id, stranger, link, shown):
    hide_work(session, settings, person_id, shown.id)
    assert stranger.get(f"/shared/{link.secret}/film").status_code == 404
    restore_work(session, person_id, shown.id)
    assert stranger.get(f"/shared/{link.secret}/film").status_code == 200
    delete_work(session, settings, person_id, shown.id)
    assert stranger.get(f"/shared/{link.secret}").status_code == 404
    assert session.scalars(select(ShareLink)).all() == [], "its links go with it"


def test_a_film_that_is_made_anew_is_not_shown_meanwhile(session, stranger, link, shown):
    shown.files = {}
    session.commit()
    assert stranger.get(f"/shared/{link.secret}").status_code == 404


@pytest.mark.parametrize("days", [0, -1, links.MOST_DAYS + 1])
def test_days_that_are_none(session, settings, person_id, shown, days):
    with pytest.raises(Refused, match="1 to 365 days"):
        links.create_link(session, settings, person_id, shown.id, days)


def test_a_film_has_so_many_links_and_no_more(session, settings, person_id, shown):
    made = [links.create_link(session, settings, person_id, shown.id) for _ in range(links.MOST_LINKS)]
    with pytest.raises(LimitReached, match="take one back first"):
        links.create_link(session, settings, person_id, shown.id)
    made[0].link.expires_at = now()
    session.commit()
    links.create_link(session, settings, person_id, shown.id)
    assert len(session.scalars(select(ShareLink)).all()) == links.MOST_LINKS, "what has ended makes room"


def test_what_is_no_film_yet_is_not_shared(session, settings, person_id, film):
    with pytest.raises(Refused, match="not yet"):
        links.create_link(session, settings, person_id, film.id)


def test_others_make_and_take_back_none(session, settings, link, shown):
    with pytest.raises(NotFound):
        links.create_link(session, settings, STRANGER, shown.id)
    with pytest.raises(NotFound):
        links.list_links(session, STRANGER, shown.id)
    with pytest.raises(NotFound):
        links.revoke_link(session, STRANGER, link.link.id)


def test_the_page_makes_lists_and_takes_back(session, owner, stranger, shown):
    made = owner.post(f"/works/{shown.id}/links", data={"days": "30", "download": "1"})
    assert made.status_code == 200 and "no-store" in made.headers["Cache-Control"]
    address = re.search(r'value="http://localhost(/shared/[\w-]{43})"', made.text)[1]
    assert "download=1" in stranger.get(address).text
    page = owner.get(f"/films/{shown.id}").text
    assert "opened 1 time" in page and "may be saved" in page and address not in page
    action = re.search(r'action="(/links/\w+/revoke)"', page)[1]
    assert owner.post(action).status_code == 303 and stranger.get(address).status_code == 404
    assert action not in owner.get(f"/films/{shown.id}").text
    assert owner.post(f"/works/{shown.id}/links", data={"days": "soon"}, follow_redirects=True).text.count("1 to 365 days") == 1


def test_saving_is_offered_only_where_the_owner_wants_it(stranger, link):
    assert "download=1" not in stranger.get(f"/shared/{link.secret}").text


def test_the_api_makes_lists_and_takes_back(api, stranger, shown):
    made = api.post(f"/works/{shown.id}/links", {"days": 3})
    assert made.status_code == 201 and made.json["download"] is False
    assert stranger.get(made.json["address"].removeprefix("http://localhost")).status_code == 200
    (listed,) = api.get(f"/works/{shown.id}/links").json["items"]
    assert listed["opened"] == 1 and "address" not in listed
    assert api.delete(listed["links"]["self"].removeprefix("/api/v1")).status_code == 204
    assert api.get(f"/works/{shown.id}/links").json["items"] == []
    problem_of(api.post(f"/works/{shown.id}/links", {"days": 366}), 422)
