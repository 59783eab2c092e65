"""A data folder that the program of migration 0006 has made and left in the middle of its work, in the hands of this one.

The program of then was killed while it drew the frames of a film. In the folder: a film with its quality report, one that
failed, one that was cancelled, the half-made one, one that waits, a deleted one, a song's emotion that was asked for, and an
unfinished upload.
"""

from __future__ import annotations

import os
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import DateTime, MetaData, select, text

from app import create_app
from app.context import EXTENSION, PERSON_COOKIE
from app.database import Database
from app.migrations import tables_before_work
from app.migrations.upgrade import make_config, upgrade
from app.models import Base, Job, JobEvent, Person, Picture, Song, Work
from app.services.events import append_event
from app.settings import AppSettings
from app.worker import make_worker, remove_left_films
from jobs.workers import host_name
from media.media import probe_video
from tests.app.api_client import ApiClient
from tests.app.test_migrations import difference, move
from tests.jobs.memory_store import wait_for

LEFT_AT = datetime(2026, 11, 29, 11, 55)
FOLDER = Path(__file__).parent / "data" / "data_folder_of_revision_0006.tar.xz"
TITLES = ["Song 0 · Picture 0", "Song 1 · Picture 0", "Song 0 · Picture 1", "Song 2 · Picture 1", "Song 1 · Picture 1"]


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """The folder, as if this machine had made it."""
    monkeypatch.setenv("BELCANTO_CACHE_DIR", str(tmp_path / "cache"))
    with tarfile.open(FOLDER) as archive:
        archive.extractall(tmp_path, filter="data")
    settings = AppSettings(data_dir=tmp_path / "data")
    database = Database(settings)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE jobs SET owner = replace(owner, '@vm', :here)"), {"here": f"@{host_name()}"})
        make_it_just_left(connection, settings.data_dir)
    database.close()
    return settings


def make_it_just_left(connection, data_dir):
    """Move every time in the folder by its age, for an unfinished upload is kept for hours and a hidden film for a day."""
    age = datetime.now(UTC).replace(tzinfo=None) - LEFT_AT
    tables = MetaData()
    tables.reflect(connection)
    for table in tables.tables.values():
        for column in table.columns:
            if isinstance(column.type, DateTime):
                for (moment,) in connection.execute(select(column).where(column.is_not(None)).distinct()).all():
                    connection.execute(table.update().where(column == moment).values({column.name: moment + age}))
    for path in data_dir.rglob("*"):
        moment = path.stat().st_mtime + age.total_seconds()
        os.utime(path, (moment, moment))


@pytest.fixture
def app(settings):
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    app.extensions[EXTENSION].database.close()


@pytest.fixture
def person(app):
    """The visitor of then."""
    with app.extensions[EXTENSION].database.session() as session:
        return session.query(Person).one().id


@pytest.fixture
def api(app, person):
    return ApiClient(app, person)


def test_all_is_there_and_looks_as_before(app, api, person):
    assert difference(app.extensions[EXTENSION].database) == []
    films = {film["title"]: film for film in api.get("/films").json["items"]}
    assert list(films) == TITLES[::-1]
    assert [films[title]["job"]["state"] for title in TITLES] == ["done", "failed", "cancelled", "running", "queued"]
    done, failed = films[TITLES[0]], films[TITLES[1]]
    assert failed["job"]["error"] == "The song “Song 1” does not exist."
    assert done["report"]["frames"] == 20 and done["emotion"]["style"] == "auto" and len(done["metrics"]["verdicts"]) > 5
    assert api.get(done["links"]["file"].removeprefix("/api/v1")).data[4:8] == b"ftyp"
    assert "<h1>" in api.get(done["links"]["quality"].removeprefix("/api/v1")).text
    (hidden,) = api.get("/deleted").json["items"]
    assert (hidden["kind"], hidden["title"]) == ("film", TITLES[1])
    assert api.post(hidden["links"]["restore"].removeprefix("/api/v1")).json["job"]["state"] == "cancelled"
    visitor = app.test_client()
    visitor.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(person))
    for address in ("/library", *(f"/films/{film['id']}" for film in films.values())):
        assert visitor.get(address).status_code == 200, address


def test_the_same_order_is_still_the_same_film(api):
    films = {film["title"]: film for film in api.get("/films").json["items"]}
    done = films[TITLES[0]]
    again = api.post("/films", {"song_id": done["song_id"], "picture_id": done["picture_id"], "options": done["options"]})
    assert again.status_code == 200 and not again.json["created"] and again.json["film"]["id"] == done["id"]


