"""The database's form, on SQLite and, where PostgreSQL's programs are there, on that too."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from app import create_app
from app.context import EXTENSION, PERSON_COOKIE
from app.database import Database, writing
from app.migrations.upgrade import make_config, upgrade
from app.models import Base, Job, Person, Picture, Upload, Work, new_id
from app.services.hiding import hide
from app.settings import AppSettings
from core.errors import InputError
from core.messages import message
from tests.app.emotions import EMOTION
from tests.app.rows import emotion_job, report_job

#: What the pipeline reported of a film before it told of emotions.
REPORT = '{"frames": 50, "engine": "mesh", "width": 360, "height": 360, "duration_s": 2.0, "seconds": {"total": 3.0}}'


def difference(database):
    """What lacks between the tables and the models."""
    with database.engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata)


@pytest.fixture
def empty(tmp_path):
    database = Database(AppSettings(data_dir=tmp_path))
    yield database
    database.close()


def test_the_migrations_make_just_what_the_models_say(empty, tmp_path):
    upgrade(empty.engine, AppSettings(data_dir=tmp_path))
    assert difference(empty) == []
    upgrade(empty.engine, AppSettings(data_dir=tmp_path))  # nothing is left to do


def test_the_comparison_can_fail(empty, tmp_path):
    upgrade(empty.engine, AppSettings(data_dir=tmp_path))
    with empty.engine.begin() as connection:
        connection.execute(text("DROP TABLE job_events"))
    assert difference(empty) != []


def test_they_can_be_taken_back(empty, tmp_path):
    upgrade(empty.engine, AppSettings(data_dir=tmp_path))
    config = make_config()
    with empty.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert inspect(empty.engine).get_table_names() == ["alembic_version"]


def rows_of_an_old_film(connection):
    """A film as the program before the emotions kept it, with the order's settings of then."""
    at, person, ids = "2026-01-02 03:04:05.000000", "a" * 32, {"song": "b" * 32, "picture": "c" * 32, "film": "d" * 32}
    kept = f"'{person}', 'T', 't', 'name', 1, 1, '{'0' * 64}', 'mime'"
    settings = '{"engine": "auto", "fps": 25.0, "height": 360, "start_s": 1.0, "duration_s": 2.0, "seed": 3, "face": 1}'
    faces = '[{"number": 1, "box": [0.2, 0.2, 0.8, 0.8], "ok": true, "reason": null}]'
    for statement in (
        f"INSERT INTO people (id, created_at) VALUES ('{person}', '{at}')",
        "INSERT INTO songs (id, person_id, title, search_text, file_name, has_file, size_bytes, sha256, mime, duration_s,"
        f" waveform, created_at) VALUES ('{ids['song']}', {kept}, 9.0, '[0.5, 1.0]', '{at}')",
        "INSERT INTO pictures (id, person_id, title, search_text, file_name, has_file, size_bytes, sha256, mime, width, height,"
        f" faces, thumb_name, created_at) VALUES ('{ids['picture']}', {kept}, 64, 64, '{faces}', 'thumb', '{at}')",
        "INSERT INTO films (id, person_id, song_id, picture_id, title, search_text, settings, order_key, file_name, report,"
        f" created_at) VALUES ('{ids['film']}', '{person}', '{ids['song']}', '{ids['picture']}', 'Old', 'old', '{settings}',"
        f" 'key', 'film.mp4', '{REPORT}', '{at}')",
        "INSERT INTO jobs (id, film_id, person_id, state, stage, done, total, cancel_requested, attempts, queued_at, finished_at,"
        f" notes) VALUES ('{'e' * 32}', '{ids['film']}', '{person}', 'done', '', 0, 0, 0, 1, '{at}', '{at}', '[]')",
    ):
        connection.exec_driver_sql(statement)
    return person, ids["film"]


def move(database, revision):
    """Bring the database to that revision."""
    config = make_config()
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        (command.upgrade if revision == "head" else command.downgrade)(config, revision)


