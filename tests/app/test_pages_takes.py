"""A film made again on its own page, and which other films are offered beside it."""

from __future__ import annotations

import pytest

from app.database import writing
from app.pages.takes import OFFERED
from app.services.films import get_film, list_films, order_film
from app.services.options import film_options
from tests.app.test_pages_wizard import visitor

__all__ = ["visitor"]


@pytest.fixture
def fold(film):
    """What the fold of the film sends where nothing was changed."""
    return {
        "expressiveness": "1",
        "head_motion": "1",
        "style": "auto",
        "look": "none",
        "lyrics_style": "none",
        "start": "",
        "end": "",
    }


def test_the_fold_stands_as_the_film_was_made(visitor, session, film, finish_job):
    with writing(session):
        film.options = {**film.options, "expressiveness": 1.4, "start_s": 2.0, "duration_s": 3.5}
    finish_job(film)
    page = visitor.get(f"/films/{film.id}").text
    fold = page[page.index("data-again ") : page.index('id="takes"')]
    assert all(f'id="again-{name}"' in fold for name in OFFERED)
    assert 'name="start" value="0:02"' in fold and 'name="end" value="0:05.5"' in fold and 'value="1.4"' in fold
    assert fold.count("data-preset=") == 4 and f"/order?again={film.id}" in fold


@pytest.mark.slow
def test_a_take_is_ordered_with_and_without_scripts(visitor, session, person_id, film, finish_job, fold):
    finish_job(film)
    answer = visitor.post(f"/films/{film.id}/again", data={**fold, "expressiveness": "1.6", "end": "0:03"})
    assert answer.status_code == 303 and answer.location != f"/films/{film.id}"
    made = get_film(session, person_id, answer.location.rpartition("/")[2])
    assert (made.options["expressiveness"], made.options["duration_s"]) == (1.6, 3.0)
    json = {"Accept": "application/json"}
    told = visitor.post(f"/films/{film.id}/again", data={**fold, "look": "ink", "start": "1"}, headers=json).json
    assert told["created"] and told["lead_s"] == 1.0 and told["film"] not in (film.id, made.id)
    assert visitor.get(told["links"]["job"]).json["state"] == "queued"
    session.rollback()  # what was seen before was before the second order
    assert len(list_films(session, person_id).items) == 3
    assert visitor.post(f"/films/{film.id}/again", data={**fold, "start": "x"}, headers=json).status_code == 422
    assert visitor.post(f"/films/{film.id}/again", data={**fold, "expressiveness": "99"}, headers=json).json["detail"]
    wrong = visitor.post(f"/films/{film.id}/again", data={**fold, "start": "x"}, follow_redirects=True)
    assert 'role="alert"' in wrong.text


def test_takes_of_the_same_song_or_picture_are_offered_once_they_are_there(
    visitor, session, settings, person_id, song, picture, film, finish_job
):
    finish_job(film)
    assert 'id="takes" aria-labelledby="takes-title"' in (page := visitor.get(f"/films/{film.id}").text)
    assert "data-lead" not in page
    options = film_options({"face": 1, "seed": 7, "start_s": 1.0})
    other, _ = order_film(session, settings, person_id, song.id, picture.id, options)
    assert "data-lead" not in visitor.get(f"/films/{film.id}").text
    finish_job(other)
    page = visitor.get(f"/films/{film.id}").text
    assert f'value="/api/v1/films/{other.id}/file" data-lead="1.0"' in page
    assert 'data-lead="-1.0"' in visitor.get(f"/films/{other.id}").text
