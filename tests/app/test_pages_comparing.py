"""Films side by side, on the pages: what is offered, what is ticked before, what is ordered."""

from __future__ import annotations

import re

import pytest

from app.database import writing
from app.models import new_id, now
from app.services.clips import list_clips
from app.services.works import list_works, order_work
from pipeline.works.compare_films import COMPARE_FILMS
from pipeline.works.transfer import TRANSFER
from tests.app.test_pages_wizard import visitor  # noqa: F401 (a fixture)
from tests.pipeline.dubbing import film


@pytest.fixture
def moved(session, settings, person_id, clip, picture):
    """A film that the clip moved the picture in."""
    inputs = {"portrait": picture.id, "driving": clip.id}
    work, _ = order_work(session, settings, person_id, TRANSFER, inputs, {"start_s": 1.5})
    with writing(session):
        work.job.state, work.job.finished_at = "done", now()
        work.files, work.figures = {"film": f"film-{new_id()}.mp4"}, {"engine": "mesh", "notes": []}
    film(settings.results_dir / work.files["film"], 30)
    return work


def comparisons(session, person_id):
    session.rollback()  # to see what the pages have written since
    return list_works(session, person_id, kind=COMPARE_FILMS).items


def ticked(page):
    return re.findall(r'name="film" value="([^"]+)" checked', page)


@pytest.mark.slow
def test_a_film_that_another_one_moved_leads_there_and_is_ordered(visitor, session, person_id, clip, picture, moved):  # noqa: F811
    address = re.search(r'href="(/compare[^"]*)">Show it side by side', visitor.get(f"/works/{moved.id}").text).group(1)
    page = visitor.get(address).text
    assert ticked(page) == [f"work-{moved.id}"] and re.search(r'name="start_s"[^>]* value="1.5"', page)
    assert f'value="{clip.id}" selected' in page and f'value="{picture.id}" selected' in page
    sent = {"driving": clip.id, "portrait": picture.id, "film": [f"work-{moved.id}", f"clip-{clip.id}"], "height": "240"}
    answer = visitor.post("/compare", data=sent)
    (work,) = comparisons(session, person_id)
    assert answer.location == f"/works/{work.id}" and work.options == {"height": 240, "start_s": 0.0, "duration_s": None}
    given = {role: each.asset_id for role, each in work.inputs.items()}
    taken = next(each for each in list_clips(session, person_id).items if each.title == moved.title)
    assert given == {"driving": clip.id, "portrait": picture.id, "film": taken.id, "film_2": clip.id}
    again = visitor.get(f"/works/{work.id}").text
    assert f'href="/compare?work={work.id}"' in again and "Putting the films side by side" in again
    page = visitor.get(f"/compare?work={work.id}").text
    assert sorted(ticked(page)) == sorted([f"clip-{taken.id}", f"clip-{clip.id}"]) and "Show it side by side" not in page


def test_none_and_too_many_films_are_refused_and_what_was_ticked_stays(visitor, session, person_id, clip):  # noqa: F811
    for films in ([], [f"clip-{clip.id}"] * 5):
        answer = visitor.post("/compare", data={"driving": clip.id, "film": films})
        assert answer.status_code == 422 and "From one to 4 films" in answer.text
    assert ticked(answer.text) == [f"clip-{clip.id}"]
    wrong = visitor.post("/compare", data={"driving": clip.id, "film": [f"clip-{clip.id}"], "height": "7"})
    assert wrong.status_code == 422 and not comparisons(session, person_id)
    assert visitor.post("/compare", data={"driving": "x", "film": [f"clip-{clip.id}"]}).status_code == 422
    german = visitor.get("/compare", headers={"Accept-Language": "de"}).text
    assert "Filme nebeneinander" in german and "Nebeneinander zeigen" in german


def test_without_a_film_the_page_leads_to_one(visitor):  # noqa: F811
    page = visitor.get("/compare").text
    assert "There is no film yet" in page and 'href="/clip"' in page