@pytest.mark.slow
def test_an_old_film_is_shown_after_the_upgrade_and_survives_the_way_back(empty, tmp_path):
    settings = AppSettings(data_dir=tmp_path)
    upgrade(empty.engine, settings)
    move(empty, "0001")
    with empty.engine.begin() as connection:
        person, film_id = rows_of_an_old_film(connection)
    app = create_app(settings)  # which upgrades
    client = app.test_client()
    client.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(person))
    told = client.get(f"/api/v1/films/{film_id}").json
    assert told["emotion"] is None and "style" not in told["options"] and told["report"]["frames"] == 50
    for address in (f"/films/{film_id}", "/library", f"/order?again={film_id}"):
        page = client.get(address, follow_redirects=True)
        assert page.status_code == 200 and "Old" in page.text + "Old" * ("/order" in address), address
    assert "Intensity over time" not in client.get(f"/films/{film_id}").text, "nobody knows what it was"
    app.extensions[EXTENSION].database.close()
    assert difference(empty) == []
    with empty.session() as session, writing(session):
        film = session.get(Work, film_id)
        film.figures = {**film.figures, "emotion": EMOTION}
        film.options = {**film.options, "style": "sad", "intensity": [], "lips": "features"}
        session.add(emotion_job(film.song))
    move(empty, "0001")
    with empty.engine.connect() as connection:
        kept = connection.execute(text("SELECT settings, report FROM films")).one()
        assert connection.execute(text("SELECT count(*) FROM jobs")).scalar() == 1
    assert "style" not in kept.settings and "lips" not in kept.settings, "the old program would stumble over it"
    assert json.loads(kept.report)["emotion"] == EMOTION
    move(empty, "head")
    with empty.session() as session:
        film = session.get(Work, film_id)
        assert (film.emotion, film.report) == (EMOTION, json.loads(REPORT)) and film.options["seed"] == 3
        assert session.query(Job).where(Job.turn == "soon").count() == 0


@pytest.mark.slow
def test_visitors_of_before_have_no_origin(empty, tmp_path):
    settings = AppSettings(data_dir=tmp_path)
    upgrade(empty.engine, settings)
    move(empty, "0003")
    with empty.engine.begin() as connection:
        person, _ = rows_of_an_old_film(connection)
        at = "2026-01-02 03:04:05.000000"
        connection.exec_driver_sql(
            "INSERT INTO uploads (id, person_id, kind, file_name, size_bytes, received_bytes, created_at, touched_at)"
            f" VALUES ('{'f' * 32}', '{person}', 'song', 'a.mp3', 9, 3, '{at}', '{at}')"
        )
    upgrade(empty.engine, settings)
    assert difference(empty) == []
    with empty.session() as session, writing(session):
        assert session.get(Person, person).origin is None and session.get(Upload, "f" * 32).received_bytes == 3
        session.add(Person(id="9" * 32, origin="8" * 32))
    move(empty, "0003")
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM people")).scalar() == 2
    move(empty, "head")
    assert difference(empty) == []


@pytest.mark.slow
def test_what_was_deleted_before_is_destroyed_and_what_was_not_stays(empty, tmp_path):
    settings = AppSettings(data_dir=tmp_path)
    upgrade(empty.engine, settings)
    move(empty, "0004")
    with empty.engine.begin() as connection:
        _, film_id = rows_of_an_old_film(connection)
        connection.exec_driver_sql("UPDATE songs SET deleted_at = '2026-01-03 00:00:00.000000'")
    create_app(settings).extensions[EXTENSION].database.close()
    assert difference(empty) == []
    with empty.session() as session, writing(session):
        film = session.get(Work, film_id)
        assert film.song.deleted_at == film.song.erase_at and not film.song.has_file, "the film still names it"
        assert film.erase_at is None and film.picture.erase_at is None
        hide(film)
    move(empty, "0004")
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM films WHERE deleted_at IS NOT NULL")).scalar() == 1
    move(empty, "head")
    assert difference(empty) == []


def test_drawings_survive_the_way_back(empty, tmp_path):
    """The program of before knows no drawings: it meets faces, a refusal where there is none, and options that it can read."""
    upgrade(empty.engine, AppSettings(data_dir=tmp_path))
    move(empty, "0001")
    with empty.engine.begin() as connection:
        rows_of_an_old_film(connection)
    move(empty, "head")
    with empty.session() as session, writing(session):
        (old,) = session.query(Picture).all()
        assert old.drawing is False and len(old.faces) == 1
        values = {column.key: getattr(old, column.key) for column in Picture.__mapper__.column_attrs}
        for name, faces in (("found", old.faces), ("framed", [])):
            session.add(Picture(**{**values, "id": new_id(), "title": name, "sha256": name, "faces": faces, "drawing": True}))
        film = session.query(Work).one()
        film.options = {**film.options, "engine": "sadtalker", "size": 512, "yaw": [5.0], "frame": None, "restore": 0.5}
    move(empty, "0002")
    with empty.engine.connect() as connection:
        rows = dict(connection.execute(text("SELECT title, faces FROM pictures")).all())
        settings = json.loads(connection.execute(text("SELECT settings FROM films")).scalar())
    assert [json.loads(rows[name])[0]["ok"] for name in ("T", "found", "framed")] == [True, True, False]
    assert "No human face" in json.loads(rows["framed"])[0]["reason"]
    assert settings["engine"] == "auto" and settings["height"] == 360 and not {"size", "yaw", "frame", "restore"} & set(settings)
    move(empty, "head")
    with empty.session() as session:
        kept = {picture.title: (picture.drawing, picture.faces) for picture in session.query(Picture)}
    face = {"number": 1, "box": [0.2, 0.2, 0.8, 0.8], "ok": True, "reason": None}
    assert kept == {"T": (False, [face]), "found": (True, [face]), "framed": (True, [])}
    assert difference(empty) == []


