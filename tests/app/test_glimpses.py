"""Glimpses in the library: made when asked for, kept, made anew with the film, and gone with it."""

from __future__ import annotations

import os

import pytest

from app.services.clips import delete_clip
from app.services.glimpses import FOLDER, glimpse_file, glimpses_of
from app.services.works import delete_work
from tests.app.api_client import ApiClient, Rows, problem_of
from tests.pipeline.dubbing import film as grey_film


@pytest.fixture
def made(session, settings, person_id):
    return Rows(session, settings, person_id)


@pytest.fixture
def film(made, session, settings):
    """A film that can be played."""
    work = made.film("done")
    grey_film(settings.results_dir / work.file_name, 25)
    return work


def test_it_is_made_once_and_anew_where_the_film_is_another(settings, film):
    first = glimpse_file(settings, film)
    written = first.stat().st_mtime_ns
    assert glimpse_file(settings, film) == first and first.stat().st_mtime_ns == written
    os.utime(settings.results_dir / film.file_name, (1, 1))
    second = glimpse_file(settings, film)
    assert second != first and glimpses_of(settings, film.id) == [second]


def test_it_goes_with_its_film(session, settings, person_id, film, clip):
    for row in (film, clip):
        assert glimpse_file(settings, row).is_file()
    delete_work(session, settings, person_id, film.id)
    delete_clip(session, settings, person_id, clip.id)
    assert list((settings.results_dir / FOLDER).iterdir()) == []


def test_the_api_gives_it_to_its_person_alone(app, made, api, film, clip):
    for path in (f"/works/{film.id}/glimpse", f"/clips/{clip.id}/glimpse"):
        answer = api.get(path)
        assert answer.status_code == 200 and answer.mimetype == "video/mp4"
        assert api.get(path, headers={"Range": "bytes=0-9"}).status_code == 206
        problem_of(ApiClient(app, "f" * 32).get(path), 404)
    problem_of(api.get(f"/works/{made.film('queued', 'waits').id}/glimpse"), 404)
    problem_of(api.get(f"/works/{made.film('done', 'no real film').id}/glimpse"), 404, "glimpse")