def test_an_upload_goes_on_where_it_was(settings, app, api):
    (part,) = settings.incoming_dir.glob("*.part")
    upload = api.get(f"/uploads/{part.stem}").json
    assert (upload["received_bytes"], upload["size_bytes"]) == (900, 2000)


@pytest.mark.slow
def test_what_was_queued_and_half_made_is_made_and_what_was_asked_is_answered(settings, app, api):
    remove_left_films(settings)
    database = app.extensions[EXTENSION].database
    worker = make_worker(settings, database)
    worker.start()
    try:
        with database.session() as session:
            waiting = lambda: session.commit() or session.query(Job).where(Job.state.in_(("queued", "running"))).count()  # noqa: E731
            wait_for(lambda: not waiting())
    finally:
        worker.stop()
    films = {film["title"]: film for film in api.get("/films").json["items"]}
    for title, seconds in ((TITLES[3], 2.0), (TITLES[4], 0.8)):
        film = films[title]
        assert film["job"]["state"] == "done" and film["metrics"]["verdicts"], title
        assert probe_video(settings.results_dir / f"film-{film['id']}.mp4").duration_s == pytest.approx(seconds, abs=0.1)
    assert films[TITLES[3]]["job"]["id"] and films[TITLES[1]]["job"]["state"] == "failed"
    answer = api.get(f"/songs/{films[TITLES[4]]['song_id']}/intensity?start_s=0&duration_s=2")
    assert answer.status_code == 200 and answer.json["values"]
    assert not list(settings.results_dir.glob(".*.part"))


@pytest.fixture
def own_postgres(postgres_url, tmp_path):
    """A database of the test's own on the server that others use."""
    server = Database(AppSettings(data_dir=tmp_path / "server", database_url=postgres_url))
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CREATE DATABASE old_folder"))
    server.close()
    return postgres_url.replace("/postgres?", "/old_folder?")


@pytest.mark.slow
def test_postgresql_takes_the_same_rows_over(settings, own_postgres, tmp_path):
    """They are put into the tables of before; what is written afterwards gets numbers of its own."""
    old = Database(settings)
    with old.engine.begin() as connection:
        move_within(connection, "0008")
    there = AppSettings(data_dir=tmp_path / "there", database_url=own_postgres)
    database = Database(there)
    upgrade(database.engine, there)
    move(database, "0008")
    with old.engine.connect() as source, database.engine.begin() as target:
        person = source.execute(select(Person.id)).scalar_one()
        for table in (Base.metadata.tables["people"], *tables_before_work.TABLES.values()):
            names = [column.name for column in table.columns]
            rows = [dict(row) for row in source.execute(select(table)).mappings()]
            target.execute(table.insert(), [{name: row[name] for name in names} for row in rows])
    move(database, "head")
    assert difference(database) == []
    with database.session() as session:
        films = session.query(Work).where(Work.person_id == person).all()
        assert sorted(film.title for film in films) == sorted([*TITLES, TITLES[1]])
        assert [film.metrics is not None for film in films].count(True) == 1
        newest = max(event.id for event in session.query(JobEvent))
        assert append_event(session, films[0].job.id, "note", {}).id > newest
    move(database, "0008")
    move(database, "head")
    database.close()
    old.close()


def move_within(connection, revision):
    """Bring the database to a later revision, on a connection that is open."""
    config = make_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def test_the_way_back_keeps_all_that_the_old_program_knew(settings, app, api):
    """And the way here again finds it as it was."""
    database = app.extensions[EXTENSION].database
    before = api.get("/films").json
    move(database, "0006")
    with database.engine.connect() as connection:
        count = lambda table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar()  # noqa: E731
        counts = {table: count(table) for table in ("songs", "pictures", "films", "jobs", "song_emotions")}
        metrics = connection.execute(text("SELECT metrics_html_name FROM films WHERE metrics IS NOT NULL")).scalar_one()
    assert counts == {"songs": 3, "pictures": 2, "films": 6, "jobs": 6, "song_emotions": 1}
    assert (settings.results_dir / metrics).is_file()
    move(database, "head")
    assert difference(database) == []
    assert api.get("/films").json == before
    with database.session() as session:
        assert [session.query(model).count() for model in (Song, Picture, Work, Job)] == [3, 2, 6, 8]