def test_what_failed_before_keeps_its_sentence_and_goes_back_as_one(empty, tmp_path):
    """The program of before kept sentences: they are shown as they are, and it finds sentences again."""
    settings = AppSettings(data_dir=tmp_path)
    upgrade(empty.engine, settings)
    move(empty, "0006")
    with empty.engine.begin() as connection:
        person, film_id = rows_of_an_old_film(connection)
        connection.exec_driver_sql("UPDATE jobs SET state = 'failed', error = 'It broke 100 %.', notes = '[\"An {old} note.\"]'")
    app = create_app(settings)
    client = app.test_client()
    client.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(person))
    told = client.get(f"/api/v1/films/{film_id}", headers={"Accept-Language": "de"}).json["job"]
    assert (told["error"], told["error_code"], told["notes"]) == ("It broke 100 %.", "core.as_written", ["An {old} note."])
    app.extensions[EXTENSION].database.close()
    assert difference(empty) == []
    with empty.session() as session, writing(session):
        film = session.get(Work, film_id)
        film.job.failure = message("faces.no_face").as_json()
        session.add(report_job(film, "failed", failure=message("pipeline.report_late").as_json()))
        film.job.notes = ["An {old} note.", message("separation.no_voice").as_json()]
        film.figures = {**film.figures, "notes": film.job.notes}
        film.picture.faces = [{**film.picture.faces[0], "ok": False, "reason": message("faces.cut_left").as_json()}]
    move(empty, "0006")
    with empty.engine.connect() as connection:
        job = connection.execute(text("SELECT error, notes FROM jobs")).one()
        film = connection.execute(text("SELECT report, metrics FROM films")).one()
        faces = json.loads(connection.execute(text("SELECT faces FROM pictures")).scalar())
    sentences = ["An {old} note.", "No voice was found in this file: the mouth will stay shut."]
    assert job.error.startswith("No human face was found") and json.loads(job.notes) == sentences
    assert json.loads(film.report)["notes"] == sentences and "not finished in time" in json.loads(film.metrics)["error"]
    assert faces[0]["reason"].startswith("The face is cut off at the picture's left edge")
    move(empty, "head")
    assert difference(empty) == []


@pytest.mark.slow
def test_processes_that_start_together_wait_for_one_another(tmp_path, root_dir):
    code = (
        "import sys; from pathlib import Path; from app.settings import AppSettings; from app.database import Database;"
        "from app.migrations.upgrade import upgrade; s = AppSettings(data_dir=Path(sys.argv[1])); upgrade(Database(s).engine, s)"
    )
    with ThreadPoolExecutor(3) as pool:
        run = lambda _: subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=root_dir, capture_output=True, text=True)  # noqa: E731
        for done in pool.map(run, range(3)):
            assert done.returncode == 0, done.stderr


def test_a_database_of_a_newer_program_is_left_alone(empty, tmp_path):
    settings = AppSettings(data_dir=tmp_path)
    upgrade(empty.engine, settings)
    with empty.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(InputError, match="newer Belcanto"):
        upgrade(empty.engine, settings)


def test_titles_of_before_are_found_without_accents(empty, tmp_path):
    upgrade(empty.engine, AppSettings(data_dir=tmp_path))
    with empty.session() as session, writing(session):
        person = Person(id=new_id())
        session.add(person)
        session.flush()
        picture = {"file_name": "a.png", "size_bytes": 1, "sha256": "0" * 64, "mime": "image/png", "faces": [], "thumb_name": "a"}
        session.add(Picture(person_id=person.id, title="Frau Müller", search_text="frau müller", width=1, height=1, **picture))
        values = {"options": {"text": "Grüße"}, "order_key": new_id(), "files": {}, "search_text": "ton"}
        session.add(Work(person_id=person.id, kind="text_to_film", title="Tön", **values))
    move(empty, "0009")
    move(empty, "head")
    with empty.session() as session:
        assert session.query(Picture).one().search_text == "frau muller frau mueller"
        work = session.query(Work).one()
        assert work.search_text == "ton toen" and work.words_text == "grusse gruesse"
