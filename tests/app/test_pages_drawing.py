"""A film in another look, on the pages: found from the film, ordered, and told of."""

from __future__ import annotations

from app.services.works import list_works
from pipeline.works.look_film import LOOK_FILM
from tests.app.test_pages_wizard import visitor  # noqa: F401 (a fixture)


def test_a_film_leads_to_its_looks_and_one_is_ordered(visitor, session, person_id, clip):  # noqa: F811
    way = visitor.get(f"/clip?clip={clip.id}&go=look").location
    assert way == f"/make/look_film?role-film={clip.id}"
    page = visitor.get(way).text
    assert f'value="{clip.id}" selected' in page and "Ink: black lines and a wash" in page
    answer = visitor.post("/make/look_film", data={"role-film": clip.id, "look": "ink", "look_scale": "2"})
    session.rollback()  # to see what the page has written since
    (work,) = list_works(session, person_id, kind=LOOK_FILM).items
    assert answer.location == f"/works/{work.id}" and work.options["look"] == "ink" and work.options["look_scale"] == 2
    shown = visitor.get(answer.location).text
    assert "A film in another look" in shown and "Looking at the film" in shown
