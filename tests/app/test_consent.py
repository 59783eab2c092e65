"""Before the first film of a picture the person states that it may be used; once, and it is kept with picture and film."""

from __future__ import annotations

import pytest

from app.errors import Refused
from app.models import Picture
from app.services.consent import EXAMPLE, WORDING, state_consent
from app.services.examples import take_portrait
from app.services.films import order_film
from app.services.works import order_work
from core.work import WorkInput, WorkOrder
from jobs.child import consent_of
from pipeline.works.dub import DUB
from pipeline.works.look_film import LOOK_FILM
from tests.app.test_pages_wizard import visitor  # noqa: F401 (a fixture)

pytestmark = pytest.mark.usefixtures("asks_consent")


def test_nothing_is_made_of_a_picture_without_it(session, settings, person_id, song, picture):
    with pytest.raises(Refused, match="agreed"):
        order_film(session, settings, person_id, song.id, picture.id)
    state_consent(session, person_id, [picture.id])
    first = picture.consent_at
    film, created = order_film(session, settings, person_id, song.id, picture.id)
    assert created
    state_consent(session, person_id, [picture.id])
    assert (picture.consent_at, picture.consent_wording) == (first, WORDING)
    assert film.picture.facts()["consent"] == {"at": first.isoformat(timespec="seconds"), "wording": WORDING}


def test_nor_of_a_film_that_gets_other_lips_but_it_may_be_drawn_again(session, settings, person_id, song, clip):
    with pytest.raises(Refused, match="agreed"):
        order_work(session, settings, person_id, DUB, {"film": clip.id, "sound": song.id})
    assert order_work(session, settings, person_id, LOOK_FILM, {"film": clip.id}, {"look": "ink"})[1]


def test_the_programs_own_pictures_need_none(session, settings, person_id, song):
    portrait = take_portrait(session, settings, person_id, "nobody")
    assert portrait.consent_wording == EXAMPLE
    assert order_film(session, settings, person_id, song.id, portrait.id)[1]


def test_the_work_gets_it(tmp_path):
    stated = {"at": "2026-11-30T10:00:00+00:00", "wording": "1"}
    given = {"song": WorkInput(tmp_path), "portrait": WorkInput(tmp_path, facts={"consent": stated})}
    assert consent_of(WorkOrder("job", "song_to_film", given)) == stated
    assert consent_of(WorkOrder("job", "song_to_film", {"song": WorkInput(tmp_path)})) == {}


def test_the_page_asks_once(visitor, session, song, picture):  # noqa: F811
    address = f"/order?song={song.id}&picture={picture.id}"
    assert 'name="consent"' in visitor.get(address).text
    data = {"song": song.id, "picture": picture.id}
    refused = visitor.post("/order", data=data)
    assert refused.status_code == 422 and "First state" in refused.text and "consent: true" not in refused.text
    assert visitor.post("/order", data={**data, "consent": "on"}).status_code == 303
    session.rollback()
    assert session.get(Picture, picture.id, populate_existing=True).consent_wording == WORDING
    assert 'name="consent"' not in visitor.get(address).text


def test_the_api_says_what_lacks(api, song, picture):
    order = {"song_id": song.id, "picture_id": picture.id}
    answer = api.post("/films", json=order)
    assert answer.status_code == 422 and answer.json["field"] == "consent" and "First state" in answer.json["detail"]
    assert api.post("/films", json={**order, "consent": False}).status_code == 422
    assert api.post("/films", json={**order, "consent": True}).status_code == 202
    assert api.post("/films", json=order).status_code == 202
