"""Where others than this computer are served, every film bears the visible label, and the pages say so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app import create_app
from app.accounts.settings import AccountSettings
from app.context import EXTENSION, PERSON_COOKIE
from app.services.films import order_film
from app.services.works import order_work
from app.settings import AppSettings
from pipeline.film_settings import SongToVideoSettings
from pipeline.works.verify_film import VERIFY_FILM


@pytest.mark.parametrize(
    ("label", "accounts", "loopback", "labelled"),
    [
        ("default", False, True, False),
        ("default", False, False, True),
        ("default", True, True, True),
        ("off", True, False, False),
        ("on", False, True, True),
    ],
)
def test_when_films_bear_it(label, accounts, loopback, labelled):
    settings = AppSettings(label=label, accounts=AccountSettings(on=accounts)).served_at(loopback)
    assert settings.labels_films is labelled


def test_the_environment_says_it(tmp_path):
    given = {"BELCANTO_DATA_DIR": str(tmp_path)}
    assert AppSettings.from_environment({**given, "BELCANTO_LABEL": "on"}).labels_films
    with pytest.raises(Exception, match="BELCANTO_LABEL"):
        AppSettings.from_environment({**given, "BELCANTO_LABEL": "maybe"})


def test_an_order_gets_it_whatever_it_says(session, settings, person_id, song, picture, clip):
    assert order_film(session, settings, person_id, song.id, picture.id)[0].options["label"] is False
    public = replace(settings, label="on")
    film, _ = order_film(session, public, person_id, song.id, picture.id, SongToVideoSettings(seed=3))
    assert film.options["label"] is True
    assert film.job.options["label"] is True
    assert "label" not in order_work(session, public, person_id, VERIFY_FILM, {"film": clip.id})[0].options


@pytest.mark.parametrize("label", ["on", "off"])
def test_the_order_page_says_so(settings, session, person_id, song, picture, label):
    app = create_app(replace(settings, label=label))
    client = app.test_client()
    client.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(person_id))
    page = client.get(f"/order?song={song.id}&picture={picture.id}").text
    assert ("This server writes" in page) is (label == "on")
    assert ('name="label"' in page) is (label == "off")
