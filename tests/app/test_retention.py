"""How long things are kept that nobody deletes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.models import Asset, Work, now
from app.services.keeping import sweep
from app.services.songs import song_file
from app.settings import AppSettings
from core.errors import InputError

DAYS = 30
LONG_AGO = timedelta(days=DAYS, seconds=1)


@pytest.fixture
def short(settings):
    return replace(settings, keep_days=DAYS)


@pytest.fixture
def old(session, song, picture, film, finish_job):
    """A film and what it was made of, all of them too old."""
    finish_job(film)
    for row in (song, picture, film):
        row.created_at = now() - LONG_AGO
    session.commit()
    return film


def test_what_is_too_old_goes_with_its_files(session, short, old, song, picture):
    film, given = short.results_dir / old.file_name, song_file(short, song)
    sweep(session, short)
    session.expire_all()
    assert session.scalars(select(Work)).all() == [] == session.scalars(select(Asset)).all()
    assert not film.exists() and not given.exists()


def test_without_a_time_everything_stays(session, settings, old, song):
    sweep(session, settings)
    session.expire_all()
    assert session.get(Work, old.id).deleted_at is None and song_file(settings, song).is_file()


def test_what_was_used_lately_stays(session, short, old, song, picture):
    old.created_at = now() - timedelta(days=DAYS - 1)
    session.commit()
    sweep(session, short)
    session.expire_all()
    assert session.get(Work, old.id).deleted_at is None
    assert session.get(Asset, song.id).deleted_at is None and session.get(Asset, picture.id).deleted_at is None


def test_what_is_being_made_stays(session, short, song, picture, film):
    for row in (song, picture, film):
        row.created_at = now() - LONG_AGO
    session.commit()
    sweep(session, short)
    session.expire_all()
    assert session.get(Work, film.id).deleted_at is None and session.get(Asset, song.id).deleted_at is None


def test_the_page_tells_the_time(app, settings, client, monkeypatch):
    assert "until you delete it" in client.get("/your-data").text
    object.__setattr__(settings, "keep_days", 30)
    assert "not used for 30 days" in client.get("/your-data").text


def test_the_setting(tmp_path):
    assert AppSettings.from_environment({"BELCANTO_KEEP_DAYS": "90"}).keep_days == 90
    assert AppSettings.from_environment({}).keep_days == 0
    with pytest.raises(InputError, match="BELCANTO_KEEP_DAYS"):
        AppSettings.from_environment({"BELCANTO_KEEP_DAYS": "soon"})
