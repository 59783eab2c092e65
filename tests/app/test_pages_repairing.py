"""Repairs of a film, on the pages: what is measured, what is proposed, what is ordered."""

from __future__ import annotations

import re

import pytest

from app.database import writing
from app.models import new_id, now
from app.services.works import list_works, order_work
from pipeline.works.fill_film import FILL_FILM
from pipeline.works.sync_film import SYNC_FILM
from tests.app.test_pages_wizard import visitor  # noqa: F401 (a fixture)


def works_of(session, person_id, kind):
    session.rollback()  # to see what the pages have written since
    return list_works(session, person_id, kind=kind).items


@pytest.fixture
def measure(session, settings, person_id, clip):
    """Makes a work that has measured so much."""

    def made(offset_s, certain=True, in_step=False, film=False):
        work, _ = order_work(session, settings, person_id, SYNC_FILM, {"film": clip.id}, {"mend": film})
        with writing(session):
            work.job.state, work.job.finished_at = "done", now()
            figures = {"offset_s": offset_s, "agreement": 0.5, "certainty": 0.92 if certain else 0.1, "seen_s": 12.5}
            work.figures = {**figures, "certain": certain, "in_step": in_step, "out": None, "moved_s": 0.0, "notes": []}
            work.files = {"film": f"film-{new_id()}.mp4"} if film else {}
        if film:
            (settings.results_dir / work.files["film"]).write_bytes(b"film")
        return work

    return made


def test_a_film_leads_to_its_repairs(visitor, session, person_id, clip):  # noqa: F811
    assert visitor.get(f"/clip?clip={clip.id}&go=repair").location == f"/repair?clip={clip.id}"
    page = visitor.get(f"/repair?clip={clip.id}").text
    assert "Measure it" in page and "Make the missing pictures" in page
    answer = visitor.post("/repair", data={"clip": clip.id, "do": "measure", "face": "2"})
    (work,) = works_of(session, person_id, SYNC_FILM)
    assert answer.location == f"/works/{work.id}" and work.options == {"face": 2, "offset_ms": None, "mend": False}
    assert "Comparing sound and lips" in visitor.get(answer.location).text
    filled = visitor.post("/repair", data={"clip": clip.id, "do": "fill"})
    (other,) = works_of(session, person_id, FILL_FILM)
    assert filled.location == f"/works/{other.id}" and "Looking for missing pictures" in visitor.get(filled.location).text
    assert visitor.post("/repair", data={"clip": clip.id, "do": "measure", "face": "x"}).status_code == 422
    assert visitor.get("/repair").location == "/clip"


def test_what_was_measured_is_shown_and_mended(visitor, session, person_id, measure, clip):  # noqa: F811
    work = measure(0.1804)
    page = visitor.get(f"/works/{work.id}").text
    assert "the sound comes 180 ms after the lips" in page and "92%" in page and "0:12.5" in page
    assert "The sound will come 180 ms earlier" in page and re.search(r'name="offset_ms"[^>]* value="180"', page)
    assert f'href="/repair?clip={clip.id}"' in page and "It is ready." not in page
    assert f"/works/{work.id}" in visitor.get("/library").text, "it stands in the library, though it has no size"
    answer = visitor.post(f"/works/{work.id}/mend", data={"offset_ms": "175"})
    (mended,) = [each for each in works_of(session, person_id, SYNC_FILM) if each.id != work.id]
    assert answer.location == f"/works/{mended.id}" and mended.options == {"face": None, "offset_ms": 175.0, "mend": True}
    wrong = visitor.post(f"/works/{work.id}/mend", data={"offset_ms": "soon"}, follow_redirects=True).text
    assert 'value="soon"' in wrong and 'role="alert"' in wrong
    assert len(works_of(session, person_id, SYNC_FILM)) == 2
    german = visitor.get(f"/works/{work.id}", headers={"Accept-Language": "de"}).text
    assert "der Ton kommt 180 ms nach den Lippen" in german and "92 %" in german.replace("\xa0", " ")


def test_what_need_not_or_cannot_be_mended_is_said(visitor, measure):  # noqa: F811
    fine = measure(-0.012, in_step=True)
    page = visitor.get(f"/works/{fine.id}").text
    assert "the sound comes 12 ms before the lips" in page and "Nobody notices that" in page
    assert re.search(r'name="offset_ms"[^>]* value=""', page)
    odd = measure(0.3, certain=False)
    page = visitor.get(f"/works/{odd.id}").text
    assert "can't be told" in page and "does not go with the sound" in page and "300 ms" not in page


def test_the_same_measuring_is_one_work_though_it_has_no_file(visitor, session, settings, person_id, clip, measure):  # noqa: F811
    work = measure(0.2)
    again, created = order_work(session, settings, person_id, SYNC_FILM, {"film": clip.id}, {"mend": False})
    assert (again.id, created) == (work.id, False)


def test_a_mended_film_is_given_out(visitor, measure):  # noqa: F811
    page = visitor.get(f"/works/{measure(0.2, film=True).id}").text
    assert "Download" in page and "the sound comes 200 ms after the lips" in page and 'name="offset_ms"' not in page


def test_a_film_without_gaps_needs_nothing(visitor, session, settings, person_id, clip):  # noqa: F811
    work, _ = order_work(session, settings, person_id, FILL_FILM, {"film": clip.id}, {})
    with writing(session):
        work.job.state, work.figures = "done", {"gaps": [], "notes": []}
    page = visitor.get(f"/works/{work.id}").text
    assert "Nothing had to be made." in page and "Download" not in page
    assert visitor.post(f"/works/{work.id}/mend", data={"offset_ms": "5"}).status_code == 404
